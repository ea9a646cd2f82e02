#include "config/reading/admin_checks.hpp"

#include "config/reading/tls_checks.hpp"
#include "config/reading/wording.hpp"
#include "config/schema/formats.hpp"

#include <algorithm>

namespace senseflow::config::reading {

namespace {

/// Only programs of this machine can reach it.
bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || (schema::is_ip_address(host) && host.substr(0, 4) == "127.");
}

bool fits_a_header(const std::string& token) {
  return std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

} // namespace

void check_admin(const admin_settings& s, findings& found) {
  const bool no_token = s.token_file.empty();
  if (s.host != "localhost" && !schema::is_ip_address(s.host))
    found.fault(&s.host, s.host.empty() ? "is empty" : "is '" + shortened(s.host) + "', which is no address",
                "Write the address to listen on, as in 127.0.0.1 or 0.0.0.0.");
  else if (!is_loopback(s.host) && no_token && !s.allow_unauthenticated)
    found.fault(&s.host, "is '" + s.host + "', where others can reach it, and nothing is demanded of them",
                "Name a tokenFile, set allowUnauthenticated to true, or listen on 127.0.0.1.");
  if (!no_token && s.allow_unauthenticated)
    found.warning(&s.allow_unauthenticated, "has no effect: there is a tokenFile", "Remove one of them.");
  if (!no_token && s.tls.cert_file.empty() && !is_loopback(s.host))
    found.warning(&s.token_file, "has a token that is sent unencrypted", "Set tls.cert and tls.key.");
  if (!fits_a_header(s.token.reveal()))
    found.fault(&s.token_file, "holds a token with blanks or other characters that HTTP can't carry",
                "Write letters and digits, as `openssl rand -hex 24` makes them.");
  check_tls_pair(s.tls.cert_file, s.tls.key_file, found);
  if (!s.tls.cert_file.empty() && !s.tls.key_file.empty())
    check_tls_files({{}, s.tls.cert_file, s.tls.key_file, {}}, found);
}

} // namespace senseflow::config::reading
