#include "actors/delivery/outbox/spool_tasks.hpp"

namespace senseflow::actors {

using saved = outbox_item::saved;

void spool_tasks::ended(uint64_t id, const outbox_item& x) {
  if (x.on_disk == saved::yes)
    to_remove_.push_back(id);
  else
    --unsaved_of(x); // an asked one is removed when its commit is answered
}

std::pair<uint64_t, uint32_t> spool_tasks::next_write() {
  std::pair<uint64_t, uint32_t> result = *to_write_.begin();
  to_write_.erase(to_write_.begin());
  return result;
}

void spool_tasks::remove_again(const std::vector<uint64_t>& ids) {
  to_remove_.insert(to_remove_.end(), ids.begin(), ids.end());
}

void spool_tasks::record(messages::retained_topic x) {
  auto topic = x.topic;
  topics_.insert_or_assign(std::move(topic), std::move(x));
}

std::vector<messages::retained_topic> spool_tasks::take_topics() {
  std::vector<messages::retained_topic> result;
  for (auto& [topic, x] : std::exchange(topics_, {})) result.push_back(std::move(x));
  return result;
}

void spool_tasks::record_again(const std::vector<messages::retained_topic>& failed) {
  for (const auto& x : failed) topics_.emplace(x.topic, x); // unless there is news of it
}

bool spool_tasks::written(outbox_item& x) {
  if (x.on_disk != saved::asked) return false;
  x.on_disk = saved::yes;
  --unsaved_of(x);
  return true;
}

bool spool_tasks::not_written(outbox_item& x) {
  if (x.on_disk != saved::asked) return false;
  x.on_disk = saved::no;
  return true;
}

bool spool_tasks::lost(outbox_item& x) {
  if (x.on_disk != saved::yes) return false;
  x.on_disk = saved::no;
  ++unsaved_of(x);
  return true;
}

std::vector<uint64_t> spool_tasks::at_risk(const by_class& at_sources,
                                           const std::vector<messages::spool_entry>& writes) const {
  auto result = at_sources;
  for (size_t c = 0; c < result.size(); ++c) result[c] += unsaved_[c];
  for (const auto& e : writes) --result[static_cast<size_t>(e.content->cls)];
  for (size_t c = 0; c < result.size(); ++c)
    if (messages::is_state(static_cast<messages::item_class>(c))) result[c] = 0;
  return {result.begin(), result.end()};
}

} // namespace senseflow::actors
