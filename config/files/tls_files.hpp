// The PEM files of a TLS client, looked into before a connection needs them: what OpenSSL would not take or a
// server would refuse, in words that help. Never waits (for a pipe, or for a passphrase from a terminal), and
// shows no secret.
#pragma once

#include <ctime>
#include <string>
#include <vector>

namespace senseflow::config::files {

/// Paths; empty = not used.
struct tls_files {
  std::string ca;
  std::string certificate;
  std::string key; ///< of the certificate; empty = none is checked
  std::string passphrase;
};

struct tls_finding {
  enum class subject { ca, certificate, key, passphrase };

  subject about;
  bool usable = false; ///< a warning: a connection may still succeed
  std::string problem; ///< goes after the file's name, or after "the passphrase"
  std::string remedy;
};

/// In the order ca, certificate, key.
std::vector<tls_finding> look_into(const tls_files& files, std::time_t now = std::time(nullptr));

/// "the client certificate client.pem is empty. Export it again."
std::string to_string(const tls_finding& x, const tls_files& files);

} // namespace senseflow::config::files
