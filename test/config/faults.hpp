// Loading texts and looking for faults, for the tests of config/.
#pragma once

#include "bench/certificates.hpp"
#include "config/load.hpp"
#include "test/support/temp_dir.hpp"

#include <algorithm>
#include <string>

namespace senseflow::test {

inline config::load_result load_text(const std::string& text, const config::environment& env = {}) {
  return config::load_text(text, "test.yaml", env);
}

/// `members` of `Butler-SOS:`, not indented; they start in line 2, two columns further right.
inline config::load_result load_members(const std::string& members, const config::environment& env = {}) {
  std::string text = "Butler-SOS:\n  ";
  for (auto c : members) {
    text += c;
    if (c == '\n') text += "  ";
  }
  return load_text(text, env);
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// All of them, a line each: for messages of failing checks.
inline std::string listed(const std::vector<config::fault>& xs) {
  std::string text;
  for (auto& x : xs) text += to_string(x) + "\n";
  return text;
}

/// "line:column key" of each.
inline std::vector<std::string> places(const std::vector<config::fault>& xs) {
  std::vector<std::string> result;
  for (auto& x : xs) result.push_back(std::to_string(x.line) + ":" + std::to_string(x.column) + " " + x.key);
  return result;
}

/// Whether exactly this fault was found, and no other.
inline bool only_fault(const config::load_result& r, int line, int column, const std::string& key,
                       const std::string& problem, const std::string& remedy) {
  if (r.faults.size() != 1) return false;
  auto& x = r.faults.front();
  return x.file == "test.yaml" && x.line == line && x.column == column && x.key == "Butler-SOS." + key &&
         contains(x.problem, problem) && contains(x.remedy, remedy);
}

inline bool has_warning(const config::load_result& r, const std::string& key, const std::string& problem) {
  return std::any_of(r.warnings.begin(), r.warnings.end(), [&](const config::fault& x) {
    return x.key == "Butler-SOS." + key && contains(x.problem, problem);
  });
}

/// The section `cert`, for configurations with servers. Made once.
inline std::string cert_section() {
  static const temp_dir dir;
  static const bool made = (bench::make_certificates(dir.path()), true);
  (void)made;
  return "cert: {clientCert: " + (dir / "client.pem") + ", clientCertKey: " + (dir / "client_key.pem") +
         ", clientCertCA: " + (dir / "root.pem") + "}\n";
}

} // namespace senseflow::test

/// Says what was found instead when it fails.
#define CHECK_ONLY_FAULT(result, line, column, key, problem, remedy)                                         \
  do {                                                                                                       \
    const auto& checked_result = result;                                                                     \
    if (!senseflow::test::only_fault(checked_result, line, column, key, problem, remedy))                    \
      CAF_ERROR("expected one fault at " << (line) << ":" << (column) << " " << (key) << ", got:\n"          \
                                         << senseflow::test::listed(checked_result.faults));                 \
    else                                                                                                     \
      CAF_CHECK(true);                                                                                       \
  } while (false)
