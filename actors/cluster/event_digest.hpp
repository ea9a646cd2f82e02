// What nodes that share events tell each other of them, over MQTT: <base>senseflow/cluster/<name>/digests/<node>.
//
// Binary, all numbers big-endian:
//   1 byte   format (1)
//   8 bytes  incarnation of the sender: another one after each of its starts
//   8 bytes  number: 1, 2, … of this incarnation; one that is not greater than the last is a repetition
//   then for each event
//   1 byte   1 = published, 2 = published long after it had come (no copy is on its way any more),
//            3 = accepted (in its outbox, the broker is slow), 4 = abandoned (accepted, and lost)
//   8 bytes  hash of the datagram
//   4 bytes  the how-many-th of this hash
// A digest without events says that the sender lives, and that what it has accepted is still on its way.
#pragma once

#include "actors/cluster/cluster_view.hpp"
#include "messages/items/event_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::actors {

enum class event_fate : uint8_t { published = 1, published_late = 2, accepted = 3, abandoned = 4 };

struct event_digest {
  static constexpr size_t most_events = 4000; ///< 52 KB

  struct entry {
    event_fate what = event_fate::published;
    messages::event_id event;
  };

  uint64_t incarnation = 0;
  uint64_t number = 0;
  std::vector<entry> events;
};

std::string to_bytes(const event_digest& x);

enum class digest_fault : uint8_t { none, other_format, malformed };
struct read_digest_result {
  event_digest digest;
  digest_fault fault = digest_fault::none;
};
/// Whatever the bytes are. An event that can't be is left out.
read_digest_result read_digest(std::string_view bytes);

} // namespace senseflow::actors
