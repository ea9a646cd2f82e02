// Checks messages against the published contract: config/asyncapi.yaml (topics) and config/schemas/
// (payloads). Throws std::runtime_error if these files can't be used. One thread at a time.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::test {

struct channel_facts {
  std::string name;
  std::string switched_by; ///< the setting that it needs, off by default; empty: none
  bool published = true;   ///< false: senseflow listens to it
  bool retained = false;
};

class message_contract {
public:
  using parameters = std::map<std::string, std::string>;

  /// Values of address parameters that the configuration of a test decides, such as `base`; all others have
  /// the document's defaults.
  explicit message_contract(const parameters& given = {});
  ~message_contract();
  message_contract(const message_contract&) = delete;
  message_contract& operator=(const message_contract&) = delete;

  /// Those that this configuration (YAML) decides.
  static parameters of_configuration(const std::string& text);

  struct breach {
    std::string channel; ///< empty: none has the topic
    std::string reason;
  };
  /// Nothing if the message may be, as an empty one may that clears a retained one. QoS is checked against the
  /// default of its channel unless it is negative.
  std::optional<breach> judge(const std::string& topic, const std::string& payload, int qos = -1) const;

  /// The same in words, empty if it may be.
  std::string check(const std::string& topic, const std::string& payload, int qos = -1) const;

  /// Names of the channels that a topic belongs to: those that say most about it.
  std::vector<std::string> channels_of(const std::string& topic) const;
  std::vector<std::string> channels() const;
  std::vector<channel_facts> facts() const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// Against the contract with its defaults: base topic butler-sos/, no topics named by the configuration.
std::string check_message(const std::string& topic, const std::string& payload, int qos = -1);

/// The schema of this name in config/schemas/.
nlohmann::json read_schema(const std::string& name);
std::vector<std::string> schema_names();

/// Empty, or where and why the value breaks the schema.
std::string check_value(const std::string& schema, const nlohmann::json& value);
/// Likewise, against any schema.
std::string check_json(const nlohmann::json& schema, const nlohmann::json& value);

} // namespace senseflow::test
