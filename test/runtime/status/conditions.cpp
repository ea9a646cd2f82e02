#define CAF_SUITE runtime.status.conditions
#include "test/support/unit_test.hpp"

#include "runtime/status/status.hpp"

#include "test/support/node_facts.hpp"

#include <algorithm>
#include <set>

using namespace senseflow;
using namespace runtime;
using namespace std::chrono_literals;
using messages::item_class;
using test::healthy_node;

namespace {

struct fixture {
  facts x = healthy_node();
  trends t;

  fixture() {
    for (auto c : {item_class::user_event, item_class::log_event}) t.seen[c]["host1"] = x.at - 1s;
  }

  std::vector<condition> all() const { return conditions_of(x, t); }
  /// The only one there is.
  condition only(const std::string& id) const {
    const auto xs = all();
    CAF_REQUIRE_EQUAL(xs.size(), 1u);
    CAF_CHECK_EQUAL(std::string{xs[0].id}, id);
    CAF_CHECK(!xs[0].text.empty() && xs[0].text.back() == '.');
    CAF_CHECK(!xs[0].next.empty() && xs[0].next.back() == '.');
    const auto& ids = condition_ids();
    CAF_CHECK(std::find(ids.begin(), ids.end(), id) != ids.end());
    return xs[0];
  }
  bool none() const { return all().empty(); }
  ledger_line& line(item_class c) { return x.lines[static_cast<size_t>(c)]["host1"]; }
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(conditions_tests, fixture)

CAF_TEST(a node in good order has none) { CAF_CHECK(none()); }

CAF_TEST(a broker that is away is a warning at once and critical after a minute) {
  x.brokers[0].connected = false;
  x.brokers[0].since = x.at - 2s;
  x.brokers[0].trouble = "The connection was lost.";
  auto c = only("broker_away");
  CAF_CHECK(c.how == severity::warning);
  CAF_CHECK_EQUAL(c.text, "No broker is connected for 2 s. The connection was lost.");
  CAF_CHECK(c.since == x.at - 2s);
  test::pass(x, 58s);
  CAF_CHECK(only("broker_away").how == severity::critical);
  x.brokers[1].connected = true; // another publisher
  CAF_CHECK(none());
}

CAF_TEST(a broker that was never reached is told after some seconds or with its first error) {
  x.brokers.clear();
  x.started = x.at - 4s;
  CAF_CHECK(none());
  x.brokers[0] = {false, "", x.started, "Connection refused.", x.at, 64, 0};
  CAF_CHECK(contains(only("broker_away").text, "No broker has been reached for 4 s. Connection refused."));
  x.brokers[0].trouble.clear();
  CAF_CHECK(none());
  test::pass(x, 2s);
  CAF_CHECK(only("broker_away").how == severity::warning);
}

CAF_TEST(what was lost in the last hour is told with its reasons) {
  t.lost_lately.by_reason = {{"spool_full", 12}};
  t.lost_lately.kernel_drops = 5;
  const auto c = only("events_lost");
  CAF_CHECK_EQUAL(c.text, "17 items lost in the last hour: spool_full 12, receive buffer full 5.");
  CAF_CHECK(contains(c.next, "receiveBuffer"));
  CAF_CHECK(c.how == severity::warning);
}

CAF_TEST(superseded state is no loss) {
  line(item_class::log_event).dropped = {{"superseded", 7}, {"memory_full", 2}};
  CAF_CHECK_EQUAL(losses_of(x.totals()).total(), 2u);
}

CAF_TEST(a backlog is told when its oldest event is old) {
  x.backlog.oldest = x.when - 9min;
  CAF_CHECK(none());
  x.backlog.oldest = x.when - 11min;
  line(item_class::log_event).at[static_cast<size_t>(place::memory)] = 3;
  CAF_CHECK_EQUAL(only("backlog").text, "3 events wait, the oldest for 11 min.");
  x.backlog.oldest.reset();
  x.spool->oldest_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>((x.at - 2h).time_since_epoch()).count();
  CAF_CHECK(contains(only("backlog").text, "for 2 h."));
}

CAF_TEST(a spool is almost full by its limit or by the disk) {
  x.spool->bytes = 800;
  CAF_CHECK(none());
  x.spool->bytes = 801;
  auto c = only("spool_almost_full");
  CAF_CHECK(c.how == severity::warning);
  CAF_CHECK(contains(c.next, "maxBytes"));
  t.disk_growth = 10;
  CAF_CHECK(contains(only("spool_almost_full").text, "full in 19 s"));
  x.spool->bytes = 960;
  CAF_CHECK(only("spool_almost_full").how == severity::critical);
  x.spool = spool_figures{100, 1000, 0};
  x.settings.spool_min_free = 1000;
  c = only("spool_almost_full"); // nothing more fits
  CAF_CHECK(c.how == severity::critical);
  CAF_CHECK(contains(c.next, "minFreeBytes"));
}

CAF_TEST(a spool that nothing fits in is told before events come) {
  x.spool = spool_figures{0, 20 << 20, 0};
  x.settings.spool_min_free = 256 << 20;
  auto c = only("spool_almost_full");
  CAF_CHECK(c.how == severity::warning);
  CAF_CHECK_EQUAL(c.text, "The spool can take nothing: 20.0 MiB are free on its disk.");
  line(item_class::log_event).at[static_cast<size_t>(place::memory)] = 1;
  CAF_CHECK(only("spool_almost_full").how == severity::critical);
}

CAF_TEST(a spool that fails is told with its cause) {
  x.spool_trouble = {x.at - 90s, "disk I/O error"};
  auto c = only("spool_failing");
  CAF_CHECK(c.how == severity::warning);
  CAF_CHECK_EQUAL(c.text, "Nothing can be stored in the spool for 90 s: disk I/O error.");
  CAF_CHECK(c.since == x.at - 90s);
  x.spool_trouble.problem.clear();
  CAF_CHECK(contains(only("spool_failing").text, "its disk does not answer"));
  x.brokers[0].connected = false;
  x.brokers[0].since = x.at;
  const auto both = all();
  CAF_CHECK(std::any_of(both.begin(), both.end(), [](const auto& one) {
    return one.id == "spool_failing" && one.how == severity::critical;
  }));
}

CAF_TEST(a server is told when it is offline and ours to poll) {
  auto& state = *x.servers["sense1"].state;
  state.state = messages::server_state::degraded;
  CAF_CHECK(none());
  state.state = messages::server_state::offline;
  state.api = "health";
  state.error = "timeout";
  state.since = x.at - 3min;
  const auto c = only("server_offline");
  CAF_CHECK_EQUAL(c.subject, "sense1");
  CAF_CHECK_EQUAL(c.text, "sense1 is offline (health: timeout).");
  CAF_CHECK(c.since == x.at - 3min);
  x.components.erase("polling/sense1"); // another node has it now
  CAF_CHECK(none());
}

CAF_TEST(polls are late when one in a hundred is) {
  histogram lateness;
  for (int i = 0; i < 200; ++i) lateness.observe(1ms);
  lateness.observe(2s);
  t.lateness = lateness.counts();
  CAF_CHECK(none());
  lateness.observe(2s);
  lateness.observe(3s);
  t.lateness = lateness.counts();
  CAF_CHECK(contains(only("polls_late").text, "3 of 203 polls"));
}

CAF_TEST(a component is told while it waits for its restart and when it was restarted often) {
  auto& c = x.components["delivery/outbox"];
  c.cause = "out of luck";
  t.failures["delivery/outbox"] = 3;
  CAF_CHECK(none());
  t.failures["delivery/outbox"] = 4;
  CAF_CHECK_EQUAL(only("component_restarting").subject, "delivery/outbox");
  t.failures.clear();
  c.now = component_notice::phase::restarting;
  c.failed_at = x.at - 1s;
  CAF_CHECK(contains(only("component_restarting").text, "out of luck"));
}

CAF_TEST(a refused reload is told until one is accepted) {
  x.reload = reload_fact{x.at, "faulty", "senseflow.yaml:3:5: mqttConfig.brokerPort is 0."};
  CAF_CHECK(contains(only("reload_failed").text, "brokerPort"));
  x.reload->result = "applied";
  CAF_CHECK(none());
}

CAF_TEST(certificates are told three weeks ahead and critical three days ahead) {
  x.certificates = {{"client.pem", "client certificate for Qlik Sense", x.at + 22 * 24h}};
  CAF_CHECK(none());
  x.certificates[0].expires = x.at + 20 * 24h + 1h;
  auto c = only("certificate_expires");
  CAF_CHECK(c.how == severity::warning);
  CAF_CHECK_EQUAL(c.text, "The client certificate for Qlik Sense client.pem expires in 20 days.");
  x.certificates[0].expires = x.at + 2 * 24h;
  CAF_CHECK(only("certificate_expires").how == severity::critical);
  x.certificates[0].expires = x.at - 1h;
  CAF_CHECK(contains(only("certificate_expires").text, "has expired"));
}

CAF_TEST(certificates that others have shown are told like our own) {
  x.certificates = {{"", "certificate of", x.at + 5 * 24h + 1h, "broker b:8883", "CN = b", "CN = root"}};
  const auto c = only("certificate_expires");
  CAF_CHECK_EQUAL(c.subject, "broker b:8883");
  CAF_CHECK_EQUAL(c.text, "The certificate of broker b:8883 expires in 5 days.");
  CAF_CHECK(!contains(c.next, "file"));
}

CAF_TEST(silent events are told while somebody works) {
  t.seen[item_class::user_event]["host1"] = x.at - 16min;
  auto c = only("events_silent");
  CAF_CHECK(c.how == severity::warning);
  CAF_CHECK_EQUAL(c.text, "No user events for 16 min, though there are sessions.");
  CAF_CHECK(contains(c.next, "9997"));
  x.servers["sense1"].sessions = 0;
  CAF_CHECK(none());
  x.servers["sense1"].sessions = 1;
  t.seen[item_class::user_event]["host2"] = x.at - 1min;
  t.seen.erase(item_class::log_event);
  c = only("events_silent");
  CAF_CHECK(c.how == severity::info); // a quiet site may have none
  x.settings.ports.erase(item_class::log_event);
  CAF_CHECK(none());
}

CAF_TEST(another program with the same name is told for ten minutes) {
  x.namesake = {"0123", x.at - 9min};
  CAF_CHECK(contains(only("name_shared").text, "node n1, instance 0123"));
  x.namesake.at = x.at - 10min;
  CAF_CHECK(none());
}

CAF_TEST(a listener that does not hear is told with what is not heard) {
  x.components["inbound/listener"] = {};
  CAF_CHECK(none());
  x.listener = {{"requests", "starts of Home Assistant"}, "MQTT broker b refuses it.", x.at - 4s};
  CAF_CHECK(none());
  test::pass(x, 1s);
  const auto c = only("listener_deaf");
  CAF_CHECK(c.how == severity::warning);
  CAF_CHECK_EQUAL(c.text, "Not heard from the broker for 5 s: requests, starts of Home Assistant. "
                          "MQTT broker b refuses it.");
  CAF_CHECK(contains(c.next, "-listener"));
  CAF_CHECK(c.since == x.listener.since);
  x.brokers[0].connected = false; // that says it all
  only("broker_away");
  x.brokers[0].connected = true;
  x.components.erase("inbound/listener");
  CAF_CHECK(none());
  x.components["inbound/listener"] = {};
  x.listener.unheard.clear();
  CAF_CHECK(none());
}

CAF_TEST(a host that repeats itself a thousand times is told) {
  t.folded["host1"] = 999;
  CAF_CHECK(none());
  t.folded["host2"] = 1000;
  const auto c = only("log_storm");
  CAF_CHECK(c.how == severity::warning);
  CAF_CHECK_EQUAL(c.subject, "host2");
  CAF_CHECK_EQUAL(c.text, "host2 repeats itself: 1000 log events within 5 min were folded.");
}

CAF_TEST(an accounting fault is told) {
  x.ledger_faults = 1;
  CAF_CHECK(contains(only("accounting_fault").next, "report"));
}

CAF_TEST(what analyses have found is told as it is) {
  x.alarms["insights/analyst"] = {{"memory_runaway", "sense1", messages::insights::alarm::weight::critical,
                                   "Text.", "Next.", x.at - 1min}};
  const auto c = only("memory_runaway");
  CAF_CHECK(c.how == severity::critical);
  CAF_CHECK_EQUAL(c.subject, "sense1");
  CAF_CHECK(c.since == x.at - 1min);
  x.alarms.begin()->second.front().how = messages::insights::alarm::weight::info;
  CAF_CHECK(only("memory_runaway").how == severity::info);
}

CAF_TEST(the verdict is the worst and each condition knows since when it holds) {
  status_keeper aut;
  auto s = aut.add(x);
  CAF_CHECK_EQUAL(std::string{verdict_of(s.verdict.how)}, "ok");
  CAF_CHECK_EQUAL(s.verdict.text, "All is well.");
  x.ledger_faults = 1;
  test::pass(x, 1s);
  const auto began = x.at;
  s = aut.add(x);
  CAF_CHECK(s.conditions.at(0).since == began && s.verdict.since == began);
  x.brokers[0].connected = false;
  x.brokers[0].since = x.at - 2h;
  test::pass(x, 1s);
  s = aut.add(x);
  CAF_CHECK_EQUAL(s.verdict.text, "1 critical problem, 1 warning.");
  CAF_CHECK_EQUAL(std::string{s.conditions.at(0).id}, "broker_away"); // the worst first
  CAF_CHECK(s.conditions.at(1).since == began);
  CAF_CHECK(s.verdict.since == x.at);
  CAF_CHECK_EQUAL(s.number, 3u);
}

CAF_TEST_FIXTURE_SCOPE_END()
