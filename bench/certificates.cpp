#include "bench/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace senseflow::bench {

namespace {

namespace fs = std::filesystem;

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using number_ptr = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;

constexpr long day = 24 * 60 * 60; // seconds
constexpr std::array basic_files{"root.pem", "server.pem", "server_key.pem", "client.pem", "client_key.pem"};

void check(bool ok, const std::string& what) {
  if (ok) return;
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  throw std::runtime_error("cannot " + what + ": " + reason.data());
}

struct identity {
  key_ptr key;
  certificate_ptr certificate;
};

struct certificate_request {
  const char* common_name; ///< null = none, but an organisation
  const char* usage;       ///< keyUsage
  const char* purpose;     ///< extendedKeyUsage, null for a CA
  const char* names;       ///< subjectAltName or null
  bool expired = false;
  int days = 3650; ///< that it is valid for, else
};

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  extension_ptr extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value)};
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add a certificate extension");
}

void set_serial(X509* certificate) {
  number_ptr serial{BN_new()};
  check(serial && BN_rand(serial.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
            BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr,
        "draw a serial number");
}

/// Signed by `ca`; by itself if that is null.
identity issue(const certificate_request& request, const identity* ca) {
  identity result{key_ptr{EVP_EC_gen("P-256")}, certificate_ptr{X509_new()}};
  check(result.key && result.certificate, "make a key");
  X509* certificate = result.certificate.get();
  X509* issuer = ca ? ca->certificate.get() : certificate;
  check(X509_set_version(certificate, 2) == 1, "set a certificate's version"); // 2 means v3
  set_serial(certificate);
  // A certificate from before its CA would be odd: even the expired ones start together with it.
  X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * day);
  X509_gmtime_adj(X509_getm_notAfter(certificate), request.expired ? -day : request.days * day);
  check(X509_set_pubkey(certificate, result.key.get()) == 1, "set a certificate's key");

  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text =
      reinterpret_cast<const unsigned char*>(request.common_name ? request.common_name : "senseflow");
  check(X509_NAME_add_entry_by_txt(name, request.common_name ? "CN" : "O", MBSTRING_UTF8, text, -1, -1, 0) ==
                1 &&
            X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1,
        "name a certificate");

  add_extension(certificate, issuer, NID_basic_constraints, ca ? "critical,CA:FALSE" : "critical,CA:TRUE");
  add_extension(certificate, issuer, NID_key_usage, request.usage);
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid");
  if (request.purpose) add_extension(certificate, issuer, NID_ext_key_usage, request.purpose);
  if (request.names) add_extension(certificate, issuer, NID_subject_alt_name, request.names);
  check(X509_sign(certificate, ca ? ca->key.get() : result.key.get(), EVP_sha256()) > 0,
        "sign a certificate");
  return result;
}

identity issue_ca(const char* name) {
  return issue({name, "critical,keyCertSign,cRLSign", nullptr, nullptr}, nullptr);
}

identity issue_server(const identity& ca, bool expired, int days) {
  return issue({"localhost", "critical,digitalSignature", "serverAuth", "DNS:localhost,IP:127.0.0.1,IP:::1",
                expired, days},
               &ca);
}

identity issue_client(const identity& ca, bool expired) {
  return issue({"QlikClient", "critical,digitalSignature", "clientAuth", nullptr, expired}, &ca);
}

// It is a client too: its gateway is one of its own.
identity issue_etcd(const identity& ca) {
  return issue({"localhost", "critical,digitalSignature", "serverAuth,clientAuth",
                "DNS:localhost,IP:127.0.0.1,IP:::1"},
               &ca);
}

// Its gateway takes no client certificate with a CN while authentication is on.
identity issue_etcd_client(const identity& ca) {
  return issue({nullptr, "critical,digitalSignature", "clientAuth", nullptr}, &ca);
}

void write_file(const fs::path& path, mode_t mode, BIO* content) {
  char* data = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(content, &data));
  fs::remove(path); // a file that exists would keep its mode
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  const bool ok = fd >= 0 && ::write(fd, data, size) == static_cast<ssize_t>(size);
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!ok) throw std::runtime_error("cannot write " + path.string() + ": " + std::strerror(error));
}

void write_certificate(const fs::path& path, X509* certificate) {
  bio_ptr out{BIO_new(BIO_s_mem())};
  check(out && PEM_write_bio_X509(out.get(), certificate) == 1, "encode " + path.string());
  write_file(path, 0644, out.get());
}

void write_key(const fs::path& path, EVP_PKEY* key, const std::string& passphrase = {}) {
  bio_ptr out{BIO_new(BIO_s_mem())};
  const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
  check(out && PEM_write_bio_PKCS8PrivateKey(out.get(), key, cipher, cipher ? passphrase.data() : nullptr,
                                             static_cast<int>(passphrase.size()), nullptr, nullptr) == 1,
        "encode " + path.string());
  write_file(path, 0600, out.get());
}

/// name.pem and name_key.pem
void write_identity(const fs::path& directory, const std::string& name, const identity& x) {
  write_certificate(directory / (name + ".pem"), x.certificate.get());
  write_key(directory / (name + "_key.pem"), x.key.get());
}

} // namespace

void make_certificates(const std::string& directory, const certificate_options& options) {
  const fs::path where{directory};
  fs::create_directories(where);
  const identity ca = issue_ca("senseflow test CA");
  const identity client = issue_client(ca, false);
  write_certificate(where / "root.pem", ca.certificate.get()); // its key is forgotten: nobody can issue more
  write_identity(where, "server", issue_server(ca, false, options.server_days));
  write_identity(where, "client", client);
  if (!options.passphrase.empty())
    write_key(where / "client_key_encrypted.pem", client.key.get(), options.passphrase);
  if (options.expired_client) write_identity(where, "client_expired", issue_client(ca, true));
  if (options.expired_server)
    write_identity(where, "server_expired", issue_server(ca, true, options.server_days));
  if (options.etcd) {
    write_identity(where, "etcd", issue_etcd(ca));
    write_identity(where, "etcd_client", issue_etcd_client(ca));
  }
  if (options.wrong_ca) {
    const identity other = issue_ca("senseflow wrong CA");
    write_certificate(where / "wrong_root.pem", other.certificate.get());
    write_identity(where, "wrong_client", issue_client(other, false));
  }
}

void ensure_certificates(const std::string& directory) {
  size_t present = 0;
  std::string missing;
  for (const char* name : basic_files) {
    if (fs::exists(fs::path{directory} / name))
      ++present;
    else
      missing = name;
  }
  if (present == basic_files.size()) return;
  if (present > 0)
    throw std::runtime_error("directory " + directory + " has certificates but no " + missing +
                             ": complete it or give an empty directory");
  make_certificates(directory);
}

} // namespace senseflow::bench
