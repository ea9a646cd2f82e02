#include "actors/insight_feed.hpp"

#include <utility>

namespace senseflow::actors {

namespace {

/// What its memory is bounded by.
size_t weight_of(const messages::item_list& items) {
  auto result = items.size();
  for (const auto& x : items.sessions) result += x.sessions.size();
  return result;
}

} // namespace

void insight_feed::close() {
  open_ = false;
  take();
}

insight_feed::outcome insight_feed::offer(const messages::item_batch& batch) {
  const auto& items = *batch.items;
  if (items.insights.size() == items.size()) return outcome::ignored; // the analyst's own
  const auto weight = weight_of(items);
  std::lock_guard lock{mutex_};
  if (!is_open()) return outcome::ignored;
  // One that is too large by itself has its turn when nothing else waits.
  if (!batches_.empty() && waiting_ + weight > max_waiting_) return outcome::skipped;
  waiting_ += weight;
  batches_.push_back(batch);
  return batches_.size() == 1 ? outcome::first : outcome::waits;
}

std::vector<messages::item_batch> insight_feed::take() {
  std::lock_guard lock{mutex_};
  waiting_ = 0;
  return std::exchange(batches_, {});
}

} // namespace senseflow::actors
