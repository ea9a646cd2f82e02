#define CAF_SUITE system.folding
#include "test/support/unit_test.hpp"

#include "test/support/conservation.hpp"
#include "test/support/schema_check.hpp"
#include "test/system/system_fixture.hpp"

#include <map>

using namespace senseflow;
using namespace senseflow::test;
using nlohmann::json;

namespace {

constexpr auto on = "  insights:\n"
                    "    storms: {enable: true, rate: 5, window: 1000}\n"
                    "    performance: {enable: true, window: 1000, publishAbove: 890}\n";

struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  subscriber sub{broker.port()};
  system_config c;

  fixture() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.more = on;
  }

  /// From three hosts.
  uint64_t send(std::vector<bench::event_source> sources, uint64_t count, double rate = 0) const {
    bench::generator_options g;
    g.user_port = c.user_port;
    g.log_port = c.log_port;
    g.sources = std::move(sources);
    g.rate = rate;
    g.count = count;
    g.duration = 1h;
    std::atomic<bool> stop{false};
    return bench::run_generator(g, stop).total;
  }

  static uint64_t filtered(const json& line, const char* rule) { return line["filtered"].value(rule, 0u); }

  /// Of the summaries at these topics.
  uint64_t sum(const std::string& topic, const char* key) const {
    uint64_t result = 0;
    for (const auto& m : sub.messages())
      if (m.topic.rfind("butler-sos/" + topic, 0) == 0) result += json::parse(m.payload)[key].get<uint64_t>();
    return result;
  }
  static size_t count(const std::vector<received_message>& all, const std::string& topic) {
    return static_cast<size_t>(std::count_if(
        all.begin(), all.end(), [&](const auto& m) { return m.topic.rfind("butler-sos/" + topic, 0) == 0; }));
  }
  size_t at(const std::string& topic) const { return count(sub.messages(), topic); }

  /// What was received is what was published and what the summaries stand for, and all keep the contract.
  void account(const json& ledger, uint64_t sent) const {
    for (const auto& [name, x] : ledger.items()) CAF_CHECK_EQUAL(unlawful(name, x), "");
    const auto& line = ledger["logevent"];
    CAF_CHECK_EQUAL(line["received"].get<uint64_t>(), sent);
    CAF_CHECK_EQUAL(sub.count("butler-sos/logevent"), line["published"].get<size_t>());
    CAF_CHECK_EQUAL(sum("storms/", "count"), filtered(line, "folded"));
    CAF_CHECK_EQUAL(sum("performance/", "count") - sum("performance/", "published"),
                    filtered(line, "digested"));
    CAF_CHECK_EQUAL(line["published"].get<uint64_t>() + total_of(line["filtered"]), sent);
    CAF_CHECK_EQUAL(ledger["insightevent"]["published"].get<size_t>(), at("storms/") + at("performance/"));
    for (const auto& m : sub.messages()) CAF_CHECK_EQUAL(check_message(m.topic, m.payload, m.qos), "");
  }
};

const std::vector<bench::event_source> all_logs{
    bench::event_source::engine, bench::event_source::proxy, bench::event_source::repository,
    bench::event_source::scheduler, bench::event_source::qix_perf};

} // namespace

CAF_TEST_FIXTURE_SCOPE(folding_tests, fixture)

CAF_TEST(a storm becomes a few messages and the ledger accounts for all of it) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  CAF_CHECK(aut.says("storms: beyond 5 a second"));
  const auto sent = send(all_logs, 10'000, 2500.0 / slowdown);
  CAF_CHECK_EQUAL(sent, 10'000u);
  CAF_CHECK(aut.at_rest(20s));
  CAF_CHECK(sub.wait_for(
      [](const auto& xs) { return count(xs, "storms/") > 0 && count(xs, "performance/") > 0; }, 10s));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_REQUIRE(sub.settle());
  account(aut.ledger(), sent);
  CAF_MESSAGE(at("storms/") << " storms, " << at("performance/") << " digests");
  CAF_CHECK(at("storms/") < 500 && at("performance/") < 100);
  CAF_CHECK(sub.count("butler-sos/logevent") < sent / 10);
}

CAF_TEST(below the rate all events are published and no summary is) {
  c.more = "  insights: {storms: {enable: true, rate: 1000}}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  const auto sent = send(all_logs, 900, 300);
  CAF_CHECK(aut.at_rest(20s));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_REQUIRE(sub.settle());
  account(aut.ledger(), sent);
  CAF_CHECK_EQUAL(sub.count("butler-sos/logevent"), sent);
  CAF_CHECK_EQUAL(at("storms/"), 0u);
}

CAF_TEST(a crash of the receiver leaves its open summaries to the next one) {
  c.more = "  insights: {storms: {enable: true, rate: 5, window: 60000}, performance: {enable: true}}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  auto sent = send(all_logs, 1000, 2000);
  CAF_CHECK(aut.at_rest(20s));
  aut.control("crash ingest/log-events");
  CAF_CHECK(aut.says("ingest/log-events failed"));
  sent += send(all_logs, 1000, 2000);
  CAF_CHECK(eventually([&] { return aut.ledger_now()["logevent"]["received"] == sent; }, 20s));
  CAF_CHECK_EQUAL(at("storms/") + at("performance/"), 0u);
  CAF_CHECK_EQUAL(aut.stop(), 0); // all windows are open
  CAF_REQUIRE(sub.settle());
  account(aut.ledger(), sent);
  CAF_CHECK_EQUAL(at("storms/"), 12u); // three hosts, four sources
  CAF_CHECK_EQUAL(at("performance/"), 3u);
}

CAF_TEST(a reload switches it off and what is open is published) {
  c.more = "  insights: {storms: {enable: true, rate: 5, window: 3600000}}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  auto sent = send({bench::event_source::engine}, 300);
  CAF_CHECK(aut.at_rest(20s));
  c.more = "";
  aut.configure(c.text());
  aut.process().signal(SIGHUP);
  CAF_REQUIRE(aut.says("configuration applied, settings: insights.storms.enable"));
  CAF_CHECK(sub.wait_for([](const auto& xs) { return count(xs, "storms/") == 3; }, 10s));
  sent += send({bench::event_source::engine}, 300);
  CAF_CHECK(aut.at_rest(20s));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_REQUIRE(sub.settle());
  account(aut.ledger(), sent);
  CAF_CHECK(sub.count("butler-sos/logevent") >= 300 && sub.count("butler-sos/logevent") < 400);
}

CAF_TEST_FIXTURE_SCOPE_END()
