// Registered names: how an actor finds its neighbour again after that one was restarted.
#pragma once

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Thread-safe. Supervisors put and erase; everybody looks up, and monitors what was found. Names are the
/// children's paths in the supervision tree, e.g. "delivery/outbox".
class registry {
public:
  void put(const std::string& name, caf::strong_actor_ptr actor);

  /// Does nothing if the name belongs to another actor by now.
  void erase(const std::string& name, const caf::actor_addr& actor);

  caf::strong_actor_ptr find(const std::string& name) const;

  /// A null handle when nobody has the name. The caller answers for `Handle` being right.
  template <class Handle>
  Handle find_as(const std::string& name) const {
    return caf::actor_cast<Handle>(find(name));
  }

  std::vector<std::string> names() const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, caf::strong_actor_ptr> actors_;
};

} // namespace senseflow::runtime
