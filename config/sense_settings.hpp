// What is asked of Qlik Sense, and with which certificates: `cert`, `appNames`, `userSessions`,
// `serversToMonitor`. Plain values; concrete and checked once loaded.
#pragma once

#include "config/event_settings.hpp"
#include "config/secret.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::config {

struct cert_settings {
  std::string client_cert;     ///< PEM file
  std::string client_cert_key; ///< PEM file
  std::string client_cert_ca;  ///< PEM file
  secret passphrase;           ///< SENSEFLOW_CERT_PASSPHRASE wins over the file
};

struct app_name_settings {
  bool enable = false; ///< `enableAppNameExtract`
  std::chrono::milliseconds extract_interval{60000};
  std::string host; ///< `hostIP`; may end in ":port", which is 4242 if absent
};

struct user_session_settings {
  bool enable = false; ///< `enableSessionExtract`
  std::chrono::milliseconds polling_interval{30000};
  std::vector<user_id> exclude_user; ///< not applied on MQTT, as in Butler SOS
};

struct server_settings {
  std::string host; ///< with port
  std::string name;
  std::string description;

  struct {
    bool enable = false;
    std::string host;                         ///< with port
    std::vector<std::string> virtual_proxies; ///< each starts with '/' once loaded
  } user_sessions;

  std::vector<std::pair<std::string, std::string>> tags;                   ///< in the file's order
  std::vector<std::pair<std::string, std::optional<std::string>>> headers; ///< no value: leave the header out
};

struct monitor_settings {
  std::chrono::milliseconds polling_interval{30000};
  bool reject_unauthorized = true; ///< false: any server certificate will do
  std::vector<std::string> server_tags_definition;
  std::vector<server_settings> servers;
};

} // namespace senseflow::config
