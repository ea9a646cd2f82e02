#define CAF_SUITE messages.golden_events

#include "test/support/unit_test.hpp"

#include "golden_options.hpp"

#include "messages/text/text.hpp"

using namespace golden;

namespace {

// What the receiver does before anything is parsed.
bool is_about_receiving(const std::string& variant) {
  return variant.find("ratelimit") != std::string::npos || variant.find("maxsize") != std::string::npos ||
         variant.find("-src-allow") != std::string::npos || variant.find("-src-deny") != std::string::npos ||
         variant.find("-src-empty") != std::string::npos ||
         variant.find("-src-unresolvable") != std::string::npos;
}

struct variant_of_user_events {
  explicit variant_of_user_events(const YAML::Node& root)
      : options(user_event_options_of(root)), apps(apps_of(root)) {}

  publications run(const std::string& datagram) const {
    auto event = parse_user_event(datagram);
    return event ? actual_of(encode_user_event(*event, options, apps)) : publications{};
  }

  user_event_options options;
  app_names apps;
};

struct variant_of_log_events {
  explicit variant_of_log_events(const YAML::Node& root)
      : options(log_event_options_of(root)), apps(apps_of(root)) {}

  publications run(const std::string& datagram) const {
    auto event = parse_log_event(datagram);
    return event ? actual_of(encode_log_event(*event, options, apps)) : publications{};
  }

  log_event_options options;
  app_names apps;
};

template <class Variant>
tally run_file(const std::string& file) {
  tally result;
  std::map<std::string, Variant> variants;
  for (const auto& vector : read_vectors(file)) {
    const auto name = vector["variant"].get<std::string>();
    if (is_about_receiving(name)) {
      result.skip();
      continue;
    }
    auto i = variants.find(name);
    if (i == variants.end()) i = variants.emplace(name, Variant{read_settings(name)}).first;
    result.add(vector, i->second.run(bytes_of(vector, "input")));
  }
  return result;
}

} // namespace

CAF_TEST(recorded user events give the recorded publications) {
  const auto result = run_file<variant_of_user_events>("user-events.jsonl");
  result.print("user-events.jsonl", "; the tag __proto__ ignored");
  CAF_CHECK_EQUAL(result.agreed(), 320u);
  CAF_CHECK_EQUAL(result.compared(), 320u);
}

CAF_TEST(recorded log events give the recorded publications) {
  const auto result = run_file<variant_of_log_events>("log-events.jsonl");
  result.print("log-events.jsonl", "");
  CAF_CHECK_EQUAL(result.agreed(), 887u);
  CAF_CHECK_EQUAL(result.compared(), 887u);
}
