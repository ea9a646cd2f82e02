#include "actors/delivery/outbox/lane.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {
constexpr size_t few_events = 250; ///< sendable: time to read on
} // namespace

outbox_item* outbox_lane::find(uint64_t id) {
  if (auto i = sendable.find(id); i != sendable.end()) return &i->second;
  if (auto i = to_write.find(id); i != to_write.end()) return &i->second;
  return nullptr;
}

void outbox_lane::pause(const outbox_item& x, time_point until) {
  auto& hold = x.is_state() ? hold_states_until : hold_until;
  hold = std::max(hold, until);
}

void outbox_lane::may_be_sent(outbox_queue::iterator i) {
  read_up_to = std::max(read_up_to, i->first); // on disk, or in a commit that is still to be answered
  sendable.insert(sendable.end(), to_write.extract(i));
}

void outbox_lane::stays_on_disk(outbox_queue::iterator i) {
  to_write.erase(i);
  ++on_disk;
}

bool outbox_lane::wants_to_read(time_point now) const {
  return on_disk > 0 && sendable.size() <= few_events && now >= hold_until && now >= read_again;
}

bool outbox_lane::reads_on_with(uint64_t id) const {
  return id > read_up_to && on_disk > 0 && (to_write.empty() || id < to_write.begin()->first);
}

void outbox_lane::read_back(uint64_t id, outbox_item x) {
  read_up_to = id;
  --on_disk;
  sendable.emplace_hint(sendable.end(), id, std::move(x));
}

bool outbox_lane::lost_on_disk(uint64_t id) {
  if (id <= read_up_to || on_disk == 0) return false;
  --on_disk;
  return true;
}

} // namespace senseflow::actors
