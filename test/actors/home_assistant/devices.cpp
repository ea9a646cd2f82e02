#define CAF_SUITE actors.home_assistant.devices
#include "test/support/unit_test.hpp"

#include "actors/home_assistant/devices.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace senseflow;
using namespace std::chrono_literals;
using actors::devices;

namespace {

const devices::time_point start{1h};
constexpr auto node_topic = "homeassistant/device/senseflow_node_base_n1/config";
constexpr auto a_topic = "homeassistant/device/senseflow_server_base_a/config";

actors::device_options some(const std::vector<std::string>& servers) {
  actors::device_options o;
  o.at = {"homeassistant", "base/", "n1", "1"};
  o.node = {true, 185s, "users"};
  for (const auto& x : servers) o.servers.push_back({x, "", 95s});
  return o;
}

std::vector<devices::due> all_due(devices& x, devices::time_point now) {
  std::vector<devices::due> result;
  while (auto next = x.next(now)) result.push_back(std::move(*next));
  return result;
}

std::vector<std::string> topics(devices& x, devices::time_point now) {
  std::vector<std::string> result;
  for (const auto& d : all_due(x, now)) result.push_back(d.topic);
  return result;
}

using texts = std::vector<std::string>;

/// A node with server a, whose documents have been told.
struct told {
  devices aut;
  std::string document; ///< of server a

  told() {
    aut.configured(some({"a"}), start);
    aut.seen("a", "12.1");
    for (const auto& x : all_due(aut, start))
      if (x.topic == a_topic) document = x.payloads.back();
  }
};

} // namespace

CAF_TEST(the node is told at once and a server when its version is known) {
  devices aut;
  aut.configured(some({"a", "b"}), start);
  CAF_CHECK(topics(aut, start) == texts{node_topic});
  CAF_CHECK(aut.idle(start));
  aut.seen("a", "12.1");
  CAF_CHECK(!aut.idle(start));
  auto due = all_due(aut, start);
  CAF_REQUIRE_EQUAL(due.size(), 1u);
  CAF_CHECK_EQUAL(due[0].topic, a_topic);
  CAF_CHECK(due[0].payloads.back().find("\"sw_version\":\"12.1\"") != std::string::npos);
  CAF_CHECK(topics(aut, start + 14s).empty());
  CAF_CHECK_EQUAL(topics(aut, start + 15s).size(), 1u); // b does not answer
}

CAF_TEST(nothing is told twice unless it has changed) {
  told x;
  x.aut.seen("a", "12.1");
  x.aut.seen("unknown", "12.1");
  x.aut.configured(some({"a"}), start);
  CAF_CHECK(x.aut.idle(start + 1h));
  x.aut.seen("a", "12.2");
  CAF_CHECK(topics(x.aut, start) == texts{a_topic});
  auto other = some({"a"});
  other.node.user_events = "others";
  x.aut.configured(other, start);
  CAF_CHECK(topics(x.aut, start) == texts{node_topic});
}

CAF_TEST(an entity that is gone is removed before the document goes without it) {
  told x;
  auto less = some({"a"});
  less.node.user_events.clear();
  x.aut.configured(less, start);
  auto due = all_due(x.aut, start);
  CAF_REQUIRE_EQUAL(due.size(), 1u);
  CAF_REQUIRE_EQUAL(due[0].payloads.size(), 2u);
  CAF_CHECK(due[0].payloads[0].find("\"user_activity\":{\"platform\":\"event\"}") != std::string::npos);
  CAF_CHECK(due[0].payloads[1].find("user_activity") == std::string::npos);
  x.aut.again();
  for (const auto& d : all_due(x.aut, start)) CAF_CHECK_EQUAL(d.payloads.size(), 1u);
}

CAF_TEST(a server that leaves and comes back is told again) {
  told x;
  x.aut.configured(some({}), start);
  CAF_CHECK(x.aut.idle(start + 1h));
  x.aut.configured(some({"a"}), start);
  x.aut.seen("a", "12.1");
  CAF_CHECK(topics(x.aut, start) == texts{a_topic});
}

CAF_TEST(another generation is told all) {
  told x;
  auto o = some({"a"});
  o.generation = 1;
  x.aut.configured(o, start);
  x.aut.seen("a", "12.1");
  CAF_CHECK_EQUAL(topics(x.aut, start).size(), 2u);
}

CAF_TEST(a device that was removed by others stays so until all are due) {
  told x;
  CAF_CHECK(!x.aut.heard("homeassistant/device/foreign/config", "", start));
  CAF_CHECK(x.aut.heard(a_topic, "", start));
  CAF_CHECK(!x.aut.heard(a_topic, "", start)); // known
  x.aut.seen("a", "12.2");
  x.aut.configured(some({"a"}), start);
  CAF_CHECK(x.aut.idle(start + 1h));
  CAF_CHECK_EQUAL(x.aut.again(), 2u);
  const auto due = all_due(x.aut, start);
  CAF_REQUIRE_EQUAL(due.size(), 2u);
  for (const auto& d : due) CAF_CHECK_EQUAL(d.was_let_go, d.topic == a_topic);
  CAF_CHECK(x.aut.idle(start + 1h));
}

CAF_TEST(a device that was removed by others comes back with other settings) {
  told x;
  CAF_CHECK(x.aut.heard(a_topic, "", start));
  auto o = some({"a"});
  o.servers[0].lasts = 10s;
  x.aut.configured(o, start);
  CAF_CHECK(topics(x.aut, start) == texts{a_topic});
}

CAF_TEST(what others put in its place is replaced after a minute) {
  told x;
  CAF_CHECK(!x.aut.heard(a_topic, "{}", start));
  CAF_CHECK(x.aut.idle(start + 59s));
  const auto due = all_due(x.aut, start + 60s);
  CAF_REQUIRE_EQUAL(due.size(), 1u);
  CAF_CHECK(due[0].disputed);
  CAF_CHECK_EQUAL(due[0].payloads.back(), x.document);
}

CAF_TEST(a dispute is told after some seconds and once) {
  told x;
  x.aut.heard(a_topic, "{}", start);
  CAF_CHECK(x.aut.disputes(start + 4s).empty());
  CAF_CHECK(x.aut.disputes(start + 5s) == texts{a_topic});
  x.aut.heard(a_topic, "{\"more\":1}", start + 6s);
  CAF_CHECK(x.aut.disputes(start + 59s).empty());
  const auto due = all_due(x.aut, start + 60s);
  CAF_REQUIRE_EQUAL(due.size(), 1u);
  CAF_CHECK(due[0].disputed && due[0].dispute_known);
  CAF_MESSAGE("the next one again");
  x.aut.heard(a_topic, "{}", start + 61s);
  CAF_CHECK(x.aut.disputes(start + 66s) == texts{a_topic});
}

CAF_TEST(when all are due nothing keeps any of them back) {
  told x;
  auto o = some({"a", "b"});
  x.aut.configured(o, start); // b waits for its first answer
  x.aut.heard(a_topic, "{}", start);
  CAF_CHECK_EQUAL(x.aut.again(), 3u);
  const auto due = all_due(x.aut, start + 1s);
  CAF_REQUIRE_EQUAL(due.size(), 3u);
  for (const auto& d : due) CAF_CHECK_EQUAL(d.disputed && !d.dispute_known, d.topic == a_topic);
  CAF_CHECK(x.aut.idle(start + 1h));
}

CAF_TEST(what is cleared during a dispute or soon after is told again when the other program has cleaned up) {
  told x;
  x.aut.heard(a_topic, "{}", start);
  CAF_CHECK(!x.aut.heard(a_topic, "", start + 10s));
  CAF_CHECK(!x.aut.heard(node_topic, "{}", start + 10s));
  CAF_CHECK(!x.aut.heard(node_topic, "", start + 15s));
  CAF_CHECK(!x.aut.heard(node_topic, "", start + 16s)); // known
  CAF_CHECK(x.aut.disputes(start + 20s).empty());
  CAF_CHECK(x.aut.idle(start + 24s)); // ten seconds after the last of it
  auto due = all_due(x.aut, start + 25s);
  CAF_REQUIRE_EQUAL(due.size(), 2u);
  for (const auto& d : due) CAF_CHECK(d.cleared && !d.was_let_go && !d.disputed);
  CAF_MESSAGE("when it was told and is over");
  x.aut.heard(a_topic, "{}", start + 30s);
  CAF_CHECK_EQUAL(x.aut.disputes(start + 35s).size(), 1u);
  CAF_CHECK(topics(x.aut, start + 90s) == texts{a_topic});
  CAF_CHECK(!x.aut.heard(a_topic, "", start + 90s + 599s));
  CAF_CHECK(topics(x.aut, start + 90s + 609s) == texts{a_topic});
  CAF_CHECK(x.aut.heard(a_topic, "", start + 90s + 610s)); // somebody wants that
  CAF_CHECK(x.aut.idle(start + 1h));
}

CAF_TEST(what was cleared after a dispute waits for nothing when all are due and is not forgotten by a reload) {
  told x;
  const auto clear = [&] {
    x.aut.heard(a_topic, "{}", start);
    x.aut.heard(a_topic, "", start);
  };
  clear();
  x.aut.again();
  CAF_CHECK_EQUAL(topics(x.aut, start).size(), 2u);
  clear();
  auto o = some({"a"});
  o.servers[0].lasts = 10s;
  x.aut.configured(o, start);
  CAF_CHECK(x.aut.idle(start + 9s));
  const auto due = all_due(x.aut, start + 10s);
  CAF_REQUIRE_EQUAL(due.size(), 1u);
  CAF_CHECK(due[0].cleared);
}

CAF_TEST(an older document of its own that comes late is no dispute) {
  told x;
  x.aut.heard(a_topic, "{\"older\":1}", start);
  x.aut.heard(a_topic, x.document, start);
  CAF_CHECK(x.aut.disputes(start + 1h).empty());
  CAF_CHECK(x.aut.idle(start + 1h));
}

CAF_TEST(what the broker has kept from a former run does not count as told) {
  told x;
  devices aut;
  aut.configured(some({"a"}), start);
  CAF_CHECK(!aut.heard(a_topic, x.document, start));
  CAF_CHECK(!aut.heard(a_topic, "", start));
  aut.seen("a", "12.1");
  CAF_CHECK_EQUAL(topics(aut, start).size(), 2u);
}

CAF_TEST(a device that was removed while another node had its server does not come back with the server) {
  devices aut;
  auto here = some({"a"}), there = some({});
  there.elsewhere = {"a"};
  aut.configured(there, start);
  all_due(aut, start);
  CAF_CHECK(!aut.heard(a_topic, "{}", start)); // its owner's
  CAF_CHECK(!aut.heard(a_topic, "", start));
  aut.configured(here, start);
  aut.seen("a", "12.1");
  CAF_CHECK(aut.idle(start + 1h));
  aut.configured(there, start);
  aut.configured(here, start);
  aut.seen("a", "12.1");
  CAF_CHECK(aut.idle(start + 1h));
  CAF_MESSAGE("but with the next birth, or other settings");
  aut.again();
  const auto due = all_due(aut, start);
  CAF_CHECK_EQUAL(due.size(), 2u);
  CAF_CHECK(std::all_of(due.begin(), due.end(),
                        [](const auto& x) { return x.was_let_go == (x.topic == a_topic); }));
  CAF_CHECK(aut.heard(a_topic, "", start));
  aut.configured(there, start);
  here.servers[0].lasts = 10s;
  aut.configured(here, start);
  CAF_CHECK(aut.idle(start + 1h));
  here.servers[0].lasts = 11s;
  aut.configured(here, start);
  CAF_CHECK(topics(aut, start + 1h) == texts{a_topic});
}

CAF_TEST(a device that its former owner has told again comes with its server) {
  devices aut;
  auto here = some({"a"}), there = some({});
  there.elsewhere = {"a"};
  aut.configured(there, start);
  all_due(aut, start);
  aut.heard(a_topic, "", start);
  aut.heard(a_topic, "{}", start);
  aut.configured(here, start);
  aut.seen("a", "12.1");
  CAF_CHECK(topics(aut, start) == texts{a_topic});
  aut.configured(there, start);
  aut.heard(a_topic, "", start);
  aut.again(); // a birth that its owner has heard, too
  aut.configured(here, start);
  aut.seen("a", "12.1");
  CAF_CHECK_EQUAL(topics(aut, start).size(), 2u);
}
