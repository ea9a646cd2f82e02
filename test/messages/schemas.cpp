#define CAF_SUITE messages.schemas

#include "test/support/unit_test.hpp"

#include "golden_options.hpp"
#include "insight_documents.hpp"

#include "messages/encode/availability.hpp"
#include "messages/encode/insight.hpp"
#include "messages/encode/server_event.hpp"
#include "messages/folding/performance_digest.hpp"
#include "messages/folding/storm_folder.hpp"
#include "messages/home_assistant/document.hpp"
#include "messages/items/log_event.hpp"
#include "test/support/schema_check.hpp"

#include <iterator>
#include <memory>
#include <set>

using namespace golden;
using senseflow::test::check_message;
using senseflow::test::check_value;
using senseflow::test::message_contract;
using senseflow::test::read_schema;
using senseflow::test::schema_names;

namespace {

using paths = std::set<std::string>;

/// The keys of a schema, such as `memory.free`.
void collect_keys(const json& schema, const std::string& prefix, paths& all, paths& required) {
  if (schema.contains("items")) return collect_keys(schema["items"], prefix + "[].", all, required);
  const auto needed = schema.value("required", json::array());
  const auto properties = schema.value("properties", json::object());
  for (const auto& [key, value] : properties.items()) {
    all.insert(prefix + key);
    if (std::find(needed.begin(), needed.end(), key) != needed.end()) required.insert(prefix + key);
    collect_keys(value, prefix + key + ".", all, required);
  }
}

/// What is there and what could be but is not. Keys that the schema leaves open are not looked at.
void collect_used(const json& schema, const json& value, const std::string& prefix, paths& used,
                  paths& missing) {
  if (schema.contains("items")) {
    for (const auto& x : value) collect_used(schema["items"], x, prefix + "[].", used, missing);
    return;
  }
  const auto properties = schema.value("properties", json::object());
  for (const auto& [key, below] : properties.items()) {
    if (!value.contains(key)) {
      missing.insert(prefix + key);
      continue;
    }
    used.insert(prefix + key);
    collect_used(below, value[key], prefix + key + ".", used, missing);
  }
}

/// All that the encoders make of the recordings, in all layouts, checked against the contract.
class production {
public:
  production() {
    const auto root = read_settings("ue-base");
    run_documented_events(root);
    run_availability();
    run_home_assistant();
    for (const auto& x : senseflow::test::insight_documents())
      add(message_contract{}, encode_insight(x, {"butler-sos/", {}, {}}));
    run_summaries();
    for (const auto& v : read_vectors("user-events.jsonl"))
      if (auto event = parse_user_event(bytes_of(v, "input")))
        add(v, encode_user_event(*event, user_event_options_of(settings(v)), apps_of(settings(v))));
    for (const auto& v : read_vectors("log-events.jsonl"))
      if (auto event = parse_log_event(bytes_of(v, "input")))
        add(v, encode_log_event(*event, log_event_options_of(settings(v)), apps_of(settings(v))));
    for (const auto& v : read_vectors("health.jsonl"))
      if (auto sample = parse_health(bytes_of(v["response"], "body"))) run_health(v, *sample);
    for (const auto& v : read_vectors("sessions.jsonl"))
      if (auto sample = parse_sessions(bytes_of(v["response"], "body"))) run_sessions(v, *sample);
  }

  size_t messages = 0;
  paths faults;
  paths channels;                           ///< seen
  std::map<std::string, json> good_example; ///< by schema, the one with most keys
  std::map<std::string, paths> used, missing;

private:
  const YAML::Node& settings(const json& v) {
    const auto name = v["variant"].get<std::string>();
    auto& found = settings_[name];
    if (!found.IsDefined() || found.IsNull()) found = read_settings(name);
    return found;
  }

  const message_contract& contract(const json& v) {
    auto& found = contracts_[v["variant"].get<std::string>()];
    if (found) return *found;
    found = std::make_unique<message_contract>(contract_parameters(settings(v)));
    return *found;
  }

  void add(const json& v, const encoded& x) { add(contract(v), x); }

  void add(const message_contract& contract, const encoded& x) {
    if (!std::holds_alternative<publication>(x)) return;
    for (const auto& m : std::get<publication>(x).messages) add(contract, m.topic.str(), m.payload.str());
  }

  void add(const message_contract& contract, const std::string& topic, const std::string& payload) {
    ++messages;
    if (const auto fault = contract.check(topic, payload); !fault.empty()) faults.insert(fault);
    for (const auto& c : contract.channels_of(topic)) channels.insert(c);
    note(payload);
  }

  void note(const std::string& payload) {
    const auto value = json::parse(payload, nullptr, false);
    if (!value.is_object()) return;
    for (const auto& name : schema_names()) {
      if (!check_value(name, value).empty()) continue;
      collect_used(read(name), value, "", used[name], missing[name]);
      auto& example = good_example[name];
      if (value.size() > example.size()) example = value;
    }
  }

  const json& read(const std::string& name) {
    auto& found = schemas_[name];
    if (found.is_null()) found = read_schema(name);
    return found;
  }

  void run_health(const json& v, health_sample sample) {
    sample.server = "sense1";
    sample.host = "host1.example.com";
    sample.tags = {{"group", "DEV"}};
    if (++polled_ % 2 == 0) sample.by = {"node-1", 4711};
    add(v, encode_health(sample, {base_topic_of(settings(v)), true, true, {}, true}));
  }

  void run_sessions(const json& v, session_sample sample) {
    sample.server = "sense1";
    if (++polled_ % 2 == 0) sample.by = {"node-1", 4711};
    sample.host = "host1.example.com";
    for (const auto* proxy : {"/", "/hdr", "/a/b"}) {
      sample.virtual_proxy = proxy;
      session_options options;
      options.base_topic = base_topic_of(settings(v));
      add(v, encode_sessions(sample, options));
    }
  }

  void run_availability() {
    const message_contract contract;
    availability_sample good;
    good.server = "sense1";
    good.host = "host1.example.com";
    good.by = {"node-1", 4711};
    auto bad = good;
    bad.by = {};
    bad.state = server_state::offline;
    bad.api = "sessions/hdr";
    bad.error = "http_status";
    bad.http_status = 503;
    bad.last_good_poll = caf::timestamp{caf::timespan{1}};
    for (const auto& x : {good, bad}) add(contract, encode_availability(x, {"butler-sos/", true, {}}));
    server_event event{"sense1", "host1.example.com", {}, server_event_kind::engine_restarted, "a", "b",
                       good.by};
    for (const auto& by : {good.by, polled_by{}}) {
      event.by = by;
      add(contract, encode_server_event(event, {"butler-sos/", true, {}}));
    }
  }

  void run_home_assistant() {
    using namespace home_assistant;
    using namespace std::chrono_literals;
    const message_contract contract;
    const site at{"homeassistant", "butler-sos/", "node1", "1.0"};
    for (const auto& x :
         {document_of(at, server{"sense1", "", 95s}), document_of(at, server{"sense1", "12.1", 95s, true}),
          document_of(at, node_feeds{true, 185s, "butler-sos/userevent"}),
          document_of(at, node_feeds{false, 0s, ""})}) {
      add(contract, x.topic, x.payload);
      if (!x.removing.empty()) add(contract, x.topic, x.removing);
    }
  }

  /// All recorded log events as storms and digests.
  void run_summaries() {
    const message_contract contract;
    const auto now = storm_folder::time_point{} + std::chrono::hours(1);
    storm_folder storms{{1, std::chrono::seconds(1)}};
    performance_digest digest{{std::chrono::seconds(1), std::chrono::seconds(1), 3}};
    std::vector<insight> all;
    const auto append = [&](std::vector<insight> more) {
      std::move(more.begin(), more.end(), std::back_inserter(all));
    };
    for (const auto& v : read_vectors("log-events.jsonl"))
      if (auto event = parse_log_event(bytes_of(v, "input"))) {
        for (int i = 0; i < 3; ++i) storms.folds(*event, now, [](const auto&) { return true; });
        digest.digests(*event, now);
        if (storms.storms() == storm_folder::most_storms) append(storms.close({}));
      }
    append(storms.close({}));
    append(digest.close({}, [](const std::string& id) { return id.empty() ? "" : "Sales"; }));
    for (const auto& x : all) add(contract, encode_insight(x, {"butler-sos/", {}, {}}));
  }

  /// The topics and payloads of a configuration that names none.
  void run_documented_events(const YAML::Node& root) {
    const message_contract contract;
    uint64_t hash = 0; // of events with an id
    user_event_options user;
    user.tags_json = R"({"a":"b"})";
    user.topics = {{{"butler-sos/userevent", true}, ""},
                   {{"butler-sos/userevent/session/start", true}, "Start session"},
                   {{"butler-sos/userevent/session/stop", true}, "Stop session"},
                   {{"butler-sos/userevent/connection/open", true}, "Open connection"},
                   {{"butler-sos/userevent/connection/close", true}, "Close connection"}};
    for (const auto& v : read_vectors("user-events.jsonl"))
      if (auto event = parse_user_event(bytes_of(v, "input"))) {
        event->id = {++hash, 1};
        add(contract, encode_user_event(*event, user, apps_of(root)));
      }
    auto log = log_event_options_of(root);
    log.base = log.subsystem_base = {"butler-sos/logevent", true};
    for (size_t i = 0; i < log_source_count; ++i)
      log.source_topics[i] = {"butler-sos/logevent/" + std::string{topic_level(static_cast<log_source>(i))},
                              true};
    log.performance.enable = log.performance.all_apps.enable = true;
    log.app_name_lookup = true;
    for (const auto& v : read_vectors("log-events.jsonl"))
      if (auto event = parse_log_event(bytes_of(v, "input"))) {
        if (++hash % 2 == 0) event->id = {hash, 12};
        add(contract, encode_log_event(*event, log, apps_of(root)));
      }
  }

  std::map<std::string, YAML::Node> settings_;
  size_t polled_ = 0;
  std::map<std::string, std::unique_ptr<message_contract>> contracts_;
  std::map<std::string, json> schemas_;
};

const production& produced() {
  static const production all;
  return all;
}

std::string listed(const paths& all) {
  std::string out;
  for (const auto& x : all) out += (out.empty() ? "" : "\n") + x;
  return out;
}

paths without(const paths& all, const paths& some) {
  paths out;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::inserter(out, out.end()));
  return out;
}

/// `session-list` as it came; `ledger`: test/runtime/ledger_report.cpp; `response`: test/actors/inbound/requests.cpp;
/// `node-health`: test/runtime/status/status_json.cpp; `cluster`: test/actors/cluster/; the others:
/// test/messages/insights/.
bool made_elsewhere(const std::string& schema) {
  static const paths all{"session-list", "ledger",  "response", "cluster",     "cluster-node",
                         "node-health",  "silence", "clock",    "certificates"};
  return all.count(schema) > 0;
}

} // namespace

CAF_TEST(every message made of the recordings keeps the contract) {
  CAF_CHECK_EQUAL(listed(produced().faults), "");
  CAF_MESSAGE(produced().messages << " messages");
  CAF_CHECK(produced().messages > 5000);
}

CAF_TEST(every channel of the contract is used) {
  const auto channels = message_contract{}.channels();
  paths all{channels.begin(), channels.end()};
  all.erase("nodeHealth");                                           // test/runtime/status/status_json.cpp
  all.erase("nodeLedger");                                           // test/runtime/ledger_report.cpp
  all.erase("nodeStatus");                                           // test/runtime/mqtt_presence.cpp
  for (const auto* x : {"request", "response"}) all.erase(x);        // test/actors/inbound/requests.cpp
  all.erase("homeAssistantStatus");                                  // listened to
  for (const auto* x : {"clusterView", "clusterNode"}) all.erase(x); // test/actors/cluster/cluster_report.cpp
  for (const auto* x : {"serverSilence", "serverClock", "nodeCertificates"})
    all.erase(x); // test/messages/insights/
  CAF_CHECK_EQUAL(listed(without(all, produced().channels)), "");
}

CAF_TEST(every key of a schema is made by the code and what is always there is required) {
  for (const auto& name : schema_names()) {
    if (made_elsewhere(name)) continue;
    CAF_MESSAGE(name);
    paths all;
    paths required;
    collect_keys(read_schema(name), "", all, required);
    CAF_CHECK(produced().used.count(name) == 1);
    CAF_CHECK_EQUAL(listed(without(all, produced().used.at(name))), "");
    CAF_CHECK_EQUAL(listed(without(without(all, produced().missing.at(name)), required)), "");
  }
}

CAF_TEST(a message with a missing or unknown key or a value of the wrong type is rejected) {
  for (const auto& name : schema_names()) {
    if (made_elsewhere(name)) continue;
    CAF_MESSAGE(name);
    const auto& good = produced().good_example.at(name);
    CAF_CHECK_EQUAL(check_value(name, good), "");
    auto bad = good;
    bad["unknown"] = 1;
    CAF_CHECK(!check_value(name, bad).empty());
    paths all;
    paths required;
    collect_keys(read_schema(name), "", all, required);
    for (const auto& [key, value] : good.items()) {
      bad = good;
      bad[key] = value.is_array() ? json::object() : json::array();
      if (check_value(name, bad).empty()) CAF_ERROR(name << ": " << key << " may be of any type");
      bad.erase(key);
      CAF_CHECK_EQUAL(check_value(name, bad).empty(), required.count(key) == 0);
    }
  }
  CAF_CHECK(!check_value("session-list", json::object()).empty());
}

CAF_TEST(timestamps ids and lengths are checked) {
  const auto rejects = [](const std::string& schema, const std::string& key, const json& value) {
    auto x = produced().good_example.at(schema);
    x[key] = value;
    return !check_value(schema, x).empty();
  };
  CAF_CHECK(!rejects("health", "timestamp", "2026-11-22T09:21:07.123Z"));
  for (const auto* bad :
       {"", "2026-11-22T09:21:07Z", "2026-11-22 09:21:07.123Z", "2026-11-22T09:21:07.123+01:00"})
    CAF_CHECK(rejects("health", "timestamp", bad));
  CAF_CHECK(!rejects("log-event-engine", "ts_iso", ""));
  CAF_CHECK(!rejects("log-event-engine", "ts_iso", "20211109T153726.028+0200"));
  CAF_CHECK(rejects("log-event-engine", "ts_iso", "yesterday"));
  CAF_CHECK(rejects("log-event-engine", "app_id", "x"));
  CAF_CHECK(rejects("log-event-engine", "source", "qseow-proxy"));
  CAF_CHECK(rejects("user-event", "host", std::string(101, 'x')));
  CAF_CHECK(!rejects("user-event", "eventId", "00000000000000ff-12"));
  for (const auto* bad : {"", "ff-1", "00000000000000ff-0", "00000000000000FF-1"})
    CAF_CHECK(rejects("user-event", "eventId", bad));
  CAF_CHECK(rejects("health", "cpu", "3"));
}

CAF_TEST(a message is checked against the channel that says most about its topic) {
  const auto engine = produced().good_example.at("log-event-engine").dump();
  CAF_CHECK_EQUAL(check_message("butler-sos/logevent/engine", engine), "");
  CAF_CHECK_EQUAL(check_message("butler-sos/logevent/system/engine", engine, 1), "");
  CAF_CHECK(!check_message("butler-sos/logevent/proxy", engine).empty());
  CAF_CHECK(!check_message("butler-sos/logevent", engine, 0).empty());
  CAF_CHECK(!check_message("butler-sos/logevent", "{").empty());
  CAF_CHECK_EQUAL(check_message("butler-sos/host1/mem/free", "12.5"), "");
  CAF_CHECK(!check_message("butler-sos/senseflow/status", "{}").empty());
  CAF_CHECK(!check_message("elsewhere", "{}").empty());
  const message_contract other{{{"base", ""}, {"logEventTopic", "a/b/"}}};
  CAF_CHECK_EQUAL(other.check("host1/mem/free", "1"), "");
  CAF_CHECK_EQUAL(other.check("a/b/engine", engine), "");
}
