// Actors that tell what they do with their time: two looks at the clock per turn on a thread, however many
// messages are handled in it, and an addition per message.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/resumable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace senseflow::actors {

/// `Base` is a stateful actor.
template <class Base>
class measured : public Base {
public:
  using behavior_type = typename Base::behavior_type;

  measured(caf::actor_config& cfg, std::shared_ptr<runtime::work_meter> work,
           std::function<behavior_type(Base*)> begin)
      : Base(cfg), work_(std::move(work)), begin_(std::move(begin)) {}

  caf::resumable::resume_result resume(caf::execution_unit* host, size_t most) override {
    const auto began = std::chrono::steady_clock::now();
    const auto result = Base::resume(host, most);
    work_->busy(std::chrono::steady_clock::now() - began);
    return result;
  }

  using Base::consume;
  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    work_->message();
    return Base::consume(x);
  }

protected:
  behavior_type make_behavior() override { return std::exchange(begin_, nullptr)(this); }

private:
  std::shared_ptr<runtime::work_meter> work_;
  std::function<behavior_type(Base*)> begin_;
};

/// Starts `f(self, env, xs...)`, whose work is in the meter of that name.
template <class Behavior, class Base, class... Params, class... Ts>
std::function<supervised_actor(caf::actor_system&)>
measured_start(std::string name, Behavior (*f)(Base*, context_ptr, Params...), context_ptr env, Ts... xs) {
  return [=](caf::actor_system& system) -> supervised_actor {
    std::function<Behavior(Base*)> begin = [=](Base* self) { return f(self, env, xs...); };
    return system.spawn<measured<Base>>(env->meters.of(name), std::move(begin));
  };
}

} // namespace senseflow::actors
