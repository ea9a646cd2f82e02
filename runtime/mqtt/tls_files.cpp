#include "runtime/mqtt/tls_files.hpp"

#include "config/files/tls_files.hpp"

#include <fmt/format.h>

namespace senseflow::runtime {

std::string tls_file_problem(const mqtt_options& o) {
  if (!o.tls) return {};
  const auto& key = o.tls_key_file.empty() ? o.tls_certificate_file : o.tls_key_file;
  const config::files::tls_files files{o.tls_ca_file, o.tls_certificate_file, key, o.tls_key_passphrase};
  for (const auto& x : config::files::look_into(files))
    if (!x.usable) return fmt::format("MQTT broker {}:{}: {}", o.host, o.port, to_string(x, files));
  return {};
}

} // namespace senseflow::runtime
