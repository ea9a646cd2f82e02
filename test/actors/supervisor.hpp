// A supervisor with children that do as the test says.
#pragma once

#include "actors/supervised.hpp"
#include "actors/supervisor.hpp"

#include "test/support/actor_fixture.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::test {

using namespace std::chrono_literals;
using namespace actors;

struct probe {
  int starts = 0;
  bool answers = true;
  bool ends_on_stop = true;
  std::vector<std::string>* events = nullptr;
  std::string name;
};

inline supervised_actor::behavior_type child(supervised_actor::pointer self, std::shared_ptr<probe> x) {
  ++x->starts;
  if (x->events) x->events->push_back("start " + x->name);
  self->set_exit_handler([self, x](caf::exit_msg& em) {
    if (x->events) x->events->push_back("stop " + x->name);
    if (x->ends_on_stop) self->quit(em.reason);
  });
  return {
      [self, x](caf::ping_atom) -> caf::result<caf::pong_atom> {
        if (x->answers) return caf::pong_atom_v;
        return self->make_response_promise<caf::pong_atom>(); // never answered
      },
      crash_on_request(),
  };
}

struct supervisor_fixture : actor_fixture {
  supervisor_options options;
  std::vector<child_spec> specs;
  std::vector<std::string> events;
  supervisor_actor aut;

  supervisor_fixture() {
    options.path = "top";
    options.backoff = {100ms, 1000ms, 0};
    options.max_restarts = 3;
  }

  /// With what the program runs with if nothing else is configured.
  void by_default() {
    options = {};
    options.path = "top";
  }

  std::shared_ptr<probe> add(std::string name) {
    auto x = std::make_shared<probe>();
    x->name = name;
    x->events = &events;
    child_spec c;
    c.name = std::move(name);
    c.start = [x](caf::actor_system& s) { return s.spawn(child, x); };
    c.stop_timeout = 500ms;
    specs.push_back(std::move(c));
    return x;
  }

  void start() {
    aut = named("top", sys.spawn(supervisor, env, options, specs));
    consume_messages();
  }

  child_spec& spec(const std::string& name) {
    return *std::find_if(specs.begin(), specs.end(), [&](const auto& x) { return x.name == name; });
  }
  void remove(const std::string& name) {
    specs.erase(std::find_if(specs.begin(), specs.end(), [&](const auto& x) { return x.name == name; }));
  }
  /// Makes what is in `specs` the plan.
  void follow() {
    events.clear();
    caf::anon_send(aut,
                   supervisor_plan_ptr{std::make_shared<supervisor_plan>(supervisor_plan{options, specs})});
    consume_messages();
  }

  void crash(const std::string& name) {
    caf::anon_send(caf::actor_cast<caf::actor>(env->names.find("top/" + name)), runtime::provocation{});
    consume_messages();
  }
  void end(const std::string& name, caf::exit_reason reason) {
    caf::anon_send_exit(caf::actor_cast<caf::actor>(env->names.find("top/" + name)), reason);
    consume_messages();
  }
  bool there(const std::string& name) { return env->names.find("top/" + name) != nullptr; }
};

using texts = std::vector<std::string>;

} // namespace senseflow::test
