#define CAF_SUITE actors.admin.admin
#include "actors/admin/admin.hpp"
#include "actors/supervised.hpp"

#include "test/support/http_get.hpp"
#include "test/support/logged.hpp"
#include "test/support/node_facts.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;

namespace {

struct fixture : test::actor_fixture {
  /// Looked at until the last actor has ended.
  struct shown {
    runtime::facts now = test::healthy_node();
    int looks = 0;
  };
  std::shared_ptr<shown> node = std::make_shared<shown>();
  admin_options options;
  admin_actor aut;

  fixture() {
    options.server.port = 0;
    const auto watch = std::make_shared<runtime::status_watch>([node = node] {
      ++node->looks;
      node->now.when = std::chrono::steady_clock::now();
      return node->now;
    });
    options.look = [watch] { return watch->look(); };
  }
  void start() {
    aut = named("admin/server", sys.spawn(admin, env, options));
    consume_messages();
  }
  admin_state& state() { return deref<admin_actor::stateful_base<admin_state>>(aut).state; }
  uint16_t port() { return state().server->port(); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(admin_tests, fixture)

CAF_TEST(it looks at the node at once and then at every interval and shows what it saw) {
  start();
  CAF_CHECK_EQUAL(node->looks, 1);
  CAF_CHECK_EQUAL(test::http_get(port(), "/ready").status, 200);
  node->now.phase = runtime::service_phase::stopping;
  pass(1s);
  CAF_CHECK_EQUAL(node->looks, 2);
  CAF_CHECK_EQUAL(test::http_get(port(), "/ready").status, 503);
  CAF_CHECK_EQUAL(test::http_get(port(), "/live").status, 200);
}

CAF_TEST(whoever asks does not wait for the actor) {
  start();
  for (int i = 0; i < 10; ++i) caf::anon_send(aut, caf::tick_atom_v); // nothing handles them
  CAF_CHECK_EQUAL(test::http_get(port(), "/health").status, 200);
  CAF_CHECK_EQUAL(node->looks, 1);
}

CAF_TEST(counters are those of the moment) {
  start();
  env->counters.count("polls_total", {{"server", "a"}}, 5);
  const auto x = test::http_get(port(), "/metrics");
  CAF_CHECK(x.body.find("senseflow_polls_total{server=\"a\"} 5\n") != x.body.npos);
}

CAF_TEST(a port that somebody else has is one line in the log and is tried again) {
  start();
  const test::logged log;
  auto second = options;
  second.server.port = port();
  auto other = keep(sys.spawn(admin, env, second));
  consume_messages();
  for (int i = 0; i < 10; ++i) pass(30s);
  CAF_CHECK(!ended(other));
  CAF_CHECK_EQUAL(log.lines("are unavailable").size(), 1u);
  CAF_CHECK(log.lines("are unavailable").at(0).find("Address already in use") != std::string::npos);
  kill("admin/server");
  for (int i = 0; i < 3; ++i) pass(40s);
  CAF_CHECK_EQUAL(test::http_get(second.server.port, "/live").status, 200);
}

CAF_TEST(a crash ends its connections and the next one knows since when what holds) {
  node->now.ledger_faults = 1;
  start();
  const auto since = state().status->load()->conditions.at(0).since;
  options.server.port = port();
  const test::raw_connection idle{port()};
  kill("admin/server");
  CAF_CHECK(idle.ends(5s));
  test::pass(node->now, 1h);
  start();
  CAF_CHECK_EQUAL(test::http_get(options.server.port, "/live").status, 200);
  CAF_CHECK(state().status->load()->conditions.at(0).since == since);
  CAF_CHECK_EQUAL(state().status->load()->number, 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
