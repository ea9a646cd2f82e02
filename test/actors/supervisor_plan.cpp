#define CAF_SUITE actors.supervisor_plan
#include "test/support/unit_test.hpp"

#include "test/actors/supervisor.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace actors;

CAF_TEST_FIXTURE_SCOPE(supervisor_plan_tests, supervisor_fixture)

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

CAF_TEST(where the state outlives the child its replacement waits for no clean end) {
  auto a = add("a");
  a->ends_on_stop = false;
  spec("a").replaced_without_draining = true;
  start();
  spec("a").version = "2";
  follow();
  CAF_CHECK_EQUAL(events, (texts{"start a"}));
  CAF_CHECK_EQUAL(a->starts, 2);
  a->ends_on_stop = true;
  remove("a"); // with nobody to go on the end is a clean one
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
