#include "actors/ingest/rejection_log.hpp"

#include <utility>

namespace senseflow::actors {

rejection_log::entry& rejection_log::find(std::string key) {
  const auto i = by_key_.find(key);
  if (i != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, i->second);
    return entries_.front();
  }
  if (entries_.size() >= options_.senders) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({key, std::nullopt, 0});
  by_key_.emplace(std::move(key), entries_.begin());
  return entries_.front();
}

std::optional<uint64_t> rejection_log::note(std::string_view from, std::string_view reason, time_point now) {
  auto& x = find((std::string{from} += ' ') += reason);
  if (now - minute_ >= std::chrono::minutes(1)) {
    minute_ = now;
    lines_ = 0;
  }
  const bool due = !x.told || now - *x.told >= options_.interval;
  if (!due || lines_ >= options_.per_minute) {
    ++x.untold;
    return std::nullopt;
  }
  ++lines_;
  x.told = now;
  return std::exchange(x.untold, 0);
}

} // namespace senseflow::actors
