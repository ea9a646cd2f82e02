#define CAF_SUITE system.refusals
#include "test/support/unit_test.hpp"

#include "test/support/rude_broker.hpp"
#include "test/system/system_fixture.hpp"

#include <algorithm>
#include <atomic>

// A broker that says which messages it does not take, and keeps the connection.

using namespace senseflow;
using namespace senseflow::test;

namespace {

constexpr uint8_t not_authorized = 0x87, quota_exceeded = 0x97;

struct fixture {
  temp_dir directory;
  rude_broker broker;
  std::atomic<uint8_t> answer{0}; ///< to events
  system_config c;
  bench::generator_options g;

  fixture() {
    c.broker_port = broker.port();
    g.user_port = c.user_port = free_udp_port();
    g.sources = {bench::event_source::user};
    broker.on_publish([this](const rude_broker::seen_message& m) {
      rude_broker::reaction x;
      if (is_event(m)) x.code = answer;
      return x;
    });
  }

  static bool is_event(const rude_broker::seen_message& m) {
    return m.packet.topic.find("userevent") != std::string::npos;
  }
  size_t attempts() const {
    const auto seen = broker.so_far();
    return static_cast<size_t>(std::count_if(seen.messages.begin(), seen.messages.end(), [](const auto& m) {
      return m.packet.topic == "butler-sos/userevent";
    }));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(refusal_tests, fixture)

CAF_TEST(what the broker refuses for good is dropped with its reason and one line names it) {
  answer = not_authorized;
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  CAF_REQUIRE(aut.says("receiving user events"));
  for (int i = 0; i < 5; ++i) {
    const auto before = attempts();
    bench::send_burst(g, 20);
    CAF_CHECK(eventually([&] { return attempts() >= before + 20; }));
  }
  CAF_CHECK(aut.says("refused (not_authorized). Topics: butler-sos/userevent"));
  CAF_CHECK(aut.at_rest(10s));
  CAF_CHECK_EQUAL(attempts(), 100u); // once each
  CAF_CHECK_EQUAL(broker.so_far().connects.size(), 1u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
  const auto book = aut.ledger()["userevent"];
  CAF_CHECK_EQUAL(book["dropped"]["not_authorized"], 100);
  CAF_CHECK_EQUAL(book["published"], 0);
  CAF_CHECK_LESS_OR_EQUAL(occurrences(aut.output(), "refused (not_authorized)"), 2u); // one more at the stop
}

CAF_TEST(what a quota keeps out waits and is tried again every second) {
  answer = quota_exceeded;
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  CAF_REQUIRE(aut.says("receiving user events"));
  bench::send_burst(g, 20);
  const auto began = std::chrono::steady_clock::now();
  CAF_CHECK(eventually([&] { return attempts() >= 80; }, 20s)); // the fourth time
  const auto took = std::chrono::steady_clock::now() - began;
  CAF_CHECK(took > 2s);
  answer = 0;
  CAF_CHECK(eventually([&] { return aut.ledger_now()["userevent"]["published"] == 20; }, 10s, 50ms));
  CAF_CHECK_EQUAL(broker.so_far().connects.size(), 1u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK(aut.ledger()["userevent"]["dropped"].empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
