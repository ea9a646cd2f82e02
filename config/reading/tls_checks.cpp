#include "config/reading/tls_checks.hpp"

#include "config/files/tls_files.hpp"

#include <utility>

namespace senseflow::config::reading {

void check_tls_files(const tls_settings& s, findings& found) {
  using subject = files::tls_finding::subject;
  for (auto& x : files::look_into({s.ca, s.certificate, s.key, s.passphrase.reveal()})) {
    const void* setting = &s.passphrase;
    auto problem = x.problem;
    if (x.about != subject::passphrase) {
      auto& path = x.about == subject::ca ? s.ca : x.about == subject::key ? s.key : s.certificate;
      setting = &path;
      problem = "names '" + path + "', which " + problem;
    }
    if (x.usable)
      found.warning(setting, std::move(problem), x.remedy);
    else
      found.fault(setting, std::move(problem), x.remedy);
  }
}

void check_tls_pair(const std::string& certificate, const std::string& key, findings& found) {
  if (!certificate.empty() && key.empty())
    found.fault(&key, "is required with tls.cert", "Name the file with the key of the certificate.");
  if (certificate.empty() && !key.empty())
    found.fault(&certificate, "is required with tls.key", "Name the file with the certificate of the key.");
}

} // namespace senseflow::config::reading
