#include "config/load.hpp"

#include "config/files/read_file.hpp"
#include "config/reading/checks.hpp"
#include "config/reading/reader.hpp"
#include "config/reading/resolve.hpp"
#include "config/reading/wording.hpp"
#include "config/schema/describe.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace senseflow::config {

namespace {

constexpr size_t max_bytes = 4u << 20;
constexpr const char* root_key = "Butler-SOS";

load_result refused(const std::string& file, reading::mark at, std::string problem, std::string remedy) {
  load_result result;
  result.faults.push_back({file, at.line, at.column, "", std::move(problem), std::move(remedy)});
  return result;
}

/// Settings must lie where they stay: findings know them by their addresses.
void read_settings(const reading::node* n, reading::mark at, const environment& env, reading::findings& found,
                   load_result& result) {
  reading::reader r(n, at, root_key, found, result.not_served);
  schema::describe(r, result.value);
  r.finish();
  reading::resolve(result.value, env, found);
  reading::check(result.value, env, found);
}

} // namespace

environment environment::of_process() {
  auto value = [](const char* name) -> std::optional<std::string> {
    auto text = std::getenv(name);
    return text ? std::optional<std::string>(text) : std::nullopt;
  };
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return {value("SENSEFLOW_MQTT_USERNAME"),   value("SENSEFLOW_MQTT_PASSWORD"),
          value("SENSEFLOW_CERT_PASSPHRASE"), value("SENSEFLOW_MQTT_TLS_PASSPHRASE"),
          value("SENSEFLOW_ETCD_PASSWORD"),   value("STATE_DIRECTORY"),
          value("CREDENTIALS_DIRECTORY"),     host.data()};
}

environment environment::for_file(const std::string& path) const {
  auto result = *this;
  std::error_code failed;
  if (path != "/etc/senseflow/senseflow.yaml" || state_directory || credentials_directory) return result;
  if (const auto* x = "/var/lib/senseflow"; std::filesystem::exists(x, failed)) result.state_directory = x;
  if (const auto* x = "/etc/senseflow/credentials"; std::filesystem::exists(x, failed))
    result.credentials_directory = x;
  return result;
}

load_result load(const std::string& path, const environment& env) {
  auto file = files::read_file(path, max_bytes);
  if (!file.problem.empty()) return refused(path, {}, file.problem, file.remedy);
  return load_text(file.text, path, env);
}

load_result load_text(const std::string& text, const std::string& file_name, const environment& env) {
  if (text.size() > max_bytes)
    return refused(file_name, {}, "is larger than " + std::to_string(max_bytes) + " bytes",
                   "Is it the right file?");
  auto tree = reading::parse(text);
  if (!tree.root) return refused(file_name, tree.at, tree.problem, tree.remedy);
  auto root = tree.root->find(root_key);
  if (!root)
    return refused(file_name, {}, "has no section 'Butler-SOS:'",
                   "Put all settings below such a line, indented.");
  if (root->value->what != reading::node::kind::map && root->value->what != reading::node::kind::null)
    return refused(file_name, root->at, "there is no section below 'Butler-SOS:'",
                   "Put all settings below that line, indented: 'name: value'.");

  load_result result;
  reading::findings found(file_name);
  for (auto& m : tree.root->members) {
    if (m.first_line > 0 && m.key == root_key)
      found.fault(m.at, root_key, "is defined twice", "Put all settings below one of them.");
    else if (m.key != root_key)
      found.warning(m.at, reading::shortened(m.key), "is not below 'Butler-SOS:' and has no effect",
                    reading::has_invisible_character(m.key) ? reading::suggestion(m.key, {})
                                                            : "Indent it, or remove it.");
  }
  auto section = root->value->what == reading::node::kind::map ? root->value.get() : nullptr;
  read_settings(section, root->at, env, found, result);
  result.faults = found.faults();
  result.warnings = found.warnings();
  return result;
}

} // namespace senseflow::config
