// The recorded configurations with their placeholders filled in, and certificate files for them.
#pragma once

#include "bench/certificates.hpp"
#include "config/load.hpp"
#include "test/support/paths.hpp"
#include "test/support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace senseflow::test {

class golden_configs {
public:
  static constexpr auto passphrase = "secret123"; ///< of h-enc-key

  golden_configs() {
    bench::certificate_options o;
    o.passphrase = passphrase;
    bench::make_certificates(certificates_.path(), o);
    std::filesystem::rename(certificates_ / "client_key_encrypted.pem", certificates_ / "client_key_enc.pem");
  }

  std::vector<std::string> variants() const {
    std::vector<std::string> result;
    for (auto& entry : std::filesystem::directory_iterator(directory()))
      result.push_back(entry.path().stem());
    std::sort(result.begin(), result.end());
    return result;
  }

  std::string text(const std::string& variant) const {
    std::ifstream in(directory() + variant + ".yaml");
    std::ostringstream out;
    out << in.rdbuf();
    auto text = out.str();
    replace(text, "{{BROKER_PORT}}", "1883");
    replace(text, "{{SENSE_PORT}}", "4747");
    replace(text, "{{USER_PORT}}", "9997");
    replace(text, "{{LOG_PORT}}", "9996");
    replace(text, "{{QRS_HOST}}", "127.0.0.2");
    replace(text, "{{CERT_DIR}}", certificates_.path().string());
    return text;
  }

  config::load_result load(const std::string& variant) const {
    return config::load_text(text(variant), variant + ".yaml");
  }

private:
  static std::string directory() { return source_path("test/golden/configs/"); }

  static void replace(std::string& text, const std::string& from, const std::string& to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
  }

  temp_dir certificates_;
};

} // namespace senseflow::test
