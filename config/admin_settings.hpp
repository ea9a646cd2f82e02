// What the program shows of itself over HTTP (`admin`). Plain values.
#pragma once

#include "config/secret.hpp"

#include <cstdint>
#include <string>

namespace senseflow::config {

struct admin_settings {
  bool enable = false;
  std::string host = "127.0.0.1"; ///< to listen on
  uint16_t port = 9843;

  struct {
    std::string cert_file; ///< both or none
    std::string key_file;
    std::string certificate; ///< `load` reads both from the files: PEM texts
    secret key;
  } tls;

  std::string token_file;
  secret token; ///< `load` reads it from the file
  bool allow_unauthenticated = false;
  bool ready_needs_broker = false;

  bool authenticated() const { return !token.empty(); }
};

} // namespace senseflow::config
