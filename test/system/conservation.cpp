#define CAF_SUITE system.conservation
#include "test/support/conservation.hpp"
#include "test/support/child_process.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/unit_test.hpp"

using namespace senseflow::test;
using namespace std::chrono_literals;

namespace {

/// Ten events sent, nine of them published and there, one dropped by the kernel.
struct fixture {
  nlohmann::json line{{"received", 9},
                      {"published", 9},
                      {"acknowledged", 9},
                      {"filtered", nlohmann::json::object()},
                      {"dropped", nlohmann::json::object()},
                      {"inSources", 0},
                      {"inMemory", 0},
                      {"inFlight", 0},
                      {"onDisk", 0},
                      {"repeated", 1},
                      {"kernelDrops", 1}};
  arrivals got;

  fixture() {
    for (uint64_t n = 0; n < 9; ++n) {
      got.numbers.insert(n);
      got.detailed.insert(n);
    }
    got.duplicates = 1;
  }

  /// The line in which the law is broken, without its numbers.
  bool says(const std::string& text) const {
    auto all = violations("userevent", {{"userevent", line}}, got, 10);
    CAF_MESSAGE(all);
    return text.empty() ? all.empty() : all.find(text) != std::string::npos;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(conservation_tests, fixture)

CAF_TEST(books that agree with the subscriber break no law) { CAF_CHECK(says("")); }

CAF_TEST(an event that vanished is found) {
  line["received"] = 10;
  line["kernelDrops"] = 0;
  CAF_CHECK(says("received + recovered = "));
  line["published"] = 10;
  CAF_CHECK(says("distinct = published: 9 is not 10"));
  line["published"] = line["received"] = 9;
  CAF_CHECK(says("sent = received"));
}

CAF_TEST(a place that holds less than nothing is found though the sum is right) {
  line["received"] = 9;
  line["inMemory"] = -1;
  line["onDisk"] = 1;
  CAF_CHECK(says("userevent: inMemory is -1"));
  line["inMemory"] = uint64_t{0} - 1; // as the program would print it
  CAF_CHECK(says("userevent: inMemory is -1"));
}

CAF_TEST(what is published about sources is held against the law and the totals) {
  nlohmann::json ledger{{"faults", 0},
                        {"classes", {{"userevent", line}}},
                        {"sources", {{"userevent", {{"a", {{"received", 5}, {"published", 5}}}}}}}};
  auto& sources = ledger["sources"]["userevent"];
  sources["a"]["acknowledged"] = 5;
  sources["b"] = {
      {"received", 4}, {"published", 4}, {"acknowledged", 4}, {"repeated", 1}, {"kernelDrops", 1}};
  const auto is = [&](const std::string& text) {
    const auto all = unlawful_ledger(ledger);
    CAF_MESSAGE(all);
    return text.empty() ? all.empty() : all.find(text) != std::string::npos;
  };
  CAF_CHECK(is(""));
  sources["a"]["inFlight"] = 1; // one source has what the other one lacks
  sources["b"]["inFlight"] = -1;
  CAF_CHECK(is("userevent of 'b': inFlight is -1"));
  CAF_CHECK(is("userevent of 'a': received + recovered = "));
  sources["a"].erase("inFlight");
  sources["b"].erase("inFlight");
  sources["b"]["received"] = sources["b"]["published"] = 3;
  CAF_CHECK(is("userevent: received of all sources is 8 and not 9"));
  sources["b"]["received"] = sources["b"]["published"] = 4;
  ledger["faults"] = 2;
  CAF_CHECK(is("faults: 2"));
}

CAF_TEST(a ledger that comes no more is found) {
  mosquitto_broker broker;
  subscriber sub{broker.port()};
  sub.knows("butler-sos/senseflow/n1/ledger"); // not the program's
  witness seen{sub};
  const auto publish = [&] {
    child_process pub{{"mosquitto_pub", "-p", std::to_string(broker.port()), "-t",
                       "butler-sos/senseflow/n1/ledger", "-m", R"({"faults":1,"classes":{},"sources":{}})"}};
    CAF_CHECK_EQUAL(pub.wait().value_or(-1), 0);
  };
  publish();
  CAF_CHECK(sub.wait_for_count(1));
  CAF_CHECK(!seen.ledger_goes_on(300ms));
  publish();
  CAF_CHECK(sub.wait_for_count(2));
  CAF_CHECK(!seen.ledger_goes_on(300ms));
  CAF_CHECK_EQUAL(seen.ledgers().count, 2u);
  CAF_CHECK_EQUAL(seen.ledgers().wrong, "faults: 1\nfaults: 1\n");
}

CAF_TEST(an event with a message missing is found) {
  got.detailed.erase(3);
  CAF_CHECK(says("distinct below the main topic"));
}

CAF_TEST(an event that is accounted for as lost and arrived all the same is found) {
  line["dropped"]["memory_full"] = 1;
  line["published"] = 8;
  CAF_CHECK(says("distinct = published: 9 is not 8"));
}

CAF_TEST(a duplicate nobody owns up to is found) {
  got.duplicates = 2;
  CAF_CHECK(says("duplicates <= repeated"));
}

CAF_TEST(disorder is found) {
  got.disorder = 1;
  got.first_disorder = "event 1 of sense1 after 7";
  CAF_CHECK(says("event 1 of sense1 after 7"));
}

CAF_TEST(events are known by their message or their request id) {
  auto m = mark_of(R"({"host":"sense7","message":"event 000123 at 1700000000000000 x"})");
  CAF_CHECK(m.known);
  CAF_CHECK_EQUAL(m.number, 123u);
  CAF_CHECK_EQUAL(std::string{m.host}, "sense7");
  CAF_CHECK_EQUAL(mark_of(R"({"host":"sense7","request_id":4711,"x":1})").number, 4711u);
  CAF_CHECK(!mark_of(R"({"host":"sense7","message":"of another kind"})").known);
  CAF_CHECK(!mark_of("").known);
}

CAF_TEST_FIXTURE_SCOPE_END()
