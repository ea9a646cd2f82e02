#include "messages/home_assistant/document.hpp"

#include "messages/home_assistant/entities.hpp"
#include "messages/home_assistant/ids.hpp"
#include "messages/text/state_topics.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <utility>
#include <vector>

namespace senseflow::messages::home_assistant {

namespace {

using json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr std::string_view family = "senseflow_"; ///< of ids

/// Parts joined by `_`, which no part has.
std::string device_id(std::string_view kind, std::string_view base, std::string_view name) {
  if (!base.empty()) base.remove_suffix(1);
  return std::string{family} + std::string{kind} + '_' + (base.empty() ? "-" : escaped_id(base)) + '_' +
         escaped_id(name);
}

std::string node_topic(const site& at, std::string_view what) {
  return at.base_topic + "senseflow/" + at.node + '/' + std::string{what};
}

/// What entities of one device have in common, and where they differ.
struct frame {
  std::string id;     ///< of the device
  std::string prefix; ///< of entity ids, with `_` at the end or ""
  std::map<feed, std::string> topics;
  std::map<feed, std::chrono::seconds> last;
  feed usual = feed::health; ///< what the document names as the topic of all that name none
  json node_there;           ///< availability of those that need the node only
  std::string name;          ///< of the server, in quotes
};

std::string with_name(std::string result, const std::string& name) {
  constexpr std::string_view place = "@server@";
  if (const auto at = result.find(place); at != result.npos) result.replace(at, place.size(), name);
  return result;
}

json component(const frame& f, const entity& e) {
  auto x = json::object();
  x["platform"] = e.kind.platform;
  x["unique_id"] = f.id + '_' + std::string{e.key};
  x["default_entity_id"] = std::string{e.kind.platform} + '.' + f.prefix + std::string{e.key};
  x["name"] = e.name;
  const auto add = [&](const char* key, std::string_view value) {
    if (!value.empty()) x[key] = value;
  };
  add("device_class", e.kind.device_class);
  add("state_class", e.kind.state_class);
  add("unit_of_measurement", e.kind.unit);
  add("entity_category", e.category);
  if (!e.words.empty()) x[e.kind.platform == "event" ? "event_types" : "options"] = e.words;
  if (e.from != f.usual) x["state_topic"] = f.topics.at(e.from);
  x["value_template"] = with_name(e.value, f.name);
  if (e.needs == depends_on::node) x["availability"] = f.node_there;
  // The last good poll is what is asked for when there was none for long.
  const auto lasts = f.last.find(e.from);
  const bool stays = e.from == feed::health && e.needs == depends_on::node;
  if (lasts != f.last.end() && lasts->second > 0s && !stays) x["expire_after"] = lasts->second.count();
  x["qos"] = 1;
  return x;
}

void add_components(json& to, const frame& f, const std::vector<entity>& all, bool removing) {
  auto& xs = to["components"] = json::object();
  for (const auto& e : all) {
    const std::string key{e.key};
    if (f.topics.count(e.from) > 0)
      xs[key] = component(f, e);
    else if (removing)
      xs[key] = {{"platform", e.kind.platform}};
  }
}

json beginning(const site& at, json device) {
  json x;
  x["device"] = std::move(device);
  x["origin"] = {{"name", "senseflow"}, {"sw_version", at.version}};
  return x;
}

document finished(const site& at, const frame& f, json head, const std::vector<entity>& all) {
  const auto text = [&](bool removing) {
    auto x = head;
    add_components(x, f, all, removing);
    return x.dump(-1, ' ', false, json::error_handler_t::replace);
  };
  document result{device_topic(at.prefix, f.id), text(false), text(true)};
  if (result.removing == result.payload) result.removing.clear();
  return result;
}

json node_availability(const site& at) {
  auto entry = json::object();
  entry["topic"] = node_topic(at, "status");
  return json::array({entry});
}

} // namespace

std::string server_id(const site& at, std::string_view server) {
  return device_id("server", at.base_topic, server);
}

std::string node_id(const site& at) { return device_id("node", at.base_topic, at.node); }

std::string device_topic(std::string_view prefix, std::string_view id) {
  return std::string{prefix} + "/device/" + std::string{id} + "/config";
}

std::string device_topics(std::string_view prefix) {
  return std::string{prefix} + "/device/" + std::string{family};
}

document document_of(const site& at, const server& x) {
  frame f;
  f.id = server_id(at, x.name);
  f.prefix = slug(x.name);
  if (!f.prefix.empty()) f.prefix += '_';
  const auto health = health_topic(at.base_topic, x.name);
  const auto status = availability_topic(at.base_topic, x.name);
  f.name = json(x.name).dump(-1, ' ', false, json::error_handler_t::replace);
  f.topics = {{feed::health, health},
              {feed::server_status, status},
              {feed::server_event, health + "/event"},
              {feed::node_health, node_topic(at, "health")}};
  if (x.silence) f.topics[feed::silence] = health + "/silence";
  f.last = {{feed::health, x.lasts}, {feed::node_health, at.health_lasts}};
  f.node_there = node_availability(at);
  json device{{"identifiers", json::array({f.id})},
              {"name", x.name},
              {"manufacturer", "Qlik"},
              {"model", "Qlik Sense engine"}};
  if (!x.version.empty()) device["sw_version"] = x.version;
  device["via_device"] = node_id(at);
  auto head = beginning(at, std::move(device));
  head["state_topic"] = health;
  head["availability"] = f.node_there;
  auto of_server = json::object();
  of_server["topic"] = status;
  of_server["value_template"] =
      "{{ 'online' if value_json is defined and value_json.state != 'offline' else 'offline' }}";
  head["availability"].push_back(std::move(of_server));
  head["availability_mode"] = "all";
  return finished(at, f, std::move(head), server_entities());
}

document document_of(const site& at, const node_feeds& x) {
  frame f;
  f.id = node_id(at);
  f.prefix = "senseflow_";
  if (const auto node = slug(at.node); !node.empty()) f.prefix += node + '_';
  f.usual = feed::ledger;
  f.topics = {{feed::node_status, node_topic(at, "status")}, {feed::node_health, node_topic(at, "health")}};
  if (x.ledger) f.topics[feed::ledger] = node_topic(at, "ledger");
  if (!x.user_events.empty()) f.topics[feed::user_event] = x.user_events;
  f.last = {{feed::ledger, x.ledger_lasts}, {feed::node_health, at.health_lasts}};
  f.node_there = node_availability(at);
  auto head = beginning(at, {{"identifiers", json::array({f.id})},
                             {"name", "senseflow " + at.node},
                             {"manufacturer", "senseflow"},
                             {"model", "senseflow node"},
                             {"sw_version", at.version}});
  if (x.ledger) head["state_topic"] = f.topics[feed::ledger];
  return finished(at, f, std::move(head), node_entities());
}

} // namespace senseflow::messages::home_assistant
