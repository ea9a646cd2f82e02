#define CAF_SUITE messages.insights.losses

#include "test/support/unit_test.hpp"

#include "messages/insights/losses.hpp"

using namespace senseflow::messages::insights;
using namespace std::chrono_literals;

namespace {

struct fixture {
  moment now{{}, std::chrono::steady_clock::time_point{1000h}};
  arrival_list seen;
  losses aut{[this] { return seen; }};

  fixture() {
    arrival x;
    x.host = "QLIK1";
    x.from = service::engine;
    x.datagrams = 1000;
    x.gaps = 50;
    seen = {x};
  }
  std::vector<alarm> pass(std::chrono::seconds t) {
    findings found;
    for (auto i = 0s; i < t; i += 10s) {
      now.steady += 10s;
      found = {};
      aut.tick(now, found);
      CAF_CHECK(found.insights.empty());
    }
    return found.alarms;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(losses_tests, fixture)

CAF_TEST(what was lost before is no news and what is lost is told for an hour) {
  CAF_CHECK(pass(2h).empty());
  seen[0].gaps += 3;
  seen[0].datagrams += 97;
  const auto alarms = pass(10s);
  CAF_REQUIRE_EQUAL(alarms.size(), 1u);
  CAF_CHECK_EQUAL(std::string{alarms[0].id}, "datagrams_missing");
  CAF_CHECK_EQUAL(alarms[0].subject, "QLIK1 engine");
  CAF_CHECK_EQUAL(alarms[0].text,
                  "3 of 100 datagrams of the engine's log appender on QLIK1 have not arrived in the last "
                  "hour: row numbers are missing.");
  CAF_CHECK_EQUAL(pass(50min).size(), 1u);
  CAF_CHECK(pass(15min).empty());
}

CAF_TEST(each service has its own count) {
  pass(10s);
  auto other = seen[0];
  other.from = service::proxy;
  seen.push_back(other);
  pass(10s);
  ++seen[1].gaps;
  CAF_REQUIRE_EQUAL(pass(10s).size(), 1u);
  CAF_CHECK_EQUAL(pass(10s)[0].subject, "QLIK1 proxy");
  seen.pop_back();
  CAF_CHECK(pass(10s).empty());
}

CAF_TEST(of many services some are named and the rest is one alarm) {
  const auto lose_of = [&](size_t machines) {
    seen.resize(1);
    pass(2h);
    for (size_t i = 0; i < machines; ++i) {
      auto x = seen[0];
      x.host = "M" + std::to_string(i + 100);
      seen.push_back(x);
    }
    pass(10s);
    for (size_t i = 1; i < seen.size(); ++i) seen[i].gaps += 2;
    return pass(10s);
  };
  CAF_CHECK_EQUAL(lose_of(10).size(), 10u);
  const auto alarms = lose_of(500);
  CAF_REQUIRE_EQUAL(alarms.size(), 10u);
  CAF_CHECK_EQUAL(alarms[0].subject, "M100 engine");
  CAF_CHECK_EQUAL(alarms[9].subject, "others");
  CAF_CHECK(alarms[9].text.find("982 datagrams of 491 more services") == 0);
}

CAF_TEST(a service that was forgotten and comes again is counted anew) {
  seen[0].gaps = 3;
  pass(10s);
  seen[0].datagrams = 10;
  seen[0].gaps = 0;
  CAF_CHECK(pass(10s).empty());
  seen[0].datagrams = 96;
  seen[0].gaps = 4;
  const auto alarms = pass(10s);
  CAF_REQUIRE_EQUAL(alarms.size(), 1u);
  CAF_CHECK_EQUAL(alarms[0].text.substr(0, 20), "4 of 90 datagrams of");
}

CAF_TEST_FIXTURE_SCOPE_END()
