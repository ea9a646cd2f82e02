#define CAF_SUITE bench.certificates

#include "test/support/unit_test.hpp"

#include "bench/certificates.hpp"

#include "test/support/temp_dir.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

using namespace senseflow::bench;

namespace {

struct closer {
  void operator()(FILE* f) const { std::fclose(f); }
  void operator()(X509* x) const { X509_free(x); }
  void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
  void operator()(X509_STORE* x) const { X509_STORE_free(x); }
  void operator()(X509_STORE_CTX* x) const { X509_STORE_CTX_free(x); }
};
template <class T>
using owned = std::unique_ptr<T, closer>;

struct fixture {
  senseflow::test::temp_dir directory;

  std::string path(const std::string& name) const { return directory / name; }

  owned<X509> certificate(const std::string& name) const {
    owned<FILE> in{std::fopen(path(name).c_str(), "r")};
    return owned<X509>{in ? PEM_read_X509(in.get(), nullptr, nullptr, nullptr) : nullptr};
  }

  owned<EVP_PKEY> key(const std::string& name, std::string passphrase = "") const {
    owned<FILE> in{std::fopen(path(name).c_str(), "r")};
    auto* result = in ? PEM_read_PrivateKey(in.get(), nullptr, nullptr, passphrase.data()) : nullptr;
    ERR_clear_error();
    return owned<EVP_PKEY>{result};
  }

  /// What `openssl verify -CAfile root -purpose ...` says: X509_V_OK or the error's number.
  int verify(const std::string& root, const std::string& name, int purpose) const {
    owned<X509_STORE> store{X509_STORE_new()};
    owned<X509_STORE_CTX> context{X509_STORE_CTX_new()};
    auto leaf = certificate(name);
    CAF_REQUIRE(leaf != nullptr);
    CAF_REQUIRE_EQUAL(X509_STORE_load_locations(store.get(), path(root).c_str(), nullptr), 1);
    CAF_REQUIRE_EQUAL(X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr), 1);
    X509_STORE_CTX_set_purpose(context.get(), purpose);
    X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
    X509_verify_cert(context.get());
    return X509_STORE_CTX_get_error(context.get());
  }

  template <class Action>
  bool throws(Action action) const {
    try {
      action();
      return false;
    } catch (const std::exception& e) {
      return *e.what() != '\0';
    }
  }

  bool exists(const std::string& name) const { return std::filesystem::exists(path(name)); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(certificates_tests, fixture)

CAF_TEST(server and client certificates verify against the CA each for its purpose only) {
  make_certificates(directory.path());
  CAF_CHECK_EQUAL(verify("root.pem", "server.pem", X509_PURPOSE_SSL_SERVER), X509_V_OK);
  CAF_CHECK_EQUAL(verify("root.pem", "client.pem", X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  CAF_CHECK_EQUAL(verify("root.pem", "server.pem", X509_PURPOSE_SSL_CLIENT), X509_V_ERR_INVALID_PURPOSE);
  CAF_CHECK_EQUAL(verify("root.pem", "client.pem", X509_PURPOSE_SSL_SERVER), X509_V_ERR_INVALID_PURPOSE);
}

CAF_TEST(keys belong to their certificates and are readable by the owner only) {
  make_certificates(directory.path());
  for (std::string name : {"server", "client"}) {
    auto pub = certificate(name + ".pem");
    auto priv = key(name + "_key.pem");
    CAF_REQUIRE(pub && priv);
    CAF_CHECK_EQUAL(X509_check_private_key(pub.get(), priv.get()), 1);
    struct stat st {};
    CAF_REQUIRE_EQUAL(::stat(path(name + "_key.pem").c_str(), &st), 0);
    CAF_CHECK_EQUAL(st.st_mode & 0777u, 0600u);
  }
}

CAF_TEST(the server certificate names loopback and nothing else) {
  make_certificates(directory.path());
  auto server = certificate("server.pem");
  CAF_REQUIRE(server != nullptr);
  CAF_CHECK_EQUAL(X509_check_host(server.get(), "localhost", 0, 0, nullptr), 1);
  CAF_CHECK_EQUAL(X509_check_ip_asc(server.get(), "127.0.0.1", 0), 1);
  CAF_CHECK_EQUAL(X509_check_ip_asc(server.get(), "::1", 0), 1);
  CAF_CHECK_EQUAL(X509_check_host(server.get(), "example.com", 0, 0, nullptr), 0);
}

CAF_TEST(an encrypted key opens with its passphrase only) {
  certificate_options options;
  options.passphrase = "open sesame";
  make_certificates(directory.path(), options);
  auto opened = key("client_key_encrypted.pem", "open sesame");
  auto client = certificate("client.pem");
  CAF_REQUIRE(opened && client);
  CAF_CHECK_EQUAL(X509_check_private_key(client.get(), opened.get()), 1);
  CAF_CHECK(key("client_key_encrypted.pem", "sesame") == nullptr);
}

CAF_TEST(expired certificates are refused as expired) {
  certificate_options options;
  options.expired_client = options.expired_server = true;
  make_certificates(directory.path(), options);
  CAF_CHECK_EQUAL(verify("root.pem", "client_expired.pem", X509_PURPOSE_SSL_CLIENT),
                  X509_V_ERR_CERT_HAS_EXPIRED);
  CAF_CHECK_EQUAL(verify("root.pem", "server_expired.pem", X509_PURPOSE_SSL_SERVER),
                  X509_V_ERR_CERT_HAS_EXPIRED);
}

CAF_TEST(the wrong CA verifies its own client and not ours) {
  certificate_options options;
  options.wrong_ca = true;
  make_certificates(directory.path(), options);
  CAF_CHECK_EQUAL(verify("wrong_root.pem", "wrong_client.pem", X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  CAF_CHECK(verify("wrong_root.pem", "client.pem", X509_PURPOSE_SSL_CLIENT) != X509_V_OK);
  CAF_CHECK(verify("root.pem", "wrong_client.pem", X509_PURPOSE_SSL_CLIENT) != X509_V_OK);
}

CAF_TEST(the certificate of etcd serves both purposes and that of its client has no CN) {
  certificate_options o;
  o.etcd = true;
  make_certificates(directory.path().string(), o);
  CAF_CHECK_EQUAL(verify("root.pem", "etcd.pem", X509_PURPOSE_SSL_SERVER), X509_V_OK);
  CAF_CHECK_EQUAL(verify("root.pem", "etcd.pem", X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  CAF_CHECK_EQUAL(verify("root.pem", "etcd_client.pem", X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  const auto client = certificate("etcd_client.pem");
  CAF_CHECK_EQUAL(X509_NAME_get_index_by_NID(X509_get_subject_name(client.get()), NID_commonName, -1), -1);
}

CAF_TEST(extra files are made on request only) {
  make_certificates(directory.path());
  for (auto name : {"client_key_encrypted.pem", "client_expired.pem", "server_expired.pem", "wrong_root.pem"})
    CAF_CHECK(!exists(name));
}

CAF_TEST(ensuring keeps complete certificates and refuses half a set) {
  const auto read = [this] {
    std::ifstream in{path("root.pem")};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  };
  ensure_certificates(directory.path());
  const auto before = read();
  CAF_CHECK(!before.empty());
  ensure_certificates(directory.path());
  CAF_CHECK_EQUAL(read(), before);
  std::filesystem::remove(path("server_key.pem"));
  CAF_CHECK(throws([&] { ensure_certificates(directory.path()); }));
  CAF_CHECK_EQUAL(read(), before);
}

CAF_TEST(a directory that cannot be written to is reported) {
  std::ofstream{path("file")} << "x";
  CAF_CHECK(throws([&] { make_certificates(path("file")); }));
}

CAF_TEST_FIXTURE_SCOPE_END()
