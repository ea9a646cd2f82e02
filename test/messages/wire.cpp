// What crosses node boundaries comes back as it was.
#define CAF_SUITE messages.wire

#include "test/support/unit_test.hpp"

#include "messages/cluster_message.hpp"
#include "messages/flow.hpp"
#include "messages/items/app_names.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/deep_to_string.hpp>

#include <string>
#include <vector>

using namespace senseflow::messages;

namespace {

template <class T>
std::vector<char> packed(T x) {
  std::vector<char> bytes;
  caf::binary_serializer out{nullptr, bytes};
  if (out(x)) CAF_FAIL("cannot be packed");
  return bytes;
}

template <class T>
bool comes_back(const T& x) {
  T copy;
  const auto bytes = packed(x);
  caf::binary_deserializer in{nullptr, bytes};
  return !in(copy) && copy == x;
}

user_event some_user_event() {
  auto x = *parse_user_event("/qseow-proxy-session/;h;Start session;LAB;me;Proxy;/ctx;text");
  x.received = caf::timestamp{caf::timespan{1'700'000'000'123'456'789}};
  x.id = {0x0123456789abcdef, 3};
  return x;
}

log_event some_log_event(const std::string& source) {
  auto x = *parse_log_event("/qseow-" + source + "/;1;;;WARN;h;S;u;a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q");
  x.received = caf::timestamp{caf::timespan{1'700'000'000'123'456'789}};
  x.id = {0x0123456789abcdef, 3};
  return x;
}

} // namespace

CAF_TEST(events come back as they were) {
  CAF_CHECK(comes_back(some_user_event()));
  for (const auto* source : {"engine", "proxy", "repository", "scheduler", "qix-perf"}) {
    CAF_CHECK(comes_back(some_log_event(source)));
  }
}

CAF_TEST(what nodes tell each other comes back as it was) {
  CAF_CHECK(comes_back(cluster_message{"digests/a", std::string("\1\0\xff", 3), true}));
  CAF_CHECK(comes_back(channel_news{channel_state::deaf}));
  encoded_batch x;
  x.id = {1, 2};
  x.ended_events = {{3, 4}};
  CAF_CHECK(comes_back(x));
}

CAF_TEST(samples come back as they were) {
  auto health = *parse_health(R"({"version":"1","mem":{"free":1.5},"apps":{"active_docs":["a",null]}})");
  health.server = "s";
  health.host = "h";
  health.timestamp = caf::timestamp{caf::timespan{5}};
  health.duration = caf::timespan{7};
  health.tags = {{"a", "b"}};
  CAF_CHECK(comes_back(health));
  auto sessions = *parse_sessions(R"([{"UserDirectory":"LAB","UserId":"me"},1])");
  sessions.server = "s";
  sessions.virtual_proxy = "/hdr";
  CAF_CHECK(comes_back(sessions));
  const caf::timestamp now{caf::timespan{1'700'000'000'123'456'789}};
  CAF_CHECK(comes_back(
      availability_sample{"s", "h", now, server_state::offline, now, "health", "http_status", 503, now}));
  CAF_CHECK(comes_back(server_event{"s", "h", now, server_event_kind::version_changed, "1", "2"}));
  CAF_CHECK(comes_back(*parse_app_list(R"([{"id":"a","name":"b"}])")));
}

CAF_TEST(a difference in any field is a difference) {
  const scheduler_log x;
  for (const auto& field : fields_of(x)) {
    auto y = x;
    if (const auto* text = std::get_if<0>(&field.member)) y.*(*text) = "other";
    if (const auto* number = std::get_if<1>(&field.member)) y.*(*number) = 4711;
    CAF_CHECK(!(x == y));
  }
  const auto event = some_log_event("scheduler");
  auto later = event;
  later.received += caf::timespan{1};
  CAF_CHECK(!(later == event));
  auto another = some_user_event();
  another.id.occurrence = 4;
  CAF_CHECK(!(another == some_user_event()));
}

CAF_TEST(an unknown source is an error and not a crash) {
  auto bytes = packed(some_log_event("engine"));
  bytes[0] = 77;
  log_event x;
  caf::binary_deserializer in{nullptr, bytes};
  CAF_CHECK(in(x));
}

CAF_TEST(bytes that are cut off are an error) {
  const auto bytes = packed(some_log_event("qix-perf"));
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<char> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    log_event x;
    caf::binary_deserializer in{nullptr, part};
    CAF_CHECK(in(x));
  }
}

CAF_TEST(everything can be printed) {
  CAF_CHECK(caf::deep_to_string(some_log_event("proxy")).find("WARN") != std::string::npos);
  CAF_CHECK(caf::deep_to_string(some_user_event()).find("Start session") != std::string::npos);
}
