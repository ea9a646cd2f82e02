// A TLS handshake that is made to see what the other side shows, and what it says to our certificate. It
// goes on where others would refuse, so that all can be told.
#pragma once

#include <chrono>
#include <ctime>
#include <string>
#include <vector>

namespace senseflow::runtime {

struct tls_question {
  std::string server_name;      ///< asked for, and looked for in the certificate; a name or an address
  std::string ca_file;          ///< PEM; empty = the system's
  std::string certificate_file; ///< PEM; empty = none is shown
  std::string key_file;
  std::string key_passphrase;    ///< never told
  std::vector<std::string> alpn; ///< offered
};

enum class tls_end {
  done,
  unusable_files,      ///< `words` says why
  silent,              ///< no answer in time
  closed,              ///< the connection ended, without a word
  no_tls,              ///< what it answers is no TLS
  certificate_refused, ///< ours, by an alert
  certificate_wanted,  ///< it asks for one, and none was shown
  failed               ///< `words` says why
};

struct tls_handshake {
  tls_end end = tls_end::failed;
  std::string words;   ///< OpenSSL's
  std::string version; ///< "TLSv1.3"

  // The server's certificate; empty if it has shown none.
  std::string subject, issuer;
  std::vector<std::string> names; ///< that it is for
  std::time_t begin = 0, expiry = 0;

  int verdict = 0;           ///< X509_V_…: what OpenSSL objects to first; X509_V_OK
  std::string verdict_words; ///< the same
  int depth = 0;             ///< of the certificate that it objects to; 0 = the server's own
};

/// Over a connection that is up. Where the other side has not said yet what it makes of our certificate, it
/// gets a moment to.
tls_handshake shake_hands(int fd, const tls_question& x, std::chrono::milliseconds limit);

/// "2026-11-26", UTC.
std::string date_of(std::time_t x);

} // namespace senseflow::runtime
