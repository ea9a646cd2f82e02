// Writes what the fuzzer starts from: the recordings of test/golden and the configurations as one file per
// input, and dictionaries of the words that the product knows.
// Usage: fuzz_seeds SOURCE_DIR OUT_DIR (the project's root; OUT_DIR/<target>/, OUT_DIR/<target>.dict)
#include "config/catalogue.hpp"
#include "messages/rules/user_agent.hpp"
#include "messages/rules/user_agent_rules.hpp"
#include "test/fuzz/seed_files.hpp"
#include "test/fuzz/sequences.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <utility>

namespace fs = std::filesystem;
namespace fuzz = senseflow::fuzz;
using fuzz::replace_all;
using fuzz::seed_folder;

namespace {

/// Placeholders filled in; certificates are a small file that every machine has.
std::string loadable(std::string yaml) {
  for (const std::string folder : {"{{CERT_DIR}}/", "certificate/"})
    for (const char* file : {"client.pem", "client_key.pem", "client_key_enc.pem", "root.pem"})
      replace_all(yaml, folder + file, "/proc/version");
  replace_all(yaml, "{{QRS_HOST}}", "127.0.0.2");
  int port = 9000;
  for (const char* name : {"{{BROKER_PORT}}", "{{SENSE_PORT}}", "{{USER_PORT}}", "{{LOG_PORT}}"})
    replace_all(yaml, name, std::to_string(++port));
  return yaml;
}

/// Each section for itself and without comments: what is small is tried more often.
void add_sections(seed_folder& out, const std::string& yaml) {
  const std::string start = "Butler-SOS:\n";
  std::string section;
  std::istringstream lines{yaml.substr(std::min(yaml.find(start), yaml.size()))};
  for (std::string line; std::getline(lines, line);) {
    const auto indent = std::min(line.find_first_not_of(' '), line.size());
    if (indent == line.size() || line[indent] == '#' || line + "\n" == start) continue;
    if (indent == 2 && !section.empty()) out.add(start + std::exchange(section, ""));
    section += line + "\n";
  }
  out.add(start + section);
}

std::set<std::string> setting_words() {
  std::set<std::string> out{"true",   "false", "null", "Butler-SOS:", "- ",
                            "<<: *a", "&a ",   "? ",   "''",          "\"\\x01\""};
  for (const auto& x : senseflow::config::catalogue())
    out.insert(x.path.substr(x.path.rfind('.') + 1) + ": ");
  return out;
}

std::set<std::string> user_agent_words() {
  std::set<std::string> out{" (", " ddg/", "UserAgent:", "Version/", "Windows NT 10.0"};
  for (const auto* table : {&senseflow::messages::browser_rules(), &senseflow::messages::os_rules()})
    for (const auto& rule : *table)
      for (const auto& sign : rule.signs) out.emplace(sign.word);
  return out;
}

/// As etcd 3.4 writes them.
void add_etcd_answers(seed_folder& out) {
  const std::string header =
      R"("header":{"cluster_id":"9151734699010623715","revision":"12","raft_term":"2"})";
  const std::string key =
      R"({"key":"L3g=","create_revision":"7","mod_revision":"9","value":"dg==","lease":"5"})";
  for (const auto& x :
       {"{" + header + R"(,"ID":"7587848943239473001","TTL":"5"})",
        "{\"result\":{" + header + R"(,"ID":"7587848943239473001","TTL":"5"}})",
        "{" + header + R"(,"kvs":[)" + key + R"(],"count":"1"})",
        "{" + header + R"(,"succeeded":true,"responses":[{"response_range":{"kvs":[)" + key + "]}}]}",
        "{" + header + R"(,"alarms":[{"memberID":"1","alarm":"NOSPACE"}]})",
        "{" + header + R"(,"token":"KpGMMCmzHqyPFgQf.12"})",
        std::string(R"({"error":"etcdserver: requested lease not found","code":5})"),
        std::string(R"({"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}})"),
        "{\"result\":{" + header + R"(,"created":true}})", "{\"result\":{" + header + R"(,"watch_id":"-1"}})",
        "{\"result\":{" + header + R"(,"canceled":true,"compact_revision":"6"}})",
        "{\"result\":{" + header + R"(,"events":[{"kv":)" + key +
            R"(},{"type":"DELETE","kv":{"key":"Yg==",)" + R"("mod_revision":"9"}}]}})"})
    out.add(x);
}

void write_all(const fs::path& source, const fs::path& out) {
  const auto golden = source / "test/golden";
  const auto add_recorded = [&](const char* target, const char* file) {
    seed_folder folder{out / target};
    for (const auto& x : fuzz::recorded(golden / file)) folder.add(x);
  };
  add_recorded("user_event", "user-events.jsonl");
  add_recorded("log_event", "log-events.jsonl");
  add_recorded("health", "health.jsonl");
  add_recorded("sessions", "sessions.jsonl");
  seed_folder user_agents{out / "user_agent"};
  for (const auto& x : fuzz::recorded(golden / "user-events.jsonl"))
    user_agents.add(senseflow::messages::user_agent_text(x));
  seed_folder{out / "app_list"}.add(fuzz::read_text(golden / "apps.json"));
  seed_folder etcd_answers{out / "etcd_answer"};
  add_etcd_answers(etcd_answers);
  seed_folder settings{out / "settings"};
  for (const auto& folder : {golden / "configs", source / "config"})
    for (const auto& entry : fs::directory_iterator{folder})
      if (entry.path().extension() == ".yaml")
        add_sections(settings, loadable(fuzz::read_text(entry.path())));
  settings.add(loadable(fuzz::read_text(source / "config/minimal.yaml")));
  fuzz::write_dictionary(out / "settings.dict", setting_words());
  fuzz::write_dictionary(out / "user_agent.dict", user_agent_words());
  fuzz::write_sequences(golden, out);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: fuzz_seeds SOURCE_DIR OUT_DIR\n";
    return 2;
  }
  try {
    write_all(argv[1], argv[2]);
  } catch (const std::exception& e) {
    std::cerr << "fuzz_seeds: " << e.what() << '\n';
    return 1;
  }
}
