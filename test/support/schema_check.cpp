#include "test/support/schema_check.hpp"
#include "test/support/paths.hpp"

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

namespace senseflow::test {

using nlohmann::json;

namespace {

std::filesystem::path config_directory() { return source_path("config"); }

const YAML::Node& asyncapi() {
  static const auto document = YAML::LoadFile(config_directory() / "asyncapi.yaml");
  return document;
}

/// The last part of `#/components/messages/health` or of `schemas/health.json`.
std::string name_in(const YAML::Node& reference) {
  return std::filesystem::path(reference["$ref"].as<std::string>()).stem();
}

class compiled_schema {
public:
  explicit compiled_schema(const json& source) {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(source), schema_);
  }

  std::string check(const json& value) {
    valijson::ValidationResults results;
    if (validator_.validate(schema_, valijson::adapters::NlohmannJsonAdapter(value), &results)) return {};
    valijson::ValidationResults::Error error;
    std::string reason;
    while (results.popError(error)) {
      std::string where;
      for (const auto& step : error.context) where += step;
      reason += (reason.empty() ? "" : "; ") + where + ": " + error.description;
    }
    return reason;
  }

private:
  valijson::Schema schema_;
  valijson::Validator validator_;
};

std::string literal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view{"\\^$.|?*+()[]{}"}.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

compiled_schema& schema_named(const std::string& name) {
  static std::map<std::string, std::unique_ptr<compiled_schema>> known;
  auto& compiled = known[name];
  if (!compiled) compiled = std::make_unique<compiled_schema>(read_schema(name));
  return *compiled;
}

/// Scalars without quotes are what JSON takes them for.
json json_of(const YAML::Node& node) {
  json out;
  if (node.IsMap()) {
    out = json::object();
    for (const auto& x : node) out[x.first.as<std::string>()] = json_of(x.second);
  } else if (node.IsSequence()) {
    out = json::array();
    for (const auto& x : node) out.push_back(json_of(x));
  } else {
    const auto text = node.as<std::string>();
    out = node.Tag() == "!" ? json{} : json::parse(text, nullptr, false);
    if (out.is_discarded() || out.is_null()) out = text;
  }
  return out;
}

/// Of one kind of message of a channel: a schema of its own, or one that the document spells out in place.
struct payload_rule {
  std::string name;
  std::shared_ptr<compiled_schema> in_place;
  bool text = false;

  /// `value`: the payload as JSON. Schemas in place take all but objects and lists as text.
  std::string check(const std::string& payload, const json& value) const {
    if (in_place) return in_place->check(text || !value.is_structured() ? json(payload) : value);
    return value.is_discarded() ? "no JSON" : schema_named(name).check(value);
  }
};

struct channel : channel_facts {
  std::regex address;
  size_t free_parameters = 0;
  std::vector<payload_rule> payloads; ///< one must hold
  int qos = 0;
};

/// A parameter that the configuration decides stands for its value, any other for one or more levels.
std::string pattern_of(const YAML::Node& parameter, const std::string& name,
                       const std::map<std::string, std::string>& given, channel& out) {
  if (!parameter) throw std::runtime_error("asyncapi.yaml explains no parameter " + name);
  if (parameter["x-setting"]) {
    const auto value = given.find(name);
    return literal(value != given.end() ? value->second : parameter["default"].as<std::string>());
  }
  ++out.free_parameters;
  return parameter["x-levels"] ? ".*" : "[^/]+";
}

void read_address(const YAML::Node& parameters, const std::string& text,
                  const std::map<std::string, std::string>& given, channel& out) {
  std::string pattern;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '{') {
      const auto name = text.substr(at + 1, text.find('}', at) - at - 1);
      pattern += pattern_of(parameters[name], name, given, out);
      at += name.size() + 2;
    } else {
      // Exactly one slash joins what the configuration names, none if that is empty.
      if (text[at] != '/' || (!pattern.empty() && pattern.back() != '/'))
        pattern += literal(std::string_view{text}.substr(at, 1));
      ++at;
    }
  }
  out.address = std::regex(pattern);
}

channel read_channel(const std::string& name, const YAML::Node& node,
                     const message_contract::parameters& given) {
  const auto& document = asyncapi();
  channel out;
  out.name = name;
  if (node["x-switch"]) out.switched_by = node["x-switch"].as<std::string>();
  read_address(document["components"]["parameters"], node["address"].as<std::string>(), given, out);
  for (const auto& x : node["messages"]) {
    const auto message = document["components"]["messages"][name_in(x.second)];
    if (!message) throw std::runtime_error("asyncapi.yaml explains no message of " + name);
    const auto payload = message["payload"];
    payload_rule rule{name_in(payload["$ref"] ? payload : x.second), nullptr};
    if (!payload["$ref"]) rule.in_place = std::make_shared<compiled_schema>(json_of(payload));
    rule.text = message["contentType"] && message["contentType"].as<std::string>() == "text/plain";
    out.payloads.push_back(std::move(rule));
  }
  return out;
}

void read_operation(const YAML::Node& operation, channel& out) {
  out.published = operation["action"].as<std::string>() == "send";
  const auto traits = asyncapi()["components"]["operationTraits"];
  const auto mqtt = traits[name_in(operation["traits"][0])]["bindings"]["mqtt"];
  out.qos = mqtt["qos"].as<int>();
  out.retained = mqtt["retain"] && mqtt["retain"].as<bool>();
}

/// Of `mqttConfig.baseTopic`; empty if it is not there.
std::optional<std::string> setting(const YAML::Node& node, const std::string& path) {
  if (!node || !node.IsMap()) return std::nullopt;
  const auto dot = path.find('.');
  const auto next = node[path.substr(0, dot)];
  if (dot != std::string::npos) return setting(next, path.substr(dot + 1));
  if (!next || !next.IsScalar()) return std::nullopt;
  return next.as<std::string>();
}

} // namespace

json read_schema(const std::string& name) {
  std::ifstream in(config_directory() / "schemas" / (name + ".json"));
  if (!in) throw std::runtime_error("there is no schema " + name);
  return json::parse(in);
}

std::vector<std::string> schema_names() {
  std::vector<std::string> out;
  for (const auto& file : std::filesystem::directory_iterator(config_directory() / "schemas"))
    out.push_back(file.path().stem());
  std::sort(out.begin(), out.end());
  return out;
}

std::string check_value(const std::string& schema, const json& value) {
  return schema_named(schema).check(value);
}

std::string check_json(const json& schema, const json& value) { return compiled_schema{schema}.check(value); }

struct message_contract::parts {
  std::vector<channel> channels;
  std::unordered_map<std::string, std::vector<const channel*>> known; ///< by topic

  const std::vector<const channel*>& of(const std::string& topic) {
    const auto [i, is_new] = known.try_emplace(topic);
    if (is_new) i->second = find(topic);
    return i->second;
  }

  std::vector<const channel*> find(const std::string& topic) const {
    std::vector<const channel*> out;
    for (const auto& x : channels)
      if (std::regex_match(topic, x.address)) out.push_back(&x);
    auto least = SIZE_MAX;
    for (const auto* x : out) least = std::min(least, x->free_parameters);
    out.erase(std::remove_if(out.begin(), out.end(), [&](auto* x) { return x->free_parameters > least; }),
              out.end());
    return out;
  }
};

message_contract::message_contract(const parameters& given) : parts_(std::make_unique<parts>()) {
  for (const auto& x : asyncapi()["channels"])
    parts_->channels.push_back(read_channel(x.first.as<std::string>(), x.second, given));
  for (const auto& x : asyncapi()["operations"]) {
    const auto name = name_in(x.second["channel"]);
    const auto i = std::find_if(parts_->channels.begin(), parts_->channels.end(),
                                [&](const channel& c) { return c.name == name; });
    if (i == parts_->channels.end()) throw std::runtime_error("asyncapi.yaml has no channel " + name);
    read_operation(x.second, *i);
  }
}

message_contract::~message_contract() = default;

message_contract::parameters message_contract::of_configuration(const std::string& text) {
  const YAML::Node file = YAML::Load(text);
  const YAML::Node explained = asyncapi()["components"]["parameters"];
  const auto usual_base = explained["base"]["default"].as<std::string>();
  const auto own_base = [&] {
    auto base = setting(file, "Butler-SOS.mqttConfig.baseTopic").value_or(usual_base);
    return base.empty() || base.back() == '/' ? base : base + '/';
  }();
  parameters out;
  for (const auto& x : explained) {
    if (!x.second["x-setting"]) continue;
    const auto usual = x.second["default"].as<std::string>();
    const auto of_base = usual.rfind(usual_base, 0) == 0;
    out[x.first.as<std::string>()] =
        setting(file, "Butler-SOS." + x.second["x-setting"].as<std::string>())
            .value_or(of_base ? own_base + usual.substr(usual_base.size()) : usual);
  }
  out["base"] = own_base;
  return out;
}

std::optional<message_contract::breach> message_contract::judge(const std::string& topic,
                                                                const std::string& payload, int qos) const {
  const auto& channels = parts_->of(topic);
  if (channels.empty()) return breach{"", "no channel has the topic"};
  const auto value = json::parse(payload, nullptr, false);
  std::optional<breach> out; // the shortest reason comes from what it was meant to be
  const auto rejected = [&](const channel& c, const std::string& reason) {
    if (!out || reason.size() < out->reason.size()) out = breach{c.name, reason};
  };
  for (const auto* c : channels) {
    if (qos >= 0 && qos != c->qos) {
      rejected(*c, "QoS is " + std::to_string(c->qos) + ", not " + std::to_string(qos));
      continue;
    }
    if (payload.empty() && c->retained) return std::nullopt;
    for (const auto& rule : c->payloads) {
      const auto broken = rule.check(payload, value);
      if (broken.empty()) return std::nullopt;
      rejected(*c, rule.name + ": " + broken);
    }
  }
  return out;
}

std::string message_contract::check(const std::string& topic, const std::string& payload, int qos) const {
  const auto broken = judge(topic, payload, qos);
  if (!broken) return {};
  if (broken->channel.empty()) return broken->reason + " " + topic;
  return topic + ": " + broken->channel + ": " + broken->reason + ": " + payload.substr(0, 300);
}

std::vector<std::string> message_contract::channels_of(const std::string& topic) const {
  std::vector<std::string> out;
  for (const auto* c : parts_->of(topic)) out.push_back(c->name);
  return out;
}

std::vector<std::string> message_contract::channels() const {
  std::vector<std::string> out;
  for (const auto& c : parts_->channels) out.push_back(c.name);
  return out;
}

std::vector<channel_facts> message_contract::facts() const {
  return {parts_->channels.begin(), parts_->channels.end()};
}

std::string check_message(const std::string& topic, const std::string& payload, int qos) {
  static const message_contract contract;
  return contract.check(topic, payload, qos);
}

} // namespace senseflow::test
