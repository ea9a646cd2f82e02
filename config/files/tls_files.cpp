#include "config/files/tls_files.hpp"

#include "config/files/pem.hpp"
#include "config/files/read_file.hpp"

#include <openssl/err.h>

#include <algorithm>

namespace senseflow::config::files {

namespace {

using subject = tls_finding::subject;

constexpr size_t max_bytes = 4u << 20;
constexpr std::time_t day = 86400;
constexpr std::time_t soon = 30 * day;

std::string date_of(std::time_t x) {
  std::tm t{};
  char text[32];
  gmtime_r(&x, &t);
  std::strftime(text, sizeof(text), "%Y-%m-%d", &t);
  return text;
}

class look {
public:
  look(const tls_files& files, std::time_t now) : files_(files), now_(now) {}

  std::vector<tls_finding> take() {
    check_authorities();
    auto certificate = check_certificate();
    check_key(certificate.get());
    return std::move(found_);
  }

private:
  void fault(subject about, std::string problem, std::string remedy) {
    found_.push_back({about, false, std::move(problem), std::move(remedy)});
  }
  void warning(subject about, std::string problem, std::string remedy) {
    found_.push_back({about, true, std::move(problem), std::move(remedy)});
  }

  /// False if there is none, or it can't be read.
  bool read(subject about, const std::string& path, std::string& text) {
    if (path.empty()) return false;
    auto file = read_file(path, max_bytes);
    if (!file.problem.empty()) {
      fault(about, file.problem, file.remedy);
      return false;
    }
    text = std::move(file.text);
    return true;
  }

  std::vector<certificate_ptr> certificates(subject about, const std::string& path) {
    std::string text;
    if (!read(about, path, text)) return {};
    auto result = certificates_in(text);
    if (result.empty()) {
      auto why = why_no_certificate(text, path);
      fault(about, std::move(why.problem), std::move(why.remedy));
    }
    return result;
  }

  void check_authorities() {
    auto all = certificates(subject::ca, files_.ca);
    if (all.empty()) return;
    auto later = [](auto& a, auto& b) { return end_of(a.get()) < end_of(b.get()); };
    check_dates(subject::ca, std::max_element(all.begin(), all.end(), later)->get(),
                "Certificates issued by it are no longer accepted: replace it.");
    if (std::none_of(all.begin(), all.end(), [](auto& x) { return is_authority(x.get()); }))
      warning(subject::ca, "holds no certificate of an authority (CA)", "Is it the right file?");
  }

  certificate_ptr check_certificate() {
    auto all = certificates(subject::certificate, files_.certificate);
    if (all.empty()) return {};
    auto result = std::move(all.front());
    check_dates(subject::certificate, result.get(), "Servers will refuse it: replace it.");
    auto refused = refused_by_openssl(result.get(), nullptr);
    if (refused.empty()) return result;
    fault(subject::certificate, "is refused by OpenSSL (" + refused + ")", "Have a new one issued.");
    return {};
  }

  /// Warnings only: the clock may be wrong as well, and everything else still works.
  void check_dates(subject about, const X509* x, const char* remedy) {
    auto begin = begin_of(x), end = end_of(x);
    if (end < now_)
      warning(about, "expired on " + date_of(end), remedy);
    else if (end - now_ < soon)
      warning(about, "expires on " + date_of(end) + ", in " + std::to_string((end - now_) / day) + " days",
              "Replace it in time.");
    if (begin > now_)
      warning(about, "is not valid before " + date_of(begin), "Check the clock of this machine.");
  }

  void check_key(X509* certificate) {
    std::string text;
    if (!read(subject::key, files_.key, text)) return;
    auto key = private_key_in(text, files_.passphrase);
    if (!key && is_encrypted(text)) {
      if (files_.passphrase.empty())
        fault(subject::passphrase, "is missing, but the key '" + files_.key + "' is encrypted",
              "Give the passphrase of the key.");
      else
        fault(subject::passphrase, "does not open the key '" + files_.key + "'", "Correct it.");
    } else if (!key) {
      auto why = why_no_key(text, files_.key);
      fault(subject::key, std::move(why.problem), std::move(why.remedy));
    } else if (certificate && X509_check_private_key(certificate, key.get()) != 1) {
      fault(subject::key, "does not belong to the certificate '" + files_.certificate + "'",
            "Name the key that the certificate was issued for.");
    } else if (certificate) {
      auto refused = refused_by_openssl(certificate, key.get());
      if (!refused.empty())
        fault(subject::key, "is refused by OpenSSL (" + refused + ")", "Have a new certificate issued.");
    }
    ERR_clear_error();
  }

  const tls_files& files_;
  std::time_t now_;
  std::vector<tls_finding> found_;
};

} // namespace

std::vector<tls_finding> look_into(const tls_files& files, std::time_t now) {
  return look(files, now).take();
}

std::string to_string(const tls_finding& x, const tls_files& files) {
  std::string name;
  switch (x.about) {
  case subject::ca:
    name = "the CA certificate " + files.ca;
    break;
  case subject::certificate:
    name = "the client certificate " + files.certificate;
    break;
  case subject::key:
    name = "the private key " + files.key;
    break;
  case subject::passphrase:
    name = "the passphrase";
    break;
  }
  return name + " " + x.problem + ". " + x.remedy;
}

} // namespace senseflow::config::files
