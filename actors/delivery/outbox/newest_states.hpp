// State that waits to be sent: of each topic only the newest, in the place of the oldest.
#pragma once

#include "actors/delivery/outbox/item.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace senseflow::actors {

/// Not thread-safe.
class newest_states {
public:
  bool empty() const { return waiting_.empty(); }
  size_t size() const { return waiting_.size(); }
  uint64_t first_id() const { return waiting_.begin()->first; }
  const outbox_item& first() const { return waiting_.begin()->second; }

  /// What gives way, if anything does: an older value, whose turn `x` gets, so that nobody waits for ever;
  /// or `x`, if it comes back from a publisher while there is news already.
  std::optional<outbox_item> put(uint64_t id, outbox_item x) {
    auto [newest, is_first] = topics_.try_emplace(x.content->replaces.str(), id);
    if (is_first) {
      waiting_.emplace(id, std::move(x));
      return std::nullopt;
    }
    if (id > newest->second) std::swap(waiting_.find(newest->second)->second, x);
    return x;
  }

  outbox_queue::node_type take_first() {
    topics_.erase(first().content->replaces.str());
    return waiting_.extract(waiting_.begin());
  }

private:
  outbox_queue waiting_;
  std::unordered_map<std::string, uint64_t> topics_; ///< `replaces` -> the id under which it waits
};

} // namespace senseflow::actors
