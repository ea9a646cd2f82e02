// Rules about certificates and keys, whoever shows them.
#pragma once

#include "config/reading/findings.hpp"
#include "config/secret.hpp"

#include <string>

namespace senseflow::config::reading {

/// The settings that name the files of a TLS client.
struct tls_settings {
  const std::string& ca;
  const std::string& certificate;
  const std::string& key;
  const secret& passphrase;
};
void check_tls_files(const tls_settings& s, findings& found);

/// `tls.cert` and `tls.key` come together.
void check_tls_pair(const std::string& certificate, const std::string& key, findings& found);

} // namespace senseflow::config::reading
