#define CAF_SUITE messages.insights.arrivals

#include "test/support/unit_test.hpp"

#include "messages/insights/arrivals.hpp"
#include "messages/insights/server_of_host.hpp"
#include "messages/text/iso_time.hpp"

#include <algorithm>

using namespace senseflow::messages;
using namespace senseflow::messages::insights;
using namespace std::chrono_literals;

namespace {

struct fixture {
  insights::arrivals aut{3};
  arrivals::time_point now{1000h};

  void log(const std::string& host, log_source source, double row, const std::string& time = {},
           const std::string& received = "2026-11-23T08:00:00.000Z") {
    log_event x;
    x.source = source;
    x.body = empty_body(source);
    std::visit(
        [&](log_common& to) {
          to.host = host;
          to.row = row;
          to.ts_iso = time;
        },
        x.body);
    x.received = *parse_iso_time(received);
    aut.note(x, now);
  }
  void user(const std::string& host) {
    user_event x;
    x.host = host;
    aut.note(x, now);
  }
  arrival only() {
    const auto all = aut.all(now);
    CAF_REQUIRE_EQUAL(all.size(), 1u);
    return all[0];
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(arrivals_tests, fixture)

CAF_TEST(services of machines are told apart and counted) {
  user("QLIK1");
  log("QLIK1", log_source::engine, 1);
  now += 5s;
  log("QLIK1", log_source::engine, 2);
  log("QLIK2", log_source::qix_perf, 1);
  const auto all = aut.all(now);
  CAF_REQUIRE_EQUAL(all.size(), 3u);
  for (const auto& x : all) {
    if (x.from == service::engine) CAF_CHECK_EQUAL(x.datagrams, 2u);
    CAF_CHECK_EQUAL(x.host, x.from == service::qix_perf ? "QLIK2" : "QLIK1");
    CAF_CHECK(x.last == (x.from == service::user_events ? now - 5s : now));
  }
  CAF_MESSAGE("not more than a bounded number of them");
  log("QLIK3", log_source::engine, 1);
  user("QLIK3");
  user("QLIK1");
  CAF_CHECK_EQUAL(aut.all(now).size(), 3u);
  CAF_CHECK_EQUAL(aut.not_followed().of_others, 2u);
  CAF_CHECK_EQUAL(aut.not_followed().all(), 0u);
}

CAF_TEST(missing rows are gaps that are told once) {
  for (double row = 1; row <= 50; ++row)
    if (row != 20 && row != 21) log("QLIK1", log_source::proxy, row);
  log("QLIK1", log_source::proxy, -1); // has none
  std::string told;
  const auto tell = [&](const std::string& host, service from, uint64_t n) {
    told += host + ' ' + std::string{to_string_view(from)} + ' ' + std::to_string(n) + '\n';
  };
  now += 2s;
  CAF_CHECK_EQUAL(only().gaps, 2u);
  aut.tell_lost(tell);
  aut.tell_lost(tell);
  CAF_CHECK_EQUAL(told, "QLIK1 proxy 2\n");
  CAF_MESSAGE("what came and was not read is none");
  aut.skip();
  log("QLIK1", log_source::proxy, 60);
  now += 2s;
  CAF_CHECK_EQUAL(only().gaps, 2u);
}

CAF_TEST(event times tell by how much a clock is ahead at least) {
  log("QLIK1", log_source::engine, 1);
  CAF_CHECK(!only().ahead);
  now += 1s;
  log("QLIK1", log_source::engine, 2, "20261123T090003.500+0100"); // 3.5 s ahead
  now += 1s;
  log("QLIK1", log_source::engine, 3, "20261123T090002.000+0100"); // late
  now += 1s;
  log("QLIK1", log_source::engine, 4, "no time");
  CAF_CHECK(only().ahead == 3500ms);
  CAF_MESSAGE("not for ever");
  for (int i = 0; i < 5; ++i) {
    now += 1min;
    log("QLIK1", log_source::engine, 5 + i, "20261123T085959.000+0100");
  }
  CAF_CHECK(only().ahead == -1s);
  now += 5min;
  CAF_CHECK(!only().ahead);
}

CAF_TEST(services that were silent for long give their places to new ones) {
  for (const auto* host : {"a", "b", "c"}) user(host);
  now += arrivals::forgotten_after - 2min;
  user("new");
  CAF_CHECK_EQUAL(aut.not_followed().all(), 1u);
  now += 2min;
  user("new");
  CAF_CHECK_EQUAL(aut.not_followed().all(), 0u);
  CAF_CHECK_EQUAL(only().host, "new");
}

CAF_TEST(a flood of machines keeps no server out and none of them a server that is configured later) {
  const auto know = [&](const std::string& machine) {
    aut.know(std::make_shared<server_of_host>(
        std::vector<named_server>{{"sense1", {"qlik1.example.com"}}, {"sense2", {machine}}},
        std::vector<std::pair<std::string, std::string>>{}));
  };
  const auto followed = [&](const std::string& host) {
    const auto all = aut.all(now);
    return std::any_of(all.begin(), all.end(), [&](const auto& x) { return x.host == host; });
  };
  know("qlik2");
  for (int i = 0; i < 1000; ++i) user("H" + std::to_string(i));
  CAF_CHECK_EQUAL(aut.not_followed().of_others, 997u);
  user("QLIK1");
  user("WIN7");
  CAF_CHECK(followed("QLIK1"));
  CAF_CHECK(!followed("WIN7"));
  know("win7");
  user("WIN7");
  CAF_CHECK(followed("WIN7"));
  know("H0"); // which has a place already, and is a server now
  for (const auto* host : {"H0", "QLIK1.a", "QLIK1.b", "new", "newer"}) user(host);
  for (const auto* host : {"H0", "QLIK1", "QLIK1.a"}) CAF_CHECK(followed(host));
  const auto left_out = aut.not_followed();
  CAF_CHECK_EQUAL(left_out.of_servers, 1u);
  CAF_CHECK_EQUAL(left_out.of_others, 3u); // WIN7 before it was one, and these
  CAF_CHECK(aut.all(now).size() <= 6u);
}

CAF_TEST_FIXTURE_SCOPE_END()
