#include "runtime/probe/broker_checks.hpp"

#include "messages/text/iso_time.hpp"
#include "runtime/probe/processes.hpp"
#include "runtime/probe/reach.hpp"
#include "runtime/wiring/cluster.hpp"
#include "runtime/wiring/inbound.hpp"
#include "runtime/wiring/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

namespace senseflow::runtime::probe {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto connect_patience = 12s; // with MQTT 5, then with 3.1.1
constexpr auto answer_patience = 5s;
constexpr auto return_patience = 2s;
constexpr uint32_t small_packets = 16 * 1024;

/// A connection and all that came of it.
class conversation {
public:
  conversation(const mqtt_options& o, std::shared_ptr<resolver> names)
      : client_(make_mqtt_client(o, std::move(names))) {}
  ~conversation() { client_->disconnect(500ms); }
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;

  std::shared_ptr<const mqtt_connack> connack; ///< null: not connected
  std::string refused;                         ///< why not; "" = not known yet
  int code = 0;
  bool lost = false;
  bool subscribed = false, denied = false;
  std::set<uint64_t> delivered;
  std::map<uint64_t, std::string> not_taken;
  std::map<std::string, std::string> messages; ///< the last one of each topic

  void connect() { client_->connect(); }
  publish_result publish(uint64_t token, const messages::mqtt_message& m) {
    publish_properties p;
    p.awaited = true;
    return client_->publish(token, m, p);
  }

  template <class Condition>
  bool wait(Condition condition, std::chrono::milliseconds limit) {
    const auto until = clock::now() + limit;
    auto look = clock::now() + 1s;
    for (;;) {
      for (const auto& x : client_->take_events()) note(x);
      if (condition()) return true;
      if (clock::now() >= until) return false;
      if (clock::now() >= look) {
        client_->watch();
        look += 1s;
      }
      std::this_thread::sleep_for(5ms);
    }
  }

private:
  void note(const mqtt_event& x) {
    using kind = mqtt_event::kind;
    switch (x.what) {
    case kind::connected:
      connack = x.connack;
      break;
    case kind::try_again:
      client_->connect();
      break;
    case kind::connect_failed:
      refused = x.text;
      code = static_cast<int>(x.token);
      break;
    case kind::connection_lost:
      lost = true;
      break;
    case kind::subscribed:
      subscribed = true;
      break;
    case kind::subscription_denied:
      denied = true;
      break;
    case kind::received:
      messages[x.message->topic.str()] = x.message->payload.str();
      break;
    case kind::delivered:
      delivered.insert(x.token);
      break;
    case kind::failed:
    case kind::refused:
      not_taken[x.token] = x.text;
      break;
    default:
      break;
    }
  }

  std::unique_ptr<mqtt_client> client_;
};

std::string random_word() {
  std::random_device random;
  return fmt::format("{:08x}", random());
}

mqtt_options options_for(const config::settings& s, const config::mqtt_broker_settings& broker) {
  auto o = broker_options(s, 0, node_name(s));
  o.host = broker.host;
  o.port = broker.port;
  o.further_brokers.clear();
  o.presence.topic.clear();
  o.client_id = fmt::format("senseflow-probe-{}", random_word());
  o.keeps_session = false;
  o.session_expiry = 0s;
  return o;
}

/// The broker, or the proxy in front of it.
destination to_broker(const config::settings& s, const mqtt_options& o) {
  destination x;
  x.host = o.host;
  x.port = o.port;
  x.service = "the MQTT broker";
  x.setting = o.host == s.mqtt.broker_host ? "mqttConfig.brokerHost and brokerPort" : "mqttConfig.brokers";
  x.verify = o.tls_verify;
  x.ca_setting = "mqttConfig.tls.ca";
  x.certificate_setting = "mqttConfig.tls.cert and key";
  x.verify_setting = "mqttConfig.tls.verify: false";
  x.certificate_advice = "Ask whoever runs the broker for the right certificates.";
  if (o.tls)
    x.tls = tls_question{o.host,         o.tls_ca_file,        o.tls_certificate_file,
                         o.tls_key_file, o.tls_key_passphrase, o.tls_alpn};
  if (!o.proxy.host.empty()) { // TLS is the broker's then, and behind it
    x.host = o.proxy.host;
    x.port = o.proxy.port;
    x.service = "the HTTP proxy";
    x.setting = "mqttConfig.proxy";
    x.tls.reset();
  }
  return x;
}

finding judge_node(const config::settings& s, const conversation& talk, const std::string& topic) {
  const auto node = node_name(s);
  const auto check = "node name";
  const auto i = talk.messages.find(topic);
  const auto online = i != talk.messages.end() && i->second == "online";
  if (!online) return good(check, fmt::format("no other senseflow is online as {}", node));
  if (const auto here = services(); !here.empty())
    return good(check, fmt::format("{} is online: senseflow runs here (pid {})", node, here.front()));
  return warning(
      check, "node_in_use", fmt::format("{} says that {} is online", topic, node),
      fmt::format("no senseflow runs here: another one is called {}, too, or one was killed a moment "
                  "ago",
                  node),
      "Give each senseflow a `node` of its own: they would replace each other at the broker.");
}

void publish_and_read(conversation& talk, uint64_t token, trial x, notebook& to) {
  x.mqtt5 = talk.connack->mqtt5;
  const auto word = random_word();
  messages::mqtt_message m;
  m.topic = x.topic;
  m.payload =
      fmt::format(R"({{"probe":"{}","timestamp":"{}"}})", word, messages::iso_time(caf::make_timestamp()));
  m.qos = std::min<uint8_t>(1, talk.connack->maximum_qos);
  m.json = true;
  const auto came_back = [&] {
    const auto i = talk.messages.find(x.topic);
    return i != talk.messages.end() && i->second.find(word) != std::string::npos;
  };
  if (talk.publish(token, m) == publish_result::sent)
    talk.wait([&] { return talk.delivered.count(token) + talk.not_taken.count(token) > 0 || talk.lost; },
              answer_patience);
  x.delivered = talk.delivered.count(token) > 0;
  x.lost = talk.lost;
  if (const auto i = talk.not_taken.find(token); i != talk.not_taken.end())
    x.refused = i->second.empty() ? "no reason given" : i->second;
  x.may_subscribe = !talk.denied;
  x.read = x.delivered && !talk.denied && talk.wait(came_back, return_patience);
  x.status_read = talk.messages.count(x.status) > 0;
  to.add(judge_trial(x));
}

void look_at_broker(const tools_ptr& with, const config::mqtt_broker_settings& broker, notebook& to) {
  const auto& s = with->settings;
  auto o = options_for(s, broker);
  const auto place = to_broker(s, o);
  const auto all_skipped = [&](const std::string& why) {
    for (const auto* check : {"session", "publish and read"}) to.add(skipped(check, why));
  };
  if (!path_finder{with->names, to}.reach(place))
    return all_skipped(fmt::format("not tried, since {} can't be used", place_text(place.host, place.port)));
  const auto own = fmt::format("{}senseflow/{}/", s.mqtt.base_topic, node_name(s));
  std::vector<trial> trials{{own + "probe", s.mqtt.base_topic}};
  trials.front().to_read = topics_to_read(s);
  trials.front().status = own + "status";
  if (s.cluster.enable) trials.push_back({channel_options(s).base + "probe", s.mqtt.base_topic, true});
  for (const auto& x : trials) o.subscriptions.push_back({x.topic, 1, false});
  o.subscriptions.push_back({trials.front().status, 1, false});
  const auto start = clock::now();
  conversation talk{o, with->names};
  talk.connect();
  talk.wait([&] { return talk.connack || !talk.refused.empty(); }, connect_patience);
  if (!talk.connack) {
    to.add(talk.refused.empty() ? failed("session", "no_answer",
                                         fmt::format("no answer within {} s", connect_patience.count()),
                                         "the broker takes the connection, but does not answer",
                                         "See the broker's log and health; check that this port speaks MQTT.")
                                : judge_refusal(talk.code, talk.refused, o));
    return to.add(skipped("publish and read", "not tried without a session"));
  }
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - start);
  to.add(good("session", fmt::format("{}, {} ({})", described(*talk.connack),
                                     o.username.empty() ? "without a user name" : "as user " + o.username,
                                     duration_text(took))));
  for (auto& x : judge_limits(*talk.connack, s)) to.add(std::move(x));
  talk.wait([&] { return talk.subscribed || talk.denied || talk.lost; }, answer_patience);
  uint64_t token = 0;
  for (const auto& x : trials) publish_and_read(talk, ++token, x, to);
  if (s.mqtt.presence && !talk.denied && !talk.lost) to.add(judge_node(s, talk, trials.front().status));
}

} // namespace

finding judge_refusal(int code, const std::string& words, const mqtt_options& o) {
  switch (code) {
  case 4:
  case 5:
  case 0x86:
  case 0x87:
    return failed("session", "not_authorized", fmt::format("refused, code 0x{:02x}", code),
                  o.username.empty()
                      ? std::string{"the broker lets nobody in without a user name and password"}
                      : fmt::format("the broker does not accept the user {} with this password, or "
                                    "does not let this user in",
                                    o.username),
                  "Set mqttConfig.username and passwordFile to what the broker knows; its log says "
                  "which of them is wrong.");
  case 1:
  case 0x84:
    return failed("session", "version", fmt::format("refused, code 0x{:02x}", code),
                  "the broker does not speak this version of MQTT",
                  "Set mqttConfig.protocolVersion to the one that it speaks, or leave it out.");
  case 2:
  case 0x85:
    return failed(
        "session", "client_id", fmt::format("refused, code 0x{:02x}", code),
        fmt::format("the broker does not accept the client id {}, which the probe has chosen for itself",
                    o.client_id),
        "Where it allows certain ids only, this command can't test the session: see the log "
        "of the service.");
  case 0:
    return failed("session", "no_session", {}, words,
                  "See the broker's log; check that this port speaks MQTT.");
  default:
    return failed("session", "refused_by_broker", fmt::format("refused, code 0x{:02x}", code), words,
                  "See the broker's log.");
  }
}

findings judge_limits(const mqtt_connack& x, const config::settings& s) {
  findings result;
  const auto wanted = std::max(s.mqtt.qos.events, s.mqtt.qos.state);
  if (x.maximum_qos < wanted)
    result.push_back(warning("limits", "qos_lowered", fmt::format("QoS {} at most", x.maximum_qos),
                             fmt::format("QoS {} is configured, and will be lowered", wanted),
                             "Raise it at the broker, or lower mqttConfig.qos."));
  if (!x.retain_available && s.mqtt.retain.state)
    result.push_back(
        warning("limits", "no_retained_messages", "no retained messages",
                "states go out without being retained: who subscribes later has to wait for them",
                "Allow them at the broker, or set mqttConfig.retain.state: false."));
  if (x.maximum_packet_size > 0 && x.maximum_packet_size < small_packets)
    result.push_back(warning("limits", "small_packets",
                             fmt::format("{} bytes a message at most", x.maximum_packet_size),
                             "lists of sessions and long log events may be larger, and will be dropped",
                             "Raise the maximum packet size at the broker."));
  return result;
}

finding judge_trial(const trial& x) {
  const std::string check = x.has_to_be_read ? "publish and read, cluster" : "publish and read";
  const auto allow =
      x.has_to_be_read
          ? fmt::format("Allow this user to write {0}# and to read {0}senseflow/cluster/# at the "
                        "broker.",
                        x.base)
          : fmt::format("Allow this user to write {0}# at the broker (mosquitto, in its acl_file: "
                        "topic write {0}#).",
                        x.base);
  if (x.lost)
    return failed(check, "publish_denied", fmt::format("to {}", x.topic),
                  "the broker ended the connection over the message: that is how some refuse what a user may "
                  "not publish",
                  allow);
  if (!x.refused.empty())
    return failed(check, "publish_denied", fmt::format("to {}: {}", x.topic, x.refused),
                  "the broker does not allow this user to publish there", allow);
  if (!x.delivered)
    return failed(check, "not_acknowledged",
                  fmt::format("to {}: nothing within {} s", x.topic, answer_patience.count()),
                  "the broker has not acknowledged the message", "See the broker's log and health.");
  if (x.read) return good(check, fmt::format("{}: written and read", x.topic));
  if (x.has_to_be_read)
    return failed(
        check, "cluster_not_heard", fmt::format("{}: written, but it did not come back", x.topic),
        "this user may not read there, or not write: the nodes of the cluster do not hear each other", allow);
  if (!x.to_read.empty() && !x.status_read)
    return warning(
        check, "not_heard",
        fmt::format("{}: {}, but it did not come back", x.topic, x.mqtt5 ? "written" : "acknowledged"),
        fmt::format("requests, homeAssistant or lookAround are on and have to read, and this user may not "
                    "read there{}",
                    x.mqtt5 ? "" : "; or not write, which MQTT 3.1.1 can't say"),
        fmt::format("Allow this user to read these topics at the broker (mosquitto, in its acl_file, a line "
                    "each: {}). "
                    "If it may read them already, all is well: this check's own topic is not among them.",
                    "topic read " + fmt::format("{}", fmt::join(x.to_read, ", topic read "))));
  if (!x.mqtt5)
    return warning(
        check, "publish_unconfirmed", fmt::format("{}: acknowledged, but it did not come back", x.topic),
        "this user may not read there, which does no harm; or not write, which MQTT 3.1.1 can't say",
        "See with a subscriber of another user whether anything arrives; if not: " + allow);
  return good(check, fmt::format("{}: written; not read back: this user may not read there, and need not{}",
                                 x.topic, x.to_read.empty() ? "" : "; what is to be heard it may read"));
}

std::vector<job> broker_jobs(const tools_ptr& with) {
  const auto& s = with->settings;
  std::vector<config::mqtt_broker_settings> all{{s.mqtt.broker_host, s.mqtt.broker_port}};
  all.insert(all.end(), s.mqtt.brokers.begin(), s.mqtt.brokers.end());
  std::vector<job> result;
  for (const auto& x : all)
    result.push_back({"MQTT broker " + place_text(x.host, x.port),
                      reach_limits{}.all() + connect_patience + 30s,
                      [with, x](notebook& to) { look_at_broker(with, x, to); }});
  return result;
}

} // namespace senseflow::runtime::probe
