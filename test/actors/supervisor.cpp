#define CAF_SUITE actors.supervisor
#include "test/support/unit_test.hpp"

#include "test/actors/supervisor.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace actors;

CAF_TEST_FIXTURE_SCOPE(supervisor_tests, supervisor_fixture)

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

CAF_TEST(children come back whatever the reason of their end) {
  auto a = add("a");
  auto b = add("b");
  start();
  end("a", caf::exit_reason::normal);
  end("b", caf::exit_reason::kill);
  pass(200ms);
  CAF_CHECK_EQUAL(a->starts, 2);
  CAF_CHECK_EQUAL(b->starts, 2);
}

CAF_TEST(the failure of one child leaves the others alone) {
  auto a = add("a");
  auto b = add("b");
  start();
  crash("a");
  pass(100ms);
  CAF_CHECK_EQUAL(a->starts, 2);
  CAF_CHECK_EQUAL(b->starts, 1);
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

CAF_TEST(failures after stable runs that are further apart than the period are repaired for ever) {
  auto a = add("a");
  options.period = 2s;
  options.stable_after = 1s;
  start();
  for (int i = 0; i < 20; ++i) {
    crash("a");
    pass(1s);
    pass(1s);
  }
  CAF_CHECK(!ended(aut));
  CAF_CHECK_EQUAL(a->starts, 21);
}

CAF_TEST(with the default settings a child that fails at every start ends the supervisor) {
  by_default();
  auto a = add("a");
  start();
  for (int i = 0; i < 20 && !ended(aut); ++i) {
    crash("a");
    pass(36s); // the longest back off
  }
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(a->starts, 11);
}

CAF_TEST(with the default settings a child that hangs at every start ends the supervisor) {
  by_default();
  auto a = add("a");
  a->answers = false;
  start();
  for (int i = 0; i < 3600 && !ended(aut); ++i) pass(1s);
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(a->starts, 11);
}

CAF_TEST(with the default settings a child with stable runs between its failures is repaired for ever) {
  by_default();
  auto a = add("a");
  start();
  for (int i = 0; i < 30; ++i) {
    pass(61s);
    if (i % 2 == 0) {
      crash("a");
    } else {
      a->answers = false;
      for (int j = 0; j < 36; ++j) pass(1s); // a ping and its time
      a->answers = true;
    }
    pass(36s);
  }
  CAF_CHECK(!ended(aut));
  CAF_CHECK_EQUAL(a->starts, 31);
}

CAF_TEST(the time until a child counts as hung is no stable run) {
  by_default();
  options.stable_after = 10s;
  auto a = add("a");
  a->answers = false;
  start();
  for (int i = 0; i < 3600 && !ended(aut); ++i) pass(1s);
  CAF_CHECK(ended(aut));
}

CAF_TEST(a supervisor whose child supervisor has reached its limit ends too) {
  by_default();
  auto inner = add("inner");
  supervisor_plan branch{options, specs};
  branch.options.path = "top/branch";
  child_spec c;
  c.name = "branch";
  c.start = [branch, env = env](caf::actor_system& s) -> supervised_actor {
    return s.spawn(supervisor, env, branch.options, branch.children);
  };
  specs = {c};
  start();
  crash("branch"); // which is a failure like any other
  pass(100s);
  CAF_CHECK(!ended(aut));
  CAF_CHECK_EQUAL(inner->starts, 2);
  for (int i = 0; i < 20 && !ended(aut); ++i) {
    crash("branch/inner");
    pass(36s);
  }
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(inner->starts, 12);
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

CAF_TEST(who has not answered for how long is known while it runs and forgotten when it ends) {
  const auto silence = [&] {
    const auto x = env->signs.longest_silence(sys.clock().now());
    return x ? x->path + " " + std::to_string(x->duration / 1ms) : "nobody";
  };
  auto a = add("a");
  options.ping_interval = 1s;
  options.hang_timeout = 5s;
  start();
  for (int i = 0; i < 4; ++i) pass(500ms);
  CAF_CHECK_EQUAL(silence(), "top/a 0");
  a->answers = false;
  for (int i = 0; i < 6; ++i) pass(500ms);
  CAF_CHECK_EQUAL(silence(), "top/a 3000");
  for (int i = 0; i < 6; ++i) pass(500ms); // it is replaced
  CAF_CHECK_EQUAL(silence(), "nobody");
  a->answers = true;
  pass(100ms);
  CAF_CHECK_EQUAL(silence(), "top/a 0");
  a->ends_on_stop = false;
  stop(aut);
  CAF_CHECK(!ended(aut));
  CAF_CHECK_EQUAL(silence(), "nobody"); // it has a deadline instead
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

CAF_TEST(what becomes of a child can be seen without asking) {
  using phase = runtime::component_notice::phase;
  const auto notice = [&] { return env->notices.components.all().at("top/a"); };
  auto a = add("a");
  start();
  CAF_CHECK(notice().now == phase::running && notice().restarts == 0 && notice().cause.empty());
  kill("top/a");
  CAF_CHECK(notice().now == phase::restarting && notice().restarts == 1);
  CAF_CHECK_EQUAL(notice().cause, "killed");
  CAF_CHECK(notice().failed_at != caf::timestamp{});
  pass(100ms);
  CAF_CHECK(notice().now == phase::running);
  a->answers = false;
  pass(options.ping_interval);
  pass(options.hang_timeout);
  CAF_CHECK_EQUAL(notice().hangs, 1u);
  CAF_CHECK_EQUAL(notice().restarts, 2u);
  caf::anon_send(aut, supervisor_plan_ptr{std::make_shared<supervisor_plan>(supervisor_plan{options, {}})});
  consume_messages();
  CAF_CHECK_EQUAL(env->notices.components.all().size(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
