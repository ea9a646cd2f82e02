// The actors that a supervisor has started and that have not ended yet.
#pragma once

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <map>
#include <mutex>

namespace senseflow::actors {

/// High priority: it must not wait behind a full mailbox.
inline void kill(const caf::actor_addr& address) {
  if (auto actor = caf::actor_cast<caf::actor>(address))
    caf::anon_send<caf::message_priority::high>(actor, caf::exit_msg{address, caf::exit_reason::kill});
}

/// Thread-safe, and outlives the supervisor: when that one ends, whatever the reason, they are killed.
class running_children {
public:
  void add(const caf::actor_addr& child) {
    std::lock_guard lock{mutex_};
    children_[child.id()] = child;
  }
  void remove(const caf::actor_addr& child) {
    std::lock_guard lock{mutex_};
    children_.erase(child.id());
  }
  void kill_all() const {
    std::lock_guard lock{mutex_};
    for (const auto& [id, address] : children_) kill(address);
  }

private:
  mutable std::mutex mutex_;
  std::map<caf::actor_id, caf::actor_addr> children_;
};

} // namespace senseflow::actors
