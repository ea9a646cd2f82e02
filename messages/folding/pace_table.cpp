#include "messages/folding/pace_table.hpp"

#include <algorithm>

namespace senseflow::messages {

pace_table::pace_table(size_t places) : places_(std::max(places / ways, size_t{1}) * ways) {}

pace_table::pace pace_table::arrived(uint64_t hash, uint32_t rate, time_point now) {
  using namespace std::chrono_literals;
  const auto step = std::chrono::nanoseconds(1s) / rate;
  auto* const first = &places_[hash % (places_.size() / ways) * ways];
  place* room = nullptr;
  for (auto* p = first; p != first + ways; ++p) {
    if (p->busy_until <= now) {
      room = p;
    } else if (p->hash == hash) {
      const auto until = p->busy_until + step;
      p->busy_until = std::min(until, now + 1s + step); // a storm is over soon after its last event
      return until > now + 1s ? pace::fast : pace::slow;
    }
  }
  if (room == nullptr) return pace::unknown;
  *room = {hash, now + step};
  return pace::slow;
}

} // namespace senseflow::messages
