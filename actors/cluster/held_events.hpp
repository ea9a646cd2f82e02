// Copies of events that another node is to publish, until it has, or until it is for this node to do so.
#pragma once

#include "messages/items/event_id.hpp"
#include "messages/items/log_event.hpp"
#include "messages/items/user_event.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

namespace senseflow::actors {

struct held_event {
  std::variant<messages::user_event, messages::log_event> event;
  size_t bytes = 0;                          ///< of memory, roughly
  std::chrono::steady_clock::duration due{}; ///< by the clock of the hold-back
  bool before_joining = false;               ///< it came when this node did not take part, yet
  std::string accepted_by = {};              ///< a node that is going to publish it: it is not due
  bool abandoned = false;                    ///< by the node that was to publish it
};

const std::string& origin_of(const held_event& x);

/// Not thread-safe. In the order of arrival.
class held_events {
public:
  explicit held_events(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  /// Whether there is room for one of this id.
  bool takes(const messages::event_id& id, size_t bytes) const;
  void put(const messages::event_id& id, held_event x);

  /// Copies of events of this origin.
  size_t of(const std::string& origin) const;

  /// Null: there is none.
  held_event* find(const messages::event_id& id);
  std::optional<held_event> take(const messages::event_id& id);

  /// What this node has said of events counts no more.
  void forget_promises(const std::string& node);

  /// Gives away all that it holds for.
  void take_if(const std::function<bool(const held_event&)>& p, const std::function<void(held_event&&)>& to);

  size_t size() const { return copies_.size(); }
  uint64_t bytes() const { return bytes_; }

private:
  struct copy {
    messages::event_id id;
    held_event what;
  };
  held_event remove(std::map<uint64_t, copy>::iterator i);

  uint64_t max_bytes_;
  uint64_t bytes_ = 0;
  uint64_t last_ = 0;
  std::map<uint64_t, copy> copies_; ///< numbered as they came
  std::unordered_map<messages::event_id, uint64_t, messages::event_id_hash> by_id_;
  std::unordered_map<std::string, size_t> by_origin_; ///< how many
};

} // namespace senseflow::actors
