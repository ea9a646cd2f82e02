#define CAF_SUITE bench.events

#include "test/support/unit_test.hpp"

#include "bench/apps.hpp"
#include "bench/event_generator/events.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <vector>

using namespace senseflow::bench;

namespace {

std::vector<std::string> split(const std::string& text, size_t most = SIZE_MAX) {
  std::vector<std::string> result{""};
  for (char c : text) {
    if (c == ';' && result.size() < most)
      result.emplace_back();
    else
      result.back() += c;
  }
  return result;
}

/// A user event's message is the rest, semicolons of the user agent included.
std::vector<std::string> split_event(event_source source, const std::string& text) {
  return split(text, source == event_source::user ? 8 : SIZE_MAX);
}

/// Position of the message in a datagram of the source.
size_t message_at(event_source source) { return source == event_source::user ? 7 : 8; }

bool is_uuid(const std::string& text) {
  static const std::regex pattern{"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"};
  return std::regex_match(text, pattern);
}

event_options at(int64_t milliseconds) {
  event_options result;
  result.time = std::chrono::system_clock::time_point{std::chrono::milliseconds{milliseconds}};
  return result;
}

} // namespace

CAF_TEST(every source has its number of fields and its name first) {
  const std::vector<std::pair<event_source, size_t>> expected{
      {event_source::engine, 19},    {event_source::proxy, 16},    {event_source::repository, 16},
      {event_source::scheduler, 18}, {event_source::qix_perf, 26}, {event_source::user, 8}};
  for (const auto& [source, count] : expected) {
    for (uint64_t number = 0; number < 100; ++number) {
      const auto fields = split_event(source, make_event(source, number));
      CAF_REQUIRE_EQUAL(fields.size(), count);
      CAF_REQUIRE_EQUAL(field_count(source), count);
      const auto first =
          source == event_source::user ? "/qseow-proxy-" : "/qseow-" + std::string{to_string(source)} + "/";
      CAF_REQUIRE_EQUAL(fields[0].compare(0, first.size(), first), 0);
    }
  }
}

CAF_TEST(the number is in the message or for perf events the request id) {
  for (auto source : all_event_sources) {
    const auto fields = split_event(source, make_event(source, 1234567, at(1'700'000'000'123)));
    if (source == event_source::qix_perf)
      CAF_CHECK_EQUAL(fields[14], "1234567");
    else
      CAF_CHECK_EQUAL(fields[message_at(source)].find("event 1234567 at 1700000000123000 "), 0u);
  }
  CAF_CHECK_EQUAL(split(make_user_event(123), 8)[7].find("event 000123 at "), 0u);
}

CAF_TEST(timestamps and host are those asked for) {
  auto options = at(1'700'000'000'123);
  options.host = "other-host";
  for (auto source : all_event_sources) {
    const auto fields = split_event(source, make_event(source, 5, options));
    if (source == event_source::user) {
      CAF_CHECK_EQUAL(fields[1], "other-host");
      continue;
    }
    CAF_CHECK_EQUAL(fields[1], "6");
    CAF_CHECK_EQUAL(fields[2], "20231114T221320.123+0000");
    CAF_CHECK_EQUAL(fields[3], "2023-11-14 22:13:20,123");
    CAF_CHECK_EQUAL(fields[5], "other-host");
  }
}

CAF_TEST(identifiers are well formed and apps are those of the site) {
  std::set<std::string> known;
  for (const auto& app : apps) known.insert(app.id);
  for (uint64_t number = 0; number < 50; ++number) {
    const auto engine = split(make_log_event(event_source::engine, number));
    for (size_t i : {9u, 13u, 17u, 18u}) CAF_CHECK(is_uuid(engine[i]));
    CAF_CHECK_EQUAL(known.count(engine[18]), 1u);
    const auto scheduler = split(make_log_event(event_source::scheduler, number));
    for (size_t i : {15u, 16u, 17u}) CAF_CHECK(is_uuid(scheduler[i]));
    const auto perf = split(make_log_event(event_source::qix_perf, number));
    CAF_CHECK(perf[8] == "0" || is_uuid(perf[8]));
    CAF_CHECK_EQUAL(known.count(perf[13]), 1u);
    const auto user = split(make_user_event(number), 8);
    CAF_REQUIRE_EQUAL(user[6].find("/app/"), 0u);
    CAF_CHECK_EQUAL(known.count(user[6].substr(5)), 1u);
  }
}

CAF_TEST(user events go through all commands with the type that fits) {
  std::set<std::string> seen;
  for (uint64_t number = 0; number < 4; ++number) {
    const auto fields = split(make_user_event(number), 8);
    seen.insert(fields[0] + " " + fields[2]);
    CAF_CHECK(fields[7].find(" UserAgent: 'Mozilla/5.0 ") != std::string::npos);
  }
  const std::set<std::string> expected{
      "/qseow-proxy-session/ Start session", "/qseow-proxy-session/ Stop session",
      "/qseow-proxy-connection/ Open connection", "/qseow-proxy-connection/ Close connection"};
  CAF_CHECK(seen == expected);
}

CAF_TEST(a size is kept exactly where there is a message) {
  event_options options;
  options.size = 700;
  for (auto source : all_event_sources) {
    const auto event = make_event(source, 1, options);
    if (source == event_source::qix_perf) continue;
    CAF_CHECK_EQUAL(event.size(), 700u);
    CAF_CHECK_EQUAL(split_event(source, event).size(), field_count(source));
  }
  options.size = 10;
  CAF_CHECK_GREATER(make_user_event(1, options).size(), 10u);
}
