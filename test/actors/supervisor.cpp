#define CAF_SUITE actors.supervisor
#include "actors/supervisor.hpp"
#include "actors/supervised.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using namespace actors;

namespace {

struct probe {
  int starts = 0;
  bool answers = true;
  bool ends_on_stop = true;
  std::vector<std::string>* events = nullptr;
  std::string name;
};

supervised_actor::behavior_type child(supervised_actor::pointer self, std::shared_ptr<probe> x) {
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

struct fixture : test::actor_fixture {
  supervisor_options options;
  std::vector<child_spec> specs;
  std::vector<std::string> events;
  supervisor_actor aut;

  fixture() {
    options.path = "top";
    options.backoff = {100ms, 1000ms, 0};
    options.max_restarts = 3;
  }

  std::shared_ptr<probe> add(std::string name, restart_type restart = restart_type::permanent) {
    auto x = std::make_shared<probe>();
    x->name = name;
    x->events = &events;
    child_spec c;
    c.name = std::move(name);
    c.start = [x](caf::actor_system& s) { return s.spawn(child, x); };
    c.restart = restart;
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
    caf::anon_send(caf::actor_cast<caf::actor>(env->names.find("top/" + name)), crash_atom_v);
    consume_messages();
  }
  void end(const std::string& name, caf::exit_reason reason) {
    caf::anon_send_exit(caf::actor_cast<caf::actor>(env->names.find("top/" + name)), reason);
    consume_messages();
  }
  bool there(const std::string& name) { return env->names.find("top/" + name) != nullptr; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervisor_tests, fixture)

CAF_TEST(children start in order and are registered under their path) {
  add("a");
  add("b");
  start();
  CAF_CHECK_EQUAL(events, (std::vector<std::string>{"start a", "start b"}));
  CAF_CHECK(there("a"));
  CAF_CHECK(there("b"));
}

CAF_TEST(a crashed child is replaced after its back off and not before) {
  auto a = add("a");
  start();
  crash("a");
  CAF_CHECK(!there("a"));
  pass(99ms);
  CAF_CHECK_EQUAL(a->starts, 1);
  pass(1ms);
  CAF_CHECK_EQUAL(a->starts, 2);
  CAF_CHECK(there("a"));
  CAF_CHECK_EQUAL(env->counters.value("restarts_total", {{"child", "top/a"}}), 1);
}

CAF_TEST(the back off doubles and is reset by a stable run) {
  auto a = add("a");
  options.max_restarts = 10;
  options.stable_after = 10s;
  options.period = 100s;
  start();
  crash("a");
  pass(100ms);
  crash("a");
  pass(199ms);
  CAF_CHECK_EQUAL(a->starts, 2);
  pass(1ms);
  CAF_CHECK_EQUAL(a->starts, 3);
  pass(10s);
  crash("a");
  pass(100ms);
  CAF_CHECK_EQUAL(a->starts, 4);
}

CAF_TEST(permanent children always come back and transient ones after an abnormal end only) {
  auto p = add("p");
  auto t = add("t", restart_type::transient);
  auto n = add("n", restart_type::temporary);
  start();
  end("p", caf::exit_reason::normal);
  end("t", caf::exit_reason::normal);
  end("n", caf::exit_reason::kill);
  pass(200ms);
  CAF_CHECK_EQUAL(p->starts, 2);
  CAF_CHECK_EQUAL(t->starts, 1);
  CAF_CHECK_EQUAL(n->starts, 1);
}

CAF_TEST(a transient child comes back after a crash) {
  auto t = add("t", restart_type::transient);
  start();
  crash("t");
  pass(200ms);
  CAF_CHECK_EQUAL(t->starts, 2);
}

CAF_TEST(one for one leaves the others alone) {
  auto a = add("a");
  auto b = add("b");
  start();
  crash("a");
  pass(100ms);
  CAF_CHECK_EQUAL(a->starts, 2);
  CAF_CHECK_EQUAL(b->starts, 1);
}

CAF_TEST(rest for one restarts the failed child and those after it in order) {
  options.strategy = restart_strategy::rest_for_one;
  auto a = add("a");
  auto b = add("b");
  auto c = add("c");
  start();
  events.clear();
  crash("b");
  CAF_CHECK(there("a"));
  CAF_CHECK(!there("c"));
  pass(100ms);
  CAF_CHECK_EQUAL(a->starts, 1);
  CAF_CHECK_EQUAL(events, (std::vector<std::string>{"stop c", "start b", "start c"}));
}

CAF_TEST(rest for one does not wait for a child that does not end) {
  options.strategy = restart_strategy::rest_for_one;
  add("a");
  auto b = add("b");
  b->ends_on_stop = false;
  start();
  auto stubborn = caf::actor_cast<caf::actor>(env->names.find("top/b"));
  crash("a");
  pass(100ms);
  CAF_CHECK_EQUAL(b->starts, 2);
  CAF_CHECK(ended(stubborn));
}

CAF_TEST(failures within the intensity are repaired and one more ends the supervisor and its children) {
  add("a");
  add("b");
  start();
  auto b = caf::actor_cast<caf::actor>(env->names.find("top/b"));
  for (int i = 0; i < 3; ++i) {
    crash("a");
    CAF_CHECK(!ended(aut));
    pass(1s);
  }
  crash("a");
  CAF_CHECK(ended(aut));
  CAF_CHECK(ended(b));
}

CAF_TEST(failures further apart than the period are repaired for ever) {
  auto a = add("a");
  options.period = 2s;
  start();
  for (int i = 0; i < 20; ++i) {
    crash("a");
    pass(1s);
  }
  CAF_CHECK(!ended(aut));
  CAF_CHECK_EQUAL(a->starts, 21);
}

CAF_TEST(a child that can not be started counts as failed) {
  int starts = 0;
  specs.push_back({"a", [&](caf::actor_system&) -> supervised_actor {
                     ++starts;
                     throw std::runtime_error("no");
                   }});
  start();
  pass(100ms);
  CAF_CHECK_EQUAL(starts, 2);
  pass(200ms);
  pass(400ms);
  CAF_CHECK_EQUAL(starts, 4);
  CAF_CHECK(ended(aut));
}

CAF_TEST(a child that does not answer its ping is killed and replaced) {
  auto a = add("a");
  a->answers = false;
  options.ping_interval = 1s;
  options.hang_timeout = 2s;
  start();
  auto first = caf::actor_cast<caf::actor>(env->names.find("top/a"));
  pass(1s);
  pass(1999ms);
  CAF_CHECK(!ended(first));
  pass(1ms);
  CAF_CHECK(ended(first));
  CAF_CHECK_EQUAL(env->counters.value("hangs_total", {{"child", "top/a"}}), 1);
  a->answers = true;
  pass(100ms);
  CAF_CHECK_EQUAL(a->starts, 2);
  for (int i = 0; i < 10; ++i) pass(1s);
  CAF_CHECK_EQUAL(a->starts, 2);
}

CAF_TEST(stopping goes in reverse order and waits for each child) {
  add("a");
  auto b = add("b");
  b->ends_on_stop = false;
  add("c");
  start();
  events.clear();
  stop(aut);
  pass(20ms);
  CAF_CHECK_EQUAL(events, (std::vector<std::string>{"stop c", "stop b"}));
  CAF_CHECK(!ended(aut));
  for (int i = 0; i < 30; ++i) pass(20ms); // b's time is over: it is killed, then a's turn comes
  CAF_CHECK_EQUAL(events, (std::vector<std::string>{"stop c", "stop b", "stop a"}));
  CAF_CHECK(ended(aut));
}

CAF_TEST(children that do not depend on each other stop together) {
  options.stop = stop_order::together;
  auto a = add("a");
  auto b = add("b");
  a->ends_on_stop = b->ends_on_stop = false;
  start();
  events.clear();
  stop(aut);
  CAF_CHECK_EQUAL(events.size(), 2u);
}

CAF_TEST(while stopping nobody is restarted) {
  auto a = add("a");
  auto b = add("b");
  b->ends_on_stop = false;
  start();
  stop(aut);
  crash("a");
  pass(100ms);
  CAF_CHECK_EQUAL(a->starts, 1);
}

CAF_TEST(a killed supervisor takes its children with it) {
  add("a");
  start();
  auto a = caf::actor_cast<caf::actor>(env->names.find("top/a"));
  kill_actor(aut);
  CAF_CHECK(ended(a));
}

CAF_TEST(it tells the status of its children) {
  add("a");
  add("b");
  start();
  crash("a");
  auto status = ask<std::vector<child_status>>(aut, status_atom_v);
  CAF_REQUIRE_EQUAL(status.size(), 2u);
  CAF_CHECK(!status[0].running);
  CAF_CHECK_EQUAL(status[0].restarts, 1u);
  CAF_CHECK(status[1].running);
}

using texts = std::vector<std::string>;

CAF_TEST(a new plan starts what is new and stops what is not wanted any more) {
  auto a = add("a");
  add("b");
  start();
  remove("b");
  add("c");
  follow();
  CAF_CHECK_EQUAL(events, (texts{"start c", "stop b"}));
  CAF_CHECK(there("a"));
  CAF_CHECK(!there("b"));
  CAF_CHECK(there("c"));
  CAF_CHECK_EQUAL(a->starts, 1);
  auto status = ask<std::vector<child_status>>(aut, status_atom_v);
  CAF_REQUIRE_EQUAL(status.size(), 2u);
  CAF_CHECK_EQUAL(status[0].name, "top/a");
  CAF_CHECK_EQUAL(status[1].name, "top/c");
  crash("c"); // looked after like the others
  pass(100ms);
  CAF_CHECK(there("c"));
}

CAF_TEST(a child with another version is replaced at once and that is no failure) {
  auto a = add("a");
  auto b = add("b");
  start();
  spec("b").version = "2";
  auto old = caf::actor_cast<caf::actor>(env->names.find("top/b"));
  follow();
  CAF_CHECK_EQUAL(events, (texts{"stop b", "start b"}));
  CAF_CHECK(ended(old));
  CAF_CHECK(there("b"));
  CAF_CHECK_EQUAL(a->starts, 1);
  CAF_CHECK_EQUAL(env->counters.sum("restarts_total"), 0);
  CAF_CHECK_EQUAL(env->counters.value("replacements_total", {{"child", "top/b"}}), 1);
  follow(); // the same again
  CAF_CHECK(events.empty());
  for (uint32_t i = 0; i < options.max_restarts; ++i) { // the whole intensity is still there
    crash("b");
    pass(1s);
  }
  CAF_CHECK(!ended(aut));
  CAF_CHECK(there("b"));
}

CAF_TEST(a replaced child starts from its new specification) {
  add("a");
  start();
  auto next = std::make_shared<probe>();
  spec("a").version = "2";
  spec("a").start = [next](caf::actor_system& s) { return s.spawn(child, next); };
  follow();
  CAF_CHECK_EQUAL(next->starts, 1);
  crash("a");
  pass(100ms);
  CAF_CHECK_EQUAL(next->starts, 2);
}

CAF_TEST(replaced and removed children stop one after the other in reverse order) {
  for (auto name : {"a", "b", "c", "d"}) add(name);
  auto c = std::make_shared<probe>();
  c->name = "c";
  c->events = &events;
  c->ends_on_stop = false;
  spec("c").start = [c](caf::actor_system& s) { return s.spawn(child, c); };
  start();
  remove("b");
  for (auto name : {"a", "c", "d"}) spec(name).version = "2";
  follow();
  CAF_CHECK_EQUAL(events, (texts{"stop d", "stop c", "start d"}));
  CAF_CHECK(there("b"));
  for (int i = 0; i < 30; ++i)
    pass(20ms); // c's time is over: it is killed, then the turn of the others comes
  CAF_CHECK_EQUAL(events, (texts{"stop d", "stop c", "start d", "stop b", "start c", "stop a", "start a"}));
}

CAF_TEST(children that do not depend on each other are replaced together) {
  options.stop = stop_order::together;
  add("a")->ends_on_stop = false;
  add("b");
  start();
  for (auto name : {"a", "b"}) spec(name).version = "2";
  follow();
  CAF_CHECK_EQUAL(events, (texts{"stop b", "stop a", "start b"}));
}

CAF_TEST(a child that is not wanted any more has more time but not for ever) {
  options.removal_timeout = 10s;
  add("a");
  add("b")->ends_on_stop = false;
  start();
  auto stubborn = caf::actor_cast<caf::actor>(env->names.find("top/b"));
  remove("b");
  follow();
  pass(9s);
  CAF_CHECK(!ended(stubborn));
  CAF_CHECK(there("b"));
  pass(1s);
  pass(20ms);
  CAF_CHECK(ended(stubborn));
  CAF_CHECK(!there("b"));
  CAF_CHECK_EQUAL(env->counters.sum("restarts_total"), 0);
}

CAF_TEST(stopping shortens the time of a child that is not wanted any more) {
  options.removal_timeout = 100s;
  add("a")->ends_on_stop = false;
  start();
  specs.clear();
  follow();
  stop(aut);
  pass(500ms);
  pass(20ms);
  CAF_CHECK(ended(aut));
}

CAF_TEST(an heir takes over without a clean end of its predecessor) {
  auto a = add("a");
  a->ends_on_stop = false;
  spec("a").heir = true;
  start();
  spec("a").version = "2";
  follow();
  CAF_CHECK_EQUAL(events, (texts{"start a"}));
  CAF_CHECK_EQUAL(a->starts, 2);
  a->ends_on_stop = true;
  remove("a"); // without an heir the end is a clean one
  follow();
  CAF_CHECK_EQUAL(events, (texts{"stop a"}));
}

CAF_TEST(a child that waits for its restart starts from the new specification then) {
  auto a = add("a");
  auto b = add("b");
  start();
  crash("a");
  crash("b");
  auto next = std::make_shared<probe>();
  spec("a").version = "2";
  spec("a").start = [next](caf::actor_system& s) { return s.spawn(child, next); };
  remove("b");
  follow();
  CAF_CHECK_EQUAL(next->starts, 0);
  pass(100ms);
  CAF_CHECK_EQUAL(next->starts, 1);
  CAF_CHECK_EQUAL(a->starts, 1);
  CAF_CHECK_EQUAL(b->starts, 1); // not wanted any more
}

CAF_TEST(a child that is wanted again while it stops is started again) {
  auto a = add("a");
  a->ends_on_stop = false;
  start();
  auto kept = specs;
  specs.clear();
  follow();
  specs = kept;
  follow();
  CAF_CHECK_EQUAL(a->starts, 1);
  pass(500ms);
  pass(20ms);
  CAF_CHECK_EQUAL(a->starts, 2);
  CAF_CHECK(there("a"));
}

CAF_TEST(the order of stopping follows the new plan) {
  add("a");
  add("b");
  start();
  std::swap(specs[0], specs[1]);
  add("c");
  follow();
  events.clear();
  stop(aut);
  pass(20ms);
  CAF_CHECK_EQUAL(events, (texts{"stop c", "stop a", "stop b"}));
}

CAF_TEST(a plan that comes while stopping is ignored) {
  add("a");
  add("b")->ends_on_stop = false;
  start();
  stop(aut);
  add("c");
  spec("a").version = "2";
  follow();
  CAF_CHECK(!there("c"));
  for (int i = 0; i < 30; ++i) pass(20ms);
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(events, (texts{"stop a"}));
}

CAF_TEST(the options of the new plan hold from now on) {
  auto a = add("a");
  start();
  options.backoff = {5000ms, 5000ms, 0};
  options.max_restarts = 1;
  follow();
  crash("a");
  pass(4s);
  CAF_CHECK_EQUAL(a->starts, 1);
  pass(1s);
  CAF_CHECK_EQUAL(a->starts, 2);
  crash("a");
  CAF_CHECK(ended(aut));
}

CAF_TEST(with rest for one those after a replaced child are replaced with it) {
  options.strategy = restart_strategy::rest_for_one;
  for (auto name : {"a", "b", "c"}) add(name);
  start();
  spec("b").version = "2";
  follow();
  CAF_CHECK_EQUAL(events, (texts{"stop c", "stop b", "start b", "start c"}));
}

CAF_TEST(with rest for one nobody waits for the restart of a child that was removed) {
  options.strategy = restart_strategy::rest_for_one;
  for (auto name : {"a", "b"}) add(name);
  start();
  crash("a");
  CAF_CHECK(!there("b"));
  remove("a");
  follow();
  CAF_CHECK(there("b"));
}

CAF_TEST(a child supervisor is told of its new plan instead of being replaced) {
  auto inner = std::make_shared<probe>();
  inner->name = "inner";
  inner->events = &events;
  auto branch = [&](const std::string& version) {
    supervisor_plan plan{options, {}};
    plan.options.path = "top/branch";
    child_spec x;
    x.name = "inner";
    x.version = version;
    x.start = [inner](caf::actor_system& s) { return s.spawn(child, inner); };
    plan.children = {x};
    child_spec c;
    c.name = "branch";
    c.start = [plan, env = env](caf::actor_system& s) -> supervised_actor {
      return s.spawn(supervisor, env, plan.options, plan.children);
    };
    c.adapt = [told = std::make_shared<const supervisor_plan>(plan)](const supervised_actor& who) {
      caf::anon_send(caf::actor_cast<supervisor_actor>(who), told);
    };
    return c;
  };
  specs = {branch("1")};
  start();
  auto who = env->names.find("top/branch");
  specs = {branch("2")};
  follow();
  CAF_CHECK(env->names.find("top/branch") == who);
  CAF_CHECK_EQUAL(events, (texts{"stop inner", "start inner"}));
  crash("branch"); // and starts from the new one if it fails
  pass(100ms);
  events.clear();
  follow();
  CAF_CHECK(events.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
