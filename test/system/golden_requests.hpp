// HTTP requests compared with those that the reference program sent.
#pragma once

#include "test/messages/golden_vectors.hpp"
#include "test/support/https_server.hpp"

#include <set>
#include <string>

namespace golden {

/// Keys against cross-site requests differ from run to run; a virtual proxy gets the slash that it lacks
/// (departure virtual-proxy-prefix).
inline std::string comparable_target(std::string target) {
  if (const auto at = target.find("rfkey="); at != std::string::npos) target.erase(at + 6);
  if (const auto at = target.find("/qpsnoslash"); at != std::string::npos) target.insert(at + 4, "/");
  return target;
}

inline std::string lower_case(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Headers that belong to the HTTP library, unless the configuration names them.
inline bool is_of_library(const std::string& name, const std::string& value) {
  static const std::set<std::string> names{"accept", "user-agent", "connection", "accept-encoding"};
  static const std::set<std::string> configured{"custom-ua", "text/plain", "identity"};
  return names.count(name) > 0 && configured.count(value) == 0;
}

inline std::string expected_value(const std::string& name, std::string value, uint16_t port) {
  const std::string placeholder = "{{SENSE_PORT}}";
  if (const auto at = value.find(placeholder); at != std::string::npos)
    value.replace(at, placeholder.size(), std::to_string(port));
  if (name == "xvirtualproxy" && (value.empty() || value[0] != '/')) value.insert(0, "/");
  return value;
}

/// Empty, or in what `sent` differs from the recorded request.
inline std::string difference(const json& recorded, const senseflow::test::https_request& sent,
                              uint16_t port) {
  std::string out;
  const auto differs = [&out](const std::string& what, const std::string& expected,
                              const std::string& actual) {
    if (expected != actual) out += what + " is '" + actual + "', not '" + expected + "'; ";
  };
  differs("TLS server name", recorded["sni"].is_null() ? "" : recorded["sni"].get<std::string>(),
          sent.server_name);
  for (const auto& header : recorded["headers"]) {
    const auto name = lower_case(header[0].get<std::string>());
    const auto value = header[1].get<std::string>();
    if (is_of_library(name, value) || value.find("QRS_HOST") != std::string::npos) continue;
    const auto i = sent.headers.find(name);
    const auto actual = i == sent.headers.end() ? "(none)" : i->second;
    if (name == "x-qlik-xrfkey") {
      const auto at = sent.target.find("rfkey=");
      if (at != std::string::npos) differs(name, sent.target.substr(at + 6), actual);
      differs("length of " + name, "16", std::to_string(actual.size()));
    } else {
      differs(name, expected_value(name, value, port), actual);
    }
  }
  if (sent.headers.count("x-null") > 0) out += "a header without a value was sent; ";
  return out;
}

} // namespace golden
