#include "config/reading/places.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace senseflow::config::reading {

namespace {

namespace fs = std::filesystem;

/// A list with colons where the unit names several.
std::string first_of(const std::string& directories) { return directories.substr(0, directories.find(':')); }

/// Of a credential, also where a unit loads a whole folder as "senseflow"; empty: there is none of this name.
std::string credential(const std::string& directory, const std::string& name) {
  for (const auto& x : {name, "senseflow_" + name}) {
    std::error_code failed;
    const auto path = fs::path{directory} / x;
    if (fs::exists(path, failed)) return path.string();
  }
  return {};
}

} // namespace

void resolve_places(settings& s, const environment& env, const findings& found) {
  if (const auto state = first_of(env.state_directory.value_or("")); !state.empty())
    for (auto* x : {&s.delivery.spool.path, &s.log_directory})
      if (!found.given(x)) *x = state + '/' + *x;
  const auto credentials = env.credentials_directory.value_or("");
  if (credentials.empty()) return;
  const auto use = [&](std::string& setting, const char* name) {
    if (found.given(&setting)) return;
    if (auto path = credential(credentials, name); !path.empty()) setting = std::move(path);
  };
  use(s.cert.client_cert, "client.pem");
  use(s.cert.client_cert_key, "client_key.pem");
  use(s.cert.client_cert_ca, "root.pem");
  use(s.mqtt.tls.ca_file, "mqtt-ca.pem");
  use(s.mqtt.tls.cert_file, "mqtt-client.pem");
  use(s.mqtt.tls.key_file, "mqtt-client_key.pem");
  auto& etcd = s.cluster.etcd;
  use(etcd.tls.ca_file, "etcd-ca.pem");
  use(etcd.tls.cert_file, "etcd-client.pem");
  use(etcd.tls.key_file, "etcd-client_key.pem");
  // A password in the file is not overruled by one that nobody named.
  if (!found.given(&s.mqtt.password)) use(s.mqtt.password_file, "mqtt-password");
  if (!found.given(&etcd.password)) use(etcd.password_file, "etcd-password");
}

} // namespace senseflow::config::reading
