// make_certificates DIR: writes a throw-away PKI, see certificates.hpp.
#include "bench/certificates.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  CLI::App app{"Makes throw-away certificates (CA, server, client) for tests and demo"};
  std::string directory;
  senseflow::bench::certificate_options options;
  app.add_option("DIR", directory, "where to write; made if missing, files of the same names are replaced")
      ->required();
  app.add_option("--passphrase", options.passphrase,
                 "also the client's key encrypted: client_key_encrypted.pem");
  app.add_flag("--expired-client", options.expired_client, "also client_expired.pem and its key");
  app.add_flag("--expired-server", options.expired_server, "also server_expired.pem and its key");
  app.add_flag("--wrong-ca", options.wrong_ca, "also wrong_root.pem, another CA, and its wrong_client.pem");
  CLI11_PARSE(app, argc, argv);
  try {
    senseflow::bench::make_certificates(directory, options);
  } catch (const std::exception& e) {
    std::cerr << "make_certificates: " << e.what() << '\n';
    return 1;
  }
}
