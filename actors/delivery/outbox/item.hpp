// A publication that the outbox holds in memory.
#pragma once

#include "messages/publication.hpp"
#include "messages/shared.hpp"

#include <cstdint>
#include <map>

namespace senseflow::actors {

struct outbox_item {
  enum class saved : uint8_t { no, asked, yes }; ///< asked: in a transaction on its way

  messages::shared<messages::publication> content;
  int64_t accepted_ms = 0; ///< Unix time
  uint32_t returns = 0;    ///< how often a connection ended while it was on its way
  saved on_disk = saved::no;
  uint64_t arrived = 0; ///< bit n: its message n was acknowledged; not on disk
  bool again = false;   ///< was published before, and goes out once more on request; not on disk
  bool sent = false;    ///< before, and nobody knows what became of that; not on disk

  /// Whether the broker may have it, or a part of it, though it is still here.
  bool may_have_arrived() const { return sent || arrived != 0; }

  bool is_state() const { return messages::is_state(content->cls); }
};

using outbox_queue = std::map<uint64_t, outbox_item>; ///< by id

} // namespace senseflow::actors
