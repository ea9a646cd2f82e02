#include "config/files/pem.hpp"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>

namespace senseflow::config::files {

namespace {

using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using context_ptr = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using bundle_ptr = std::unique_ptr<PKCS12, freed_by<PKCS12_free>>;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

bio_ptr reader_of(const std::string& text) {
  return bio_ptr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// Without one of ours OpenSSL asks on the terminal, and waits.
int give_passphrase(char* to, int size, int, void* passphrase) {
  const auto& text = *static_cast<const std::string*>(passphrase);
  return static_cast<int>(text.copy(to, static_cast<size_t>(size)));
}

void* as_argument(const std::string& passphrase) { return const_cast<std::string*>(&passphrase); }

std::string last_reason() {
  const auto* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason ? reason : "no reason given";
}

/// Of the first block, as in "RSA PRIVATE KEY"; empty if there is none.
std::string first_label(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN ";
  auto at = text.find(begin);
  if (at == text.npos) return {};
  auto label = text.substr(at + begin.size(), 40);
  auto end = label.find("-----");
  auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' '; };
  label = label.substr(0, end);
  return end != label.npos && std::all_of(label.begin(), label.end(), is_letter) ? std::string(label) : "";
}

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_pkcs12(const std::string& text) {
  auto bytes = bytes_of(text);
  return bundle_ptr{d2i_PKCS12(nullptr, &bytes, static_cast<long>(text.size()))} != nullptr;
}

bool is_der_certificate(const std::string& text) {
  auto bytes = bytes_of(text);
  return certificate_ptr{d2i_X509(nullptr, &bytes, static_cast<long>(text.size()))} != nullptr;
}

bool is_der_key(const std::string& text) {
  auto bytes = bytes_of(text);
  return key_ptr{d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(text.size()))} != nullptr;
}

/// What is wrong whatever was expected in it.
std::optional<pem_problem> no_pem(const std::string& text, const std::string& file) {
  if (text.empty()) return pem_problem{"is empty", "Export or copy it again."};
  if (text.substr(0, 2) == "\xff\xfe" || text.substr(0, 2) == "\xfe\xff")
    return pem_problem{"is UTF-16 text", "Save it as plain text (ASCII)."};
  if (is_pkcs12(text))
    return pem_problem{"is a PKCS #12 file (.pfx or .p12), not a PEM file",
                       "Export it in PEM format, or convert it: openssl pkcs12 -nodes -in " + file +
                           " -out FILE.pem."};
  if (is_der_certificate(text))
    return pem_problem{"is a certificate in DER format, not in PEM format",
                       "Convert it: openssl x509 -inform der -in " + file + " -out FILE.pem."};
  if (is_der_key(text))
    return pem_problem{"is a private key in DER format, not in PEM format",
                       "Convert it: openssl pkey -inform der -in " + file + " -out FILE.pem."};
  ERR_clear_error();
  if (!contains(text, "-----BEGIN ")) return pem_problem{"is not a PEM file", "Is it the right file?"};
  return {};
}

bool has_key(std::string_view text) { return contains(text, "PRIVATE KEY-----"); }
bool has_certificate(std::string_view text) {
  return contains(text, "BEGIN CERTIFICATE-----") || contains(text, "BEGIN TRUSTED CERTIFICATE-----") ||
         contains(text, "BEGIN X509 CERTIFICATE-----");
}

std::time_t to_time(const ASN1_TIME* x) {
  std::tm t{};
  return ASN1_TIME_to_tm(x, &t) == 1 ? timegm(&t) : 0;
}

} // namespace

std::vector<certificate_ptr> certificates_in(const std::string& text) {
  std::vector<certificate_ptr> result;
  auto in = reader_of(text);
  const std::string none;
  while (auto x = PEM_read_bio_X509_AUX(in.get(), nullptr, &give_passphrase, as_argument(none)))
    result.emplace_back(x);
  ERR_clear_error();
  return result;
}

key_ptr private_key_in(const std::string& text, const std::string& passphrase) {
  auto in = reader_of(text);
  key_ptr result{PEM_read_bio_PrivateKey(in.get(), nullptr, &give_passphrase, as_argument(passphrase))};
  ERR_clear_error();
  return result;
}

bool is_encrypted(const std::string& text) {
  return contains(text, "BEGIN ENCRYPTED PRIVATE KEY-----") || contains(text, "Proc-Type: 4,ENCRYPTED");
}

pem_problem why_no_certificate(const std::string& text, const std::string& file) {
  if (auto x = no_pem(text, file)) return *x;
  if (has_certificate(text))
    return {"holds a damaged certificate", "Export or copy it again, with its BEGIN and END lines."};
  if (has_key(text))
    return {"holds a private key, but no certificate", "Are the files of certificate and key swapped?"};
  return {"holds no certificate (" + first_label(text) + ")", "Name a PEM file with a certificate."};
}

pem_problem why_no_key(const std::string& text, const std::string& file) {
  if (auto x = no_pem(text, file)) return *x;
  if (has_key(text) && first_label(text) != "OPENSSH PRIVATE KEY")
    return {"holds a damaged private key", "Export or copy it again, with its BEGIN and END lines."};
  if (has_certificate(text))
    return {"holds a certificate, but no private key", "Are the files of certificate and key swapped?"};
  return {"holds no private key that OpenSSL reads (" + first_label(text) + ")",
          "Name a PEM file with the private key of the certificate."};
}

std::string refused_by_openssl(X509* certificate, EVP_PKEY* key) {
  ERR_clear_error();
  context_ptr context{SSL_CTX_new(TLS_client_method())};
  if (!context || SSL_CTX_use_certificate(context.get(), certificate) != 1 ||
      (key && SSL_CTX_use_PrivateKey(context.get(), key) != 1))
    return last_reason();
  return {};
}

std::string text_of(const X509_NAME* name) {
  constexpr size_t longest = 200;
  std::string result(longest, '\0');
  std::unique_ptr<BIO, freed_by<BIO_free_all>> out{BIO_new(BIO_s_mem())};
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0) return {};
  const auto n = BIO_read(out.get(), result.data(), static_cast<int>(result.size()));
  result.resize(n > 0 ? static_cast<size_t>(n) : 0);
  return result;
}

std::time_t begin_of(const X509* certificate) { return to_time(X509_get0_notBefore(certificate)); }
std::time_t end_of(const X509* certificate) { return to_time(X509_get0_notAfter(certificate)); }

bool is_authority(X509* certificate) {
  return X509_check_ca(certificate) != 0 || (X509_get_extension_flags(certificate) & EXFLAG_SI) != 0;
}

} // namespace senseflow::config::files
