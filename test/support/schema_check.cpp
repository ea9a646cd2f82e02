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

namespace senseflow::test {

using nlohmann::json;

namespace {

std::filesystem::path config_directory() { return source_path("config"); }

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

struct channel {
  std::string name;
  std::regex address;
  size_t free_parameters = 0;
  std::vector<std::string> schemas; ///< one must hold; none: any text will do
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

channel read_channel(const YAML::Node& document, const std::string& name, const YAML::Node& node,
                     const std::map<std::string, std::string>& given) {
  channel out;
  out.name = name;
  read_address(document["components"]["parameters"], node["address"].as<std::string>(), given, out);
  for (const auto& x : node["messages"]) {
    const auto message = document["components"]["messages"][name_in(x.second)];
    if (!message) throw std::runtime_error("asyncapi.yaml explains no message of " + name);
    if (message["payload"]["$ref"]) out.schemas.push_back(name_in(message["payload"]));
  }
  return out;
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
  static std::map<std::string, std::unique_ptr<compiled_schema>> known;
  auto& compiled = known[schema];
  if (!compiled) compiled = std::make_unique<compiled_schema>(read_schema(schema));
  return compiled->check(value);
}

std::string check_json(const json& schema, const json& value) { return compiled_schema{schema}.check(value); }

struct message_contract::parts {
  std::vector<channel> channels;

  std::vector<const channel*> of(const std::string& topic) const {
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

message_contract::message_contract(const std::map<std::string, std::string>& parameters)
    : parts_(std::make_unique<parts>()) {
  const auto document = YAML::LoadFile(config_directory() / "asyncapi.yaml");
  for (const auto& x : document["channels"])
    parts_->channels.push_back(read_channel(document, x.first.as<std::string>(), x.second, parameters));
  for (const auto& x : document["operations"]) {
    const auto name = name_in(x.second["channel"]);
    const auto i = std::find_if(parts_->channels.begin(), parts_->channels.end(),
                                [&](const channel& c) { return c.name == name; });
    if (i == parts_->channels.end()) throw std::runtime_error("asyncapi.yaml has no channel " + name);
    const auto trait = document["components"]["operationTraits"][name_in(x.second["traits"][0])];
    i->qos = trait["bindings"]["mqtt"]["qos"].as<int>();
  }
}

message_contract::~message_contract() = default;

std::string message_contract::check(const std::string& topic, const std::string& payload, int qos) const {
  const auto channels = parts_->of(topic);
  if (channels.empty()) return "no channel has the topic " + topic;
  const auto value = json::parse(payload, nullptr, false);
  std::string reason; // the shortest one comes from what it was meant to be
  const auto rejected = [&](const std::string& x) {
    if (reason.empty() || x.size() < reason.size()) reason = x;
  };
  for (const auto* c : channels) {
    if (qos >= 0 && qos != c->qos) {
      rejected(c->name + " has QoS " + std::to_string(c->qos) + ", not " + std::to_string(qos));
    } else if (c->schemas.empty()) {
      return {};
    } else if (value.is_discarded()) {
      rejected(c->name + " wants JSON");
    } else {
      for (const auto& schema : c->schemas) {
        const auto broken = check_value(schema, value);
        if (broken.empty()) return {};
        rejected(schema + ": " + broken);
      }
    }
  }
  return topic + ": " + reason + ": " + payload.substr(0, 300);
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

std::string check_message(const std::string& topic, const std::string& payload, int qos) {
  static const message_contract contract;
  return contract.check(topic, payload, qos);
}

} // namespace senseflow::test
