#define CAF_SUITE runtime.accounting.metrics
#include "test/support/unit_test.hpp"

#include "runtime/accounting/metrics.hpp"

using senseflow::runtime::metrics;

CAF_TEST(counters are told apart by their labels and add up) {
  metrics aut;
  aut.count("polls_total", {{"server", "a"}});
  aut.count("polls_total", {{"server", "a"}}, 2);
  aut.count("polls_total", {{"server", "b"}});
  CAF_CHECK_EQUAL(aut.value("polls_total", {{"server", "a"}}), 3);
  CAF_CHECK_EQUAL(aut.value("polls_total", {{"server", "c"}}), 0);
  CAF_CHECK_EQUAL(aut.sum("polls_total"), 4);
  CAF_CHECK_EQUAL(aut.size(), 2u);
}

CAF_TEST(what a server that is gone has counted stays in the sum) {
  metrics aut;
  for (int i = 0; i < 1000; ++i) {
    const auto server = "sense" + std::to_string(i);
    aut.count("polls_total", {{"server", server}, {"api", "health"}});
    aut.count("polls_total", {{"server", server}, {"api", "sessions/" + server}}, 2);
    aut.count("restarts_total", {{"child", "polling/" + server}});
    aut.count("spool_failures_total", {{"status", "failed"}});
    aut.forget("server", server);
    aut.forget("child", "polling/" + server);
    aut.forget("status", "failed"); // no owner of counters
  }
  CAF_CHECK_EQUAL(aut.size(), 3u);
  CAF_CHECK_EQUAL(aut.sum("polls_total"), 3000);
  CAF_CHECK_EQUAL(aut.value("polls_total", {{"server", "(removed)"}}), 3000);
  CAF_CHECK_EQUAL(aut.sum("restarts_total"), 1000);
  CAF_CHECK_EQUAL(aut.value("spool_failures_total", {{"status", "failed"}}), 1000);
}

CAF_TEST(a server that comes back counts from the start) {
  metrics aut;
  aut.count("polls_total", {{"server", "a"}});
  aut.forget("server", "a");
  aut.forget("server", "a");
  aut.count("polls_total", {{"server", "a"}});
  CAF_CHECK_EQUAL(aut.value("polls_total", {{"server", "a"}}), 1);
  aut.forget("server", "a");
  CAF_CHECK_EQUAL(aut.sum("polls_total"), 2);
  CAF_CHECK_EQUAL(aut.size(), 1u);
}
