#define CAF_SUITE runtime.probe.judgements
#include "test/support/unit_test.hpp"

#include "runtime/probe/arrivals.hpp"
#include "runtime/probe/broker_checks.hpp"
#include "runtime/probe/etcd_checks.hpp"
#include "runtime/probe/file_checks.hpp"
#include "runtime/probe/port_checks.hpp"

#include <algorithm>

using namespace senseflow;
using namespace senseflow::runtime;
using namespace senseflow::runtime::probe;

namespace {

using clock_type = std::chrono::steady_clock;

const std::string user_event = "/qseow-proxy-session/;host;Start session;LAB;goran;o;c;m";
const std::string engine_event = "/qseow-engine/;1;20211109T153726.028+0200;2021-11-09 15:37:26,028;WARN;h;"
                                 "System.Engine;u;m;;;;;;;;;;";

bool complete(const finding& x) { return !x.code.empty() && !x.cause.empty() && !x.next.empty(); }

const finding* with_code(const findings& all, const std::string& code) {
  const auto i = std::find_if(all.begin(), all.end(), [&](const finding& x) { return x.code == code; });
  return i == all.end() ? nullptr : &*i;
}

} // namespace

CAF_TEST(a message that was taken and came back is good) {
  trial x{"base/senseflow/n/probe", "base/"};
  x.delivered = x.read = true;
  CAF_CHECK(judge_trial(x).result == outcome::good);
}

CAF_TEST(a message that does not come back matters only where it has to be read or MQTT can not say no) {
  trial x{"base/senseflow/n/probe", "base/"};
  x.delivered = true;
  CAF_CHECK(judge_trial(x).result == outcome::good);
  x.mqtt5 = false;
  CAF_CHECK_EQUAL(judge_trial(x).code, "publish_unconfirmed");
  x.mqtt5 = x.has_to_be_read = true;
  CAF_CHECK_EQUAL(judge_trial(x).code, "cluster_not_heard");
  CAF_CHECK(judge_trial(x).next.find("base/senseflow/cluster/#") != std::string::npos);
}

CAF_TEST(where others have to be heard a message that does not come back tells what to allow) {
  trial x{"base/senseflow/n/probe", "base/"};
  x.delivered = true;
  x.to_read = {"base/senseflow/n/request/+", "homeassistant/status"};
  for (const bool mqtt5 : {true, false}) {
    x.mqtt5 = mqtt5;
    const auto found = judge_trial(x);
    CAF_CHECK(found.result == outcome::warning && complete(found));
    CAF_CHECK_EQUAL(found.code, "not_heard");
    CAF_CHECK(found.next.find("topic read base/senseflow/n/request/+, topic read homeassistant/status") !=
              std::string::npos);
    CAF_CHECK_EQUAL(found.cause.find("3.1.1") != std::string::npos, !mqtt5);
  }
  x.mqtt5 = x.status_read = true; // it may read what it needs to
  CAF_CHECK(judge_trial(x).result == outcome::good);
  x.status_read = false;
  x.read = true;
  CAF_CHECK(judge_trial(x).result == outcome::good);
}

CAF_TEST(a message that is not taken tells what to allow) {
  trial refused{"base/senseflow/n/probe", "base/"}, lost = refused, lonely = refused;
  refused.refused = "not_authorized";
  lost.lost = true;
  for (const auto& x : {judge_trial(refused), judge_trial(lost)}) {
    CAF_CHECK_EQUAL(x.code, "publish_denied");
    CAF_CHECK(x.next.find("topic write base/#") != std::string::npos);
  }
  CAF_CHECK_EQUAL(judge_trial(lonely).code, "not_acknowledged");
}

CAF_TEST(every refusal of a broker has words of its own) {
  mqtt_options o;
  o.client_id = "c";
  const std::map<int, std::string> codes{
      {1, "version"},    {2, "client_id"},           {4, "not_authorized"},    {5, "not_authorized"},
      {0x84, "version"}, {0x85, "client_id"},        {0x86, "not_authorized"}, {0x87, "not_authorized"},
      {0, "no_session"}, {0x89, "refused_by_broker"}};
  for (const auto& [code, word] : codes) {
    const auto x = judge_refusal(code, "words", o);
    CAF_CHECK_EQUAL(x.code, word);
    CAF_CHECK(complete(x));
  }
  o.username = "me";
  CAF_CHECK(judge_refusal(5, "", o).cause.find("the user me") != std::string::npos);
}

CAF_TEST(limits of a broker matter where they are below what is configured) {
  config::settings s;
  mqtt_connack x;
  CAF_CHECK(judge_limits(x, s).empty());
  x.maximum_qos = 0;
  x.retain_available = false;
  x.maximum_packet_size = 1000;
  const auto all = judge_limits(x, s);
  CAF_CHECK_EQUAL(all.size(), 3u);
  for (const auto& f : all) CAF_CHECK(f.result == outcome::warning && complete(f));
  s.mqtt.qos.events = 0;
  s.mqtt.retain.state = false;
  CAF_CHECK_EQUAL(judge_limits(x, s).size(), 1u);
}

CAF_TEST(a port that is ours is well and one of others is not ) {
  CAF_CHECK(judge_taken("w", udp_user{{1, 2, 0}, 42, "senseflow"}, {}).result == outcome::good);
  CAF_CHECK(judge_taken("w", udp_user{{1, 2, 0}, 1, "systemd"}, {}).result == outcome::good);
  CAF_CHECK(judge_taken("w", udp_user{{1, 2, 0}, 0, ""}, {42}).fact.find("pid 42") != std::string::npos);
  CAF_CHECK_EQUAL(judge_taken("w", udp_user{{1, 2, 7}, 42, "senseflow"}, {}).code, "kernel_drops");
  CAF_CHECK_EQUAL(judge_taken("w", udp_user{{1, 2, 0}, 42, "node"}, {}).code, "port_taken");
  CAF_CHECK_EQUAL(judge_taken("w", udp_user{{1, 2, 0}, 0, ""}, {}).code, "port_taken");
  CAF_CHECK_EQUAL(judge_taken("w", {}, {}).cause, "w");
}

CAF_TEST(certificates are judged by their dates) {
  constexpr std::time_t day = 86400, now = 1000 * day;
  CAF_CHECK(judge_dates("c", "f", 0, now + 100 * day, now).result == outcome::good);
  CAF_CHECK_EQUAL(judge_dates("c", "f", 0, now - 1, now).code, "own_certificate_expired");
  CAF_CHECK_EQUAL(judge_dates("c", "f", now + 1, now + 100 * day, now).code, "own_certificate_not_yet_valid");
  const auto soon = judge_dates("c", "f", 0, now + 3 * day, now);
  CAF_CHECK(soon.result == outcome::warning);
  CAF_CHECK_EQUAL(soon.cause, "it expires in 3 days");
}

CAF_TEST(space is judged by what the spool may use) {
  constexpr uint64_t mib = 1u << 20;
  CAF_CHECK_EQUAL(judge_space(100 * mib, 256 * mib, 1024 * mib).code, "disk_full");
  CAF_CHECK_EQUAL(judge_space(300 * mib, 256 * mib, 1024 * mib).fact,
                  "300 MiB free: room for 44 MiB of events");
  CAF_CHECK_EQUAL(judge_space(5000 * mib, 256 * mib, 1024 * mib).fact,
                  "5000 MiB free: room for 1024 MiB of events");
}

CAF_TEST(every error of etcd has words of its own) {
  for (auto e : {etcd_error::unavailable, etcd_error::lease_lost, etcd_error::compacted, etcd_error::no_space,
                 etcd_error::denied, etcd_error::refused, etcd_error::unusable})
    CAF_CHECK(complete(judge_etcd_error("c", e, "words")));
}

CAF_TEST(what arrives is told by sender and what is refused by reason) {
  config::settings s;
  actors::datagram_guard_options o;
  o.max_bytes = 200;
  o.max_per_minute = 4;
  arrivals heard{messages::event_port::user_events, actors::datagram_guard{o}};
  const auto now = clock_type::now();
  heard.note({user_event, "192.0.2.1"}, now);
  heard.note({engine_event, "192.0.2.1"}, now);
  heard.note({std::string(300, 'x'), "192.0.2.2"}, now);
  heard.note({"hello\n", "192.0.2.2"}, now);
  heard.note({user_event, "192.0.2.3"}, now); // the fifth in this minute
  const auto all = heard.judge(s, std::chrono::seconds(3));
  CAF_CHECK(all.front().result == outcome::good);
  CAF_CHECK_EQUAL(all.front().fact, "1 session");
  for (const auto* code : {"no_event", "too_large", "rate_limit"}) {
    CAF_REQUIRE(with_code(all, code) != nullptr);
    CAF_CHECK(complete(*with_code(all, code)));
  }
  CAF_CHECK(with_code(all, "no_event")->cause.find("port of the log events") != std::string::npos);
}

CAF_TEST(events of a source that is switched off are told) {
  config::settings s;
  s.log_events.source.proxy = s.log_events.source.qix_perf = true;
  arrivals heard{messages::event_port::log_events, actors::datagram_guard{}};
  heard.note({engine_event, "192.0.2.1"}, clock_type::now());
  auto all = heard.judge(s, std::chrono::seconds(3));
  CAF_CHECK(with_code(all, "switched_off") != nullptr);
  CAF_CHECK(with_code(all, "no_performance_events")->next.find("QIX performance log level") !=
            std::string::npos);
  s.log_events.source.engine = true;
  s.log_events.source.qix_perf = false;
  all = heard.judge(s, std::chrono::seconds(3));
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK_EQUAL(all.front().fact, "1 engine");
}

CAF_TEST(of many senders only their number is kept) {
  config::settings s;
  arrivals heard{messages::event_port::user_events, actors::datagram_guard{}};
  for (int i = 0; i < 1000; ++i) heard.note({user_event, "192.0.2." + std::to_string(i)}, clock_type::now());
  const auto all = heard.judge(s, std::chrono::seconds(3));
  CAF_CHECK_EQUAL(all.size(), arrivals::most_senders + 1);
  CAF_CHECK_EQUAL(all.back().fact, "950 datagrams of further senders, not looked at");
}

CAF_TEST(silence is a warning that says how to find out more) {
  config::settings s;
  arrivals heard{messages::event_port::user_events, actors::datagram_guard{}};
  const auto all = heard.judge(s, std::chrono::seconds(3));
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(all.front().result == outcome::warning);
  CAF_CHECK(all.front().next.find("tcpdump -ni any udp port 9997") != std::string::npos);
}
