#include "runtime/mqtt/tls_files.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace senseflow::runtime {
namespace {

int give_passphrase(char* to, int size, int, void* passphrase) {
  const auto& text = *static_cast<const std::string*>(passphrase);
  const auto n = std::min(text.size(), static_cast<size_t>(size));
  text.copy(to, n);
  return static_cast<int>(n);
}

std::string openssl_reason() {
  const auto* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "no reason given" : reason;
}

std::string unreadable(const mqtt_options& o) {
  const std::pair<const char*, const std::string&> files[] = {
      {"CA certificate", o.tls_ca_file},
      {"client certificate", o.tls_certificate_file},
      {"key of the client certificate", o.tls_key_file}};
  for (const auto& [what, file] : files)
    if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
      return fmt::format("the {} {} can't be read ({}). Check the path and the file's permissions.", what,
                         file, std::system_category().message(errno));
  return {};
}

std::string unusable(const mqtt_options& o) {
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls(SSL_CTX_new(TLS_client_method()),
                                                              &SSL_CTX_free);
  if (!o.tls_ca_file.empty() && SSL_CTX_load_verify_locations(tls.get(), o.tls_ca_file.c_str(), nullptr) != 1)
    return fmt::format("the CA certificate {} can't be used ({}). It has to be a PEM file.", o.tls_ca_file,
                       openssl_reason());
  if (o.tls_certificate_file.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(tls.get(), o.tls_certificate_file.c_str()) != 1)
    return fmt::format("the client certificate {} can't be used ({}). It has to be a PEM file.",
                       o.tls_certificate_file, openssl_reason());
  const auto& key = o.tls_key_file.empty() ? o.tls_certificate_file : o.tls_key_file;
  SSL_CTX_set_default_passwd_cb(tls.get(), &give_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(tls.get(), const_cast<std::string*>(&o.tls_key_passphrase));
  if (SSL_CTX_use_PrivateKey_file(tls.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fmt::format(
        "the key {} can't be used with the client certificate {} ({}). Check the passphrase, and that "
        "they belong together.",
        key, o.tls_certificate_file, openssl_reason());
  return {};
}

} // namespace

std::string tls_file_problem(const mqtt_options& o) {
  if (!o.tls) return {};
  auto problem = unreadable(o);
  if (problem.empty()) problem = unusable(o);
  return problem.empty() ? problem : fmt::format("MQTT broker {}:{}: {}", o.host, o.port, problem);
}

} // namespace senseflow::runtime
