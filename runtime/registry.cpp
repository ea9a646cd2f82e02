#include "runtime/registry.hpp"

namespace senseflow::runtime {

void registry::put(const std::string& name, caf::strong_actor_ptr actor) {
  std::lock_guard lock{mutex_};
  actors_[name] = std::move(actor);
}

void registry::erase(const std::string& name, const caf::actor_addr& actor) {
  std::lock_guard lock{mutex_};
  auto i = actors_.find(name);
  if (i != actors_.end() && caf::actor_cast<caf::actor_addr>(i->second) == actor) actors_.erase(i);
}

caf::strong_actor_ptr registry::find(const std::string& name) const {
  std::lock_guard lock{mutex_};
  auto i = actors_.find(name);
  return i == actors_.end() ? nullptr : i->second;
}

std::vector<std::string> registry::names() const {
  std::lock_guard lock{mutex_};
  std::vector<std::string> result;
  for (const auto& [name, actor] : actors_) result.push_back(name);
  return result;
}

} // namespace senseflow::runtime
