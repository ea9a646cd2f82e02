#define CAF_SUITE system.bursts
#include "test/support/unit_test.hpp"

#include "test/system/system_fixture.hpp"

#include <set>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {"max_queued_messages 0"}}};
  subscriber sub{subscriber_options{broker.port(), "butler-sos/userevent/#"}};
  system_config c;
  bench::generator_options g;

  fixture() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    g.user_port = c.user_port;
    g.sources = {bench::event_source::user};
    g.hosts = 20;
  }

  /// The numbers of the events that arrived at a topic.
  std::set<int> numbers(const std::string& topic) {
    std::set<int> result;
    for (const auto& m : sub.messages()) {
      auto at = m.payload.find("event 0");
      if (m.topic == topic && at != std::string::npos) result.insert(std::stoi(m.payload.substr(at + 6)));
    }
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(burst_tests, fixture)

CAF_TEST(ten thousand user events back to back arrive as ten thousand messages on each topic) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  CAF_REQUIRE(aut.says("receiving user events"));
  CAF_REQUIRE_EQUAL(bench::send_burst(g, 10'000).total, 10'000u);
  auto count = [](const auto& all, const std::string& prefix) {
    size_t n = 0;
    for (const auto& m : all) n += m.topic.rfind(prefix, 0) == 0;
    return n;
  };
  CAF_CHECK(sub.wait_for(
      [&](const auto& all) {
        return all.size() >= 20'000 && count(all, "butler-sos/userevent/") == 10'000 &&
               count(all, "butler-sos/userevent") == 20'000;
      },
      30s));
  CAF_CHECK_EQUAL(numbers("butler-sos/userevent").size(), 10'000u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK_EQUAL(count(sub.messages(), "butler-sos/userevent"), 20'000u); // none twice
  auto book = aut.ledger()["userevent"];
  CAF_CHECK_EQUAL(book["published"], 10'000);
  CAF_CHECK_EQUAL(book["kernelDrops"], 0);
}

CAF_TEST(with a receive buffer too small what was sent equals what was published plus counted kernel drops) {
  c.user_udp = "receiveBuffer: 65536, messageQueue: {maxSize: 10}";
  c.actors = "encoders: {window: 10}";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  CAF_REQUIRE(aut.says("receiving user events"));
  aut.process().signal(SIGSTOP); // the kernel's buffer is all there is
  CAF_REQUIRE_EQUAL(bench::send_burst(g, 10'000).total, 10'000u);
  aut.process().signal(SIGCONT);
  CAF_REQUIRE(eventually(
      [&] {
        aut.control("ledger");
        if (!aut.says("kernelDrops")) return false;
        auto book = aut.ledger()["userevent"];
        return book["published"].get<int>() + book["kernelDrops"].get<int>() == 10'000;
      },
      20s));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  auto book = aut.ledger()["userevent"];
  CAF_MESSAGE("sent 10000, published " << book["published"].dump() << ", dropped by the kernel "
                                       << book["kernelDrops"].dump());
  CAF_CHECK(book["kernelDrops"].get<int>() > 0);
  CAF_CHECK_EQUAL(book["published"].get<int>() + book["kernelDrops"].get<int>(), 10'000);
  CAF_CHECK_EQUAL(numbers("butler-sos/userevent").size(), book["published"].get<size_t>());
}

CAF_TEST_FIXTURE_SCOPE_END()
