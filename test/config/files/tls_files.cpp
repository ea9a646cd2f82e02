#define CAF_SUITE config.files.tls_files
#include "test/support/unit_test.hpp"

#include "config/files/tls_files.hpp"

#include "bench/certificates.hpp"
#include "test/config/faults.hpp"
#include "test/support/temp_dir.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <sstream>

using namespace senseflow;
using config::files::look_into;
using config::files::tls_files;
using config::files::tls_finding;
using senseflow::test::contains;
using subject = tls_finding::subject;

namespace {

constexpr std::time_t day = 86400;

struct pki {
  pki() {
    bench::certificate_options o;
    o.passphrase = "open sesame";
    o.expired_client = o.wrong_ca = true;
    bench::make_certificates(dir.path(), o);
  }

  tls_files files() const { return {dir / "root.pem", dir / "client.pem", dir / "client_key.pem", ""}; }

  std::string read(const std::string& name) const {
    std::ifstream in(dir / name);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(dir / name) << text;
    return dir / name;
  }

  /// Writes `name` with what `encode` puts into a memory BIO.
  template <class F>
  std::string encode(const std::string& name, F encode) const {
    std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), &BIO_free_all);
    std::unique_ptr<BIO, decltype(&BIO_free_all)> file(BIO_new_file((dir / "client.pem").c_str(), "r"),
                                                       &BIO_free_all);
    std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr), &X509_free);
    file.reset(BIO_new_file((dir / "client_key.pem").c_str(), "r"));
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    encode(out.get(), certificate.get(), key.get());
    char* data = nullptr;
    const auto size = static_cast<size_t>(BIO_get_mem_data(out.get(), &data));
    return write(name, std::string(data, size));
  }

  std::string pfx() const {
    return encode("client.pfx", [](BIO* out, X509* certificate, EVP_PKEY* key) {
      std::unique_ptr<PKCS12, decltype(&PKCS12_free)> x(
          PKCS12_create("x", "x", key, certificate, nullptr, 0, 0, 0, 0, 0), &PKCS12_free);
      i2d_PKCS12_bio(out, x.get());
    });
  }

  test::temp_dir dir;
};

/// What is found, a line each: "fault"/"warning", the subject, the words.
std::string listed(const std::vector<tls_finding>& xs, const tls_files& files) {
  std::string text;
  for (const auto& x : xs) text += (x.usable ? "warning: " : "fault: ") + to_string(x, files) + "\n";
  return text;
}

std::string only_finding(const tls_files& files, subject about, bool usable = false,
                         std::time_t now = std::time(nullptr)) {
  const auto found = look_into(files, now);
  CAF_MESSAGE(listed(found, files));
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK(found[0].about == about);
  CAF_CHECK_EQUAL(found[0].usable, usable);
  CAF_CHECK(!found[0].problem.empty() && !found[0].remedy.empty());
  return to_string(found[0], files);
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_files_tests, pki)

CAF_TEST(files that fit have no findings) {
  auto x = files();
  CAF_CHECK_EQUAL(listed(look_into(x), x), "");
  CAF_CHECK_EQUAL(listed(look_into({}), {}), "");
  CAF_MESSAGE("text around the blocks, windows line ends and everything in one file do no harm");
  std::string text = "Bag Attributes\n  friendlyName: x\n" + read("client_key.pem") + read("client.pem"),
              windows;
  for (auto c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  x.certificate = x.key = write("both.pem", windows);
  CAF_CHECK_EQUAL(listed(look_into(x), x), "");
  x = files();
  x.ca = write("bundle.pem", "\xef\xbb\xbf" + read("client.pem") + read("root.pem") + read("wrong_root.pem"));
  CAF_CHECK_EQUAL(listed(look_into(x), x), "");
}

CAF_TEST(files that are not in pem format are named for what they are) {
  auto x = files();
  x.certificate = pfx();
  CAF_CHECK(contains(only_finding(x, subject::certificate), "client.pfx is a PKCS #12 file"));
  x = files();
  x.key = pfx();
  CAF_CHECK(contains(only_finding(x, subject::key), "openssl pkcs12"));
  x = files();
  x.certificate = x.ca =
      encode("client.der", [](BIO* out, X509* certificate, EVP_PKEY*) { i2d_X509_bio(out, certificate); });
  CAF_CHECK_EQUAL(look_into(x).size(), 2u);
  x.ca = "";
  CAF_CHECK(contains(only_finding(x, subject::certificate), "certificate in DER format"));
  x = files();
  x.key = encode("key.der", [](BIO* out, X509*, EVP_PKEY* key) { i2d_PrivateKey_bio(out, key); });
  CAF_CHECK(contains(only_finding(x, subject::key), "private key in DER format"));
  x = files();
  x.ca = write("empty.pem", "");
  CAF_CHECK(contains(only_finding(x, subject::ca), "is empty"));
  x.ca = write("some.txt", "hello\n");
  CAF_CHECK(contains(only_finding(x, subject::ca), "is not a PEM file"));
  x.ca = write("utf-16.pem", "\xff\xfe-");
  CAF_CHECK(contains(only_finding(x, subject::ca), "is UTF-16 text"));
  x.ca = write("csr.pem", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n");
  CAF_CHECK(contains(only_finding(x, subject::ca), "holds no certificate (CERTIFICATE REQUEST)"));
}

CAF_TEST(damaged files are said to be so) {
  auto x = files();
  x.certificate = write("cut.pem", read("client.pem").substr(0, 200));
  CAF_CHECK(contains(only_finding(x, subject::certificate), "damaged certificate"));
  x = files();
  x.key = write("cut_key.pem", read("client_key.pem").substr(0, 100));
  CAF_CHECK(contains(only_finding(x, subject::key), "damaged private key"));
}

CAF_TEST(swapped files are noticed) {
  auto x = files();
  std::swap(x.certificate, x.key);
  const auto found = look_into(x);
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  CAF_CHECK(contains(to_string(found[0], x), "client_key.pem holds a private key, but no certificate"));
  CAF_CHECK(contains(to_string(found[1], x), "client.pem holds a certificate, but no private key"));
  CAF_CHECK(contains(found[0].remedy, "swapped") && contains(found[1].remedy, "swapped"));
}

CAF_TEST(a key that belongs to another certificate is a fault) {
  auto x = files();
  x.key = dir / "server_key.pem";
  const auto words = only_finding(x, subject::key);
  CAF_CHECK(contains(words, "server_key.pem does not belong to the certificate"));
  CAF_CHECK(contains(words, "client.pem"));
}

CAF_TEST(a wrong or missing passphrase is a fault and never shown) {
  auto x = files();
  x.key = dir / "client_key_encrypted.pem";
  CAF_CHECK(contains(only_finding(x, subject::passphrase), "the passphrase is missing"));
  x.passphrase = "guessed";
  const auto words = only_finding(x, subject::passphrase);
  CAF_CHECK(contains(words, "does not open the key"));
  CAF_CHECK(!contains(words, "guessed"));
  x.passphrase = "open sesame";
  CAF_CHECK_EQUAL(listed(look_into(x), x), "");
  x.key = encode("old_style.pem", [](BIO* out, X509*, EVP_PKEY* key) {
    std::string phrase = "old";
    PEM_write_bio_PrivateKey_traditional(
        out, key, EVP_aes_128_cbc(), reinterpret_cast<unsigned char*>(phrase.data()), 3, nullptr, nullptr);
  });
  CAF_CHECK(contains(only_finding(x, subject::passphrase), "does not open the key"));
  x.passphrase = "old";
  CAF_CHECK_EQUAL(listed(look_into(x), x), "");
}

CAF_TEST(dates are warnings) {
  auto x = files();
  const auto now = std::time(nullptr);
  x.ca = "";
  CAF_CHECK(contains(only_finding(x, subject::certificate, true, now + 3650 * day - 29 * day + 1000),
                     "in 28 days"));
  CAF_CHECK_EQUAL(listed(look_into(x, now + 3650 * day - 31 * day), x), "");
  CAF_CHECK(contains(only_finding(x, subject::certificate, true, now + 3651 * day), "expired on "));
  CAF_CHECK(contains(only_finding(x, subject::certificate, true, now - 10 * day), "is not valid before "));
  x = files();
  x.certificate = x.key = "";
  CAF_CHECK(contains(only_finding(x, subject::ca, true, now + 3651 * day), "root.pem expired on "));
  x.certificate = dir / "client_expired.pem";
  x.key = dir / "client_expired_key.pem";
  CAF_CHECK(contains(only_finding(x, subject::certificate, true), "client_expired.pem expired on "));
}

CAF_TEST(a ca file without an authority is doubted) {
  auto x = files();
  x.ca = dir / "client.pem";
  CAF_CHECK(contains(only_finding(x, subject::ca, true), "no certificate of an authority"));
}

CAF_TEST(what openssl itself refuses is a fault) {
  const auto weak = encode("weak.pem", [](BIO* out, X509* certificate, EVP_PKEY*) {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(1024), &EVP_PKEY_free);
    X509_set_pubkey(certificate, key.get());
    X509_sign(certificate, key.get(), EVP_sha256());
    PEM_write_bio_X509(out, certificate);
    PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  auto x = files();
  x.certificate = x.key = weak;
  CAF_CHECK(contains(only_finding(x, subject::certificate), "refused by OpenSSL (ee key too small)"));
}

CAF_TEST(files that would make a reader wait are refused at once) {
  auto x = files();
  x.certificate = dir / "pipe";
  CAF_REQUIRE_EQUAL(::mkfifo(x.certificate.c_str(), 0600), 0);
  CAF_CHECK(contains(only_finding(x, subject::certificate), "is a pipe"));
  x.certificate = "/dev/zero";
  CAF_CHECK(contains(only_finding(x, subject::certificate), "is a device"));
  x.certificate = dir.path().string();
  CAF_CHECK(contains(only_finding(x, subject::certificate), "is a directory"));
  x.certificate = dir / "absent.pem";
  CAF_CHECK(contains(only_finding(x, subject::certificate), "does not exist"));
}

CAF_TEST(the check of a configuration names the setting) {
  const auto cert = [&](const std::string& key, const std::string& more) {
    return "cert: {clientCert: " + (dir / "client.pem") + ", clientCertKey: " + (dir / key) +
           ", clientCertCA: " + (dir / "root.pem") + more +
           "}\nserversToMonitor: {servers: [{host: 'a:1', "
           "serverName: a}]}\n";
  };
  const auto load = [](const std::string& members) { return test::load_members(members); };
  CAF_CHECK_EQUAL(test::listed(load(cert("client_key.pem", "")).faults), "");
  auto r = load(cert("server_key.pem", ""));
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK_EQUAL(r.faults[0].key, "Butler-SOS.cert.clientCertKey");
  CAF_CHECK(contains(r.faults[0].problem, "', which does not belong to the certificate '"));
  r = load(cert("client_key_encrypted.pem", ", clientCertPassphrase: guessed"));
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK_EQUAL(r.faults[0].key, "Butler-SOS.cert.clientCertPassphrase");
  CAF_CHECK(!contains(test::listed(r.faults), "guessed"));

  const auto mqtt = [&](const std::string& certificate, const std::string& ca) {
    return load("mqttConfig: {enable: true, brokerHost: b, tls: {enable: true, cert: " + (dir / certificate) +
                ".pem, key: " + (dir / certificate) + "_key.pem, ca: " + (dir / ca) + "}}");
  };
  CAF_CHECK_EQUAL(test::listed(mqtt("client", "root.pem").faults), "");
  r = mqtt("client", "client_key.pem");
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK_EQUAL(r.faults[0].key, "Butler-SOS.mqttConfig.tls.ca");
  r = mqtt("client_expired", "root.pem");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(test::has_warning(r, "mqttConfig.tls.cert", "expired on"));
}

CAF_TEST_FIXTURE_SCOPE_END()
