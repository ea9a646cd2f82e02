#include "actors/poll_permit.hpp"

namespace senseflow::actors {

poll_permit::call::~call() {
  std::lock_guard lock{of_->mutex_};
  --of_->calls_;
}

poll_permit::clock::time_point poll_permit::call::deadline() const {
  std::lock_guard lock{of_->mutex_};
  if (of_->epoch_ == epoch_) return clock::time_point{clock::duration{of_->until_->load()}};
  return of_->last_epoch_ == epoch_ ? of_->last_certain_ : clock::time_point{};
}

// What becomes certain later is not for calls of this epoch.
void poll_permit::end_epoch() {
  if (epoch_ == 0) return;
  last_epoch_ = epoch_;
  last_certain_ = clock::time_point{clock::duration{until_->load()}};
  epoch_ = 0;
}

std::shared_ptr<poll_permit::call> poll_permit::begin(const std::shared_ptr<poll_permit>& p,
                                                      std::chrono::milliseconds at_least) {
  std::lock_guard lock{p->mutex_};
  const clock::time_point until{clock::duration{p->until_->load()}};
  // The clock is read last: what held us up before does not count.
  if (p->epoch_ == 0 || until - clock::now() < at_least) return nullptr;
  auto result = std::make_shared<call>(p, p->epoch_);
  ++p->calls_;
  return result;
}

void poll_permit::grant(uint64_t epoch, bool claimed) {
  std::lock_guard lock{mutex_};
  if (epoch_ == epoch) return;
  end_epoch();
  epoch_ = epoch;
  claimed_ = claimed;
}

bool poll_permit::claimed() const {
  std::lock_guard lock{mutex_};
  return claimed_;
}

void poll_permit::withdraw() {
  std::lock_guard lock{mutex_};
  end_epoch();
}

uint64_t poll_permit::epoch() const {
  std::lock_guard lock{mutex_};
  return epoch_;
}

uint32_t poll_permit::calls() const {
  std::lock_guard lock{mutex_};
  return calls_;
}

void poll_permit::next_call(std::chrono::steady_clock::time_point t) {
  std::lock_guard lock{mutex_};
  next_call_ = t;
}

bool poll_permit::has_room(std::chrono::steady_clock::time_point now, std::chrono::milliseconds room) const {
  std::lock_guard lock{mutex_};
  return next_call_ > now + room || next_call_ < now - room;
}

std::shared_ptr<poll_permit> poll_permits::of(const std::string& server) {
  std::lock_guard lock{mutex_};
  auto& result = permits_[server];
  if (!result) result = std::make_shared<poll_permit>(until_);
  return result;
}

std::map<std::string, uint64_t> poll_permits::granted() const {
  std::lock_guard lock{mutex_};
  std::map<std::string, uint64_t> result;
  for (const auto& [server, permit] : permits_)
    if (const auto epoch = permit->epoch(); epoch > 0) result.emplace(server, epoch);
  return result;
}

} // namespace senseflow::actors
