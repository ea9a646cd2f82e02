// Certificates and keys in PEM texts, by OpenSSL; and what a text is that holds none.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::config::files {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;

/// Words about a text, to go after its name.
struct pem_problem {
  std::string problem;
  std::string remedy;
};

/// All in the text, in order.
std::vector<certificate_ptr> certificates_in(const std::string& text);

/// Null if there is none, or the passphrase is wrong.
key_ptr private_key_in(const std::string& text, const std::string& passphrase);
bool is_encrypted(const std::string& text);

/// Why a text, which is called `file`, holds no certificate or no key.
pem_problem why_no_certificate(const std::string& text, const std::string& file);
pem_problem why_no_key(const std::string& text, const std::string& file);

/// What OpenSSL says about the certificate and key of a client (a key too short, say); empty if nothing.
std::string refused_by_openssl(X509* certificate, EVP_PKEY* key);

/// In one line, as in `CN = sense1, O = Example`.
std::string text_of(const X509_NAME* name);

std::time_t begin_of(const X509* certificate);
std::time_t end_of(const X509* certificate);
bool is_authority(X509* certificate);

} // namespace senseflow::config::files
