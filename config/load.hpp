// Reads a configuration file: typed, complete (every default filled in) and checked; all faults in one go.
#pragma once

#include "config/fault.hpp"
#include "config/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace senseflow::config {

/// Secrets and the like that win over the file, and places. Absent or empty = not set; a line end at the end
/// does not belong to a secret.
struct environment {
  std::optional<std::string> mqtt_username;       ///< SENSEFLOW_MQTT_USERNAME
  std::optional<std::string> mqtt_password;       ///< SENSEFLOW_MQTT_PASSWORD
  std::optional<std::string> cert_passphrase;     ///< SENSEFLOW_CERT_PASSPHRASE
  std::optional<std::string> mqtt_tls_passphrase; ///< SENSEFLOW_MQTT_TLS_PASSPHRASE
  std::optional<std::string> etcd_password;       ///< SENSEFLOW_ETCD_PASSWORD
  /// What systemd gives a service: where it may write, and files that only it may read. Defaults follow them.
  std::optional<std::string> state_directory = {};       ///< STATE_DIRECTORY
  std::optional<std::string> credentials_directory = {}; ///< CREDENTIALS_DIRECTORY
  std::optional<std::string> host_name = {}; ///< of this machine: what a node is called without `node`

  /// Of this process. Call before there are threads that change the environment.
  static environment of_process();
  /// For whoever asks about the service that the Debian package has installed, from a shell: it has the
  /// service's places, where the variables say nothing.
  environment for_file(const std::string& path) const;
};

struct load_result {
  settings value;                      ///< to be used only without faults
  std::vector<fault> faults;           ///< in the order of the file
  std::vector<fault> warnings;         ///< it works, but perhaps not as meant
  std::vector<std::string> not_served; ///< key paths of what is switched on and belongs to Butler SOS alone

  explicit operator bool() const { return faults.empty(); }
};

/// Never throws for what the file holds; at most 4 MiB are read.
load_result load(const std::string& path, const environment& env = environment::of_process());

/// The same for a text; `file_name` is only for the faults. Files that the text names are looked at.
load_result load_text(const std::string& text, const std::string& file_name, const environment& env = {});

} // namespace senseflow::config
