#include "actors/cluster/passed_events.hpp"

namespace senseflow::actors {

void passed_events::add(messages::user_event x) {
  if (!feed_->is_open()) return;
  std::lock_guard lock{mutex_};
  if (waiting_.user_events.size() < most)
    waiting_.user_events.push_back(std::move(x));
  else
    ++skipped_;
}

passed_events::outcome passed_events::show() {
  std::lock_guard lock{mutex_};
  outcome result{false, std::exchange(skipped_, 0)};
  const auto n = waiting_.size();
  if (n == 0) return result;
  const auto became = feed_->offer(
      {{source_, ++last_number_}, messages::shared<messages::item_list>{std::exchange(waiting_, {})}});
  result.wake = became == insight_feed::outcome::first;
  if (became == insight_feed::outcome::skipped) result.skipped += n;
  return result;
}

} // namespace senseflow::actors
