#include "runtime/wiring/branch.hpp"

#include "actors/supervisor.hpp"
#include "runtime/wiring/options.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace senseflow::runtime {

actors::child_spec branch(const actors::context_ptr& env, const config::settings& settings, std::string name,
                          actors::stop_order stop, std::vector<actors::child_spec> children) {
  auto options = supervision(settings, name);
  options.stop = stop;
  // Longer than its children need: a branch is killed only when its supervisor itself does not answer.
  std::chrono::milliseconds patience = std::chrono::seconds(5);
  for (const auto& x : children) {
    const auto own = x.stop_timeout + std::chrono::seconds(1);
    patience = stop == actors::stop_order::reverse ? patience + own : std::max(patience, own);
  }
  auto plan =
      std::make_shared<const actors::supervisor_plan>(actors::supervisor_plan{options, std::move(children)});
  actors::child_spec result{std::move(name),
                            [env, plan](caf::actor_system& sys) {
                              return sys.spawn(actors::supervisor, env, plan->options, plan->children);
                            },
                            patience};
  result.adapt = [plan](const actors::supervised_actor& running) {
    caf::anon_send(caf::actor_cast<actors::supervisor_actor>(running), plan);
  };
  return result;
}

} // namespace senseflow::runtime
