// A throw-away PKI for tests, demo and benchmarks: EC P-256 keys, valid for ten years, written as PEM files.
// File names are those of a certificate export from Sense (root.pem, client.pem, client_key.pem) plus
// server.pem, server_key.pem. Keys are readable by their owner only. Errors: std::runtime_error saying which
// file. Thread-safe as long as two threads don't write to the same directory.
#pragma once

#include <string>

namespace senseflow::bench {

struct certificate_options {
  std::string passphrase;      ///< not empty: also client_key_encrypted.pem, the client's key under it
  bool expired_client = false; ///< also client_expired.pem, client_expired_key.pem: ended yesterday
  bool expired_server = false; ///< also server_expired.pem, server_expired_key.pem: ended yesterday
  int server_days = 3650;      ///< that server.pem is valid for
  bool etcd = false;     ///< also etcd.pem (both usages) and etcd_client.pem (without a CN) with their keys
  bool wrong_ca = false; ///< also wrong_root.pem (another CA) and its wrong_client.pem and _key.pem
};

/// Makes the CA, the server's certificate (for localhost, 127.0.0.1, ::1), the client's, and what `options`
/// ask for. The directory is made if missing; its files of these names are replaced.
void make_certificates(const std::string& directory, const certificate_options& options = {});

/// Makes them only if the directory has none of the five basic files; throws if it has some but not all,
/// because writing there could destroy somebody's keys.
void ensure_certificates(const std::string& directory);

} // namespace senseflow::bench
