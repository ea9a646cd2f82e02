// Checks messages against the published contract: config/asyncapi.yaml (topics) and config/schemas/
// (payloads). Throws std::runtime_error if these files can't be used. One thread at a time.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::test {

class message_contract {
public:
  /// Values of address parameters that the configuration of a test decides, such as `base`; all others have
  /// the document's defaults.
  explicit message_contract(const std::map<std::string, std::string>& parameters = {});
  ~message_contract();
  message_contract(const message_contract&) = delete;
  message_contract& operator=(const message_contract&) = delete;

  /// Empty, or why the message must not be. QoS is checked against the default of its channel
  /// unless it is negative.
  std::string check(const std::string& topic, const std::string& payload, int qos = -1) const;

  /// Names of the channels that a topic belongs to: those that say most about it.
  std::vector<std::string> channels_of(const std::string& topic) const;
  std::vector<std::string> channels() const;

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
