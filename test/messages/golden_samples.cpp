#define CAF_SUITE messages.golden_samples

#include "test/support/unit_test.hpp"

#include "golden_options.hpp"

using namespace golden;

namespace {

// Errors of HTTP are the poller's; so are servers that are not asked.
bool is_about_polling(const json& vector) {
  const auto& response = vector["response"];
  const auto variant = vector["variant"].get<std::string>();
  return response.value("status", 200) != 200 || response.contains("special") || variant == "h-no-servers" ||
         variant == "h-headers-host" || variant == "s-disabled-server";
}

void merge(publications& all, const publications& some) {
  for (const auto& [topic, payloads] : some)
    for (const auto& payload : payloads) all[topic].push_back(payload);
}

publications run_health(const YAML::Node& root, const std::string& body) {
  auto sample = parse_health(body);
  if (!sample) return {};
  const auto server = root["serversToMonitor"]["servers"][0];
  sample->server = server["serverName"].as<std::string>();
  sample->host = host_of(server);
  return actual_of(encode_health(*sample, {base_topic_of(root), true, false, {}}));
}

publications run_sessions(const YAML::Node& root, const std::string& body) {
  publications all;
  for (const auto& server : root["serversToMonitor"]["servers"]) {
    for (const auto& proxy : server["userSessions"]["virtualProxies"]) {
      auto sample = parse_sessions(body);
      if (!sample) return {};
      sample->server = server["serverName"].as<std::string>();
      sample->host = host_of(server);
      sample->virtual_proxy = proxy["virtualProxy"].as<std::string>();
      session_options options;
      options.base_topic = base_topic_of(root);
      options.documented = false;
      options.exclude = users_of(root["userSessions"]["excludeUser"]);
      merge(all, actual_of(encode_sessions(*sample, options)));
    }
  }
  return all;
}

template <class F>
tally run_file(const std::string& file, F run) {
  tally result;
  for (const auto& vector : read_vectors(file)) {
    if (is_about_polling(vector)) {
      result.skip();
    } else {
      result.add(vector, run(read_settings(vector["variant"].get<std::string>()),
                             bytes_of(vector["response"], "body")));
    }
  }
  return result;
}

} // namespace

CAF_TEST(recorded health answers give the recorded publications) {
  const auto result = run_file("health.jsonl", run_health);
  result.print("health.jsonl", "");
  CAF_CHECK_EQUAL(result.agreed(), 112u);
  CAF_CHECK_EQUAL(result.compared(), 112u);
}

CAF_TEST(recorded session answers give the recorded publications) {
  const auto result = run_file("sessions.jsonl", run_sessions);
  result.print("sessions.jsonl", "");
  CAF_CHECK_EQUAL(result.agreed(), 31u);
  CAF_CHECK_EQUAL(result.compared(), 31u);
}
