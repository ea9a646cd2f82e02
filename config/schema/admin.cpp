#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

void describe(visitor& v, admin_settings& s) {
  v.flag({"enable", "Answer probes, metrics and the status page."}, s.enable);
  v.active(s.enable);
  v.text({"host",
          "Address to listen on. Any but those of this machine itself (127.0.0.1, ::1) needs tokenFile or "
          "allowUnauthenticated."},
         s.host, format::host);
  v.number({"port", "TCP port to listen on."}, s.port, {1, 65535}, "");
  v.section({"tls", "With both files HTTPS is spoken; the key has no passphrase."}, [&] {
    v.text({"cert", "PEM file with the server's certificate, then those of its issuers; '' = no TLS."},
           s.tls.cert_file, format::file);
    v.text({"key", "PEM file with its private key."}, s.tls.key_file, format::file);
  });
  v.text({"tokenFile", "File that holds the token which all but /live and /ready then demand, as "
                       "'Authorization: Bearer <token>'; '' = none."},
         s.token_file, format::file);
  v.flag({"allowUnauthenticated", "Whoever can reach the port may read everything that is shown there."},
         s.allow_unauthenticated);
  v.flag({"readyNeedsBroker", "/ready says no while no broker is connected."}, s.ready_needs_broker);
}

} // namespace senseflow::config::schema
