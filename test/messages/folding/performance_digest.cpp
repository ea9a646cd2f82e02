#define CAF_SUITE messages.folding.performance_digest
#include "test/support/unit_test.hpp"

#include "messages/folding/performance_digest.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace senseflow;
using namespace senseflow::messages;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

log_event call(double ms, const std::string& app = "app1", const std::string& object = "o1",
               const std::string& method = "GetLayout", const std::string& host = "sense1") {
  log_event x;
  x.source = log_source::qix_perf;
  qix_perf_log body;
  body.host = host;
  body.raw_app_id = app;
  body.object_id = object;
  body.object_type = "linechart";
  body.method = method;
  body.user_full = "LAB\\anna";
  body.process_time = ms;
  x.body = body;
  return x;
}

struct fixture {
  performance_digest aut{{60s, 1s, 3}};
  performance_digest::time_point now{1000s};
  caf::timestamp utc{caf::timespan{1'700'000'000'000'000'000}};

  bool digests(log_event x) {
    x.received = utc;
    return aut.digests(x, now);
  }
  void pass(std::chrono::milliseconds t) {
    now += t;
    utc += t;
  }
  static std::string name(const std::string& id) { return id == "app1" ? "Sales" : ""; }
  std::vector<json> tick() { return read(aut.tick(now, utc, name)); }
  std::vector<json> close() { return read(aut.close(utc, name)); }
  static std::vector<json> read(const std::vector<insight>& all) {
    std::vector<json> result;
    for (const auto& x : all) result.push_back(json::parse(x.payload));
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(performance_digest_tests, fixture)

CAF_TEST(a digest has the figures of a window by app object and method) {
  for (int i = 1; i <= 100; ++i) CAF_CHECK(digests(call(i)));
  pass(30s);
  CAF_CHECK(digests(call(500, "app2")));
  CAF_CHECK(digests(call(0.5, "app1", "o1", "Select")));
  CAF_CHECK(tick().empty());
  pass(30s);
  const auto insights = aut.tick(now, utc, name);
  CAF_REQUIRE_EQUAL(insights.size(), 1u);
  CAF_CHECK(insights[0].event && insights[0].kind == insight_kind::performance);
  CAF_CHECK_EQUAL(insights[0].topic, "performance/sense1");
  CAF_CHECK_EQUAL(insights[0].origin, "sense1");
  const auto x = json::parse(insights[0].payload);
  CAF_CHECK_EQUAL(x["host"], "sense1");
  CAF_CHECK_EQUAL(x["first"], "2023-11-14T22:13:20.000Z");
  CAF_CHECK_EQUAL(x["last"], "2023-11-14T22:13:50.000Z");
  CAF_CHECK_EQUAL(x["timestamp"], "2023-11-14T22:14:20.000Z");
  CAF_CHECK_EQUAL(x["count"], 102);
  CAF_CHECK_EQUAL(x["published"], 0);
  CAF_CHECK_EQUAL(x["max"], 500);
  CAF_CHECK(x["other"].is_null());
  CAF_REQUIRE_EQUAL(x["rows"].size(), 3u);
  const auto& most = x["rows"][0]; // by time: 5,050 ms
  CAF_CHECK_EQUAL(most["appId"], "app1");
  CAF_CHECK_EQUAL(most["appName"], "Sales");
  CAF_CHECK_EQUAL(most["objectId"], "o1");
  CAF_CHECK_EQUAL(most["objectType"], "linechart");
  CAF_CHECK_EQUAL(most["method"], "GetLayout");
  CAF_CHECK_EQUAL(most["count"], 100);
  CAF_CHECK_EQUAL(most["mean"], 50.5);
  CAF_CHECK(std::abs(most["p50"].get<double>() - 50) <= 0.51);
  CAF_CHECK(std::abs(most["p95"].get<double>() - 95) <= 0.96);
  CAF_CHECK(std::abs(most["p99"].get<double>() - 99) <= 1.0);
  CAF_CHECK_EQUAL(most["max"], 100);
  CAF_CHECK_EQUAL(x["rows"][1]["appId"], "app2");
  CAF_CHECK_EQUAL(x["rows"][1]["appName"], "");
  CAF_CHECK_EQUAL(x["rows"][2]["method"], "Select");
  CAF_CHECK(tick().empty());
  CAF_CHECK(close().empty());
}

CAF_TEST(the ten slowest are named the slowest first) {
  for (int i = 0; i < 50; ++i) digests(call((i * 7) % 50, "app1", "o" + std::to_string(i)));
  const auto x = close().at(0);
  CAF_REQUIRE_EQUAL(x["slowest"].size(), 10u);
  for (size_t i = 0; i < 10; ++i) CAF_CHECK_EQUAL(x["slowest"][i]["processTime"], 49 - static_cast<int>(i));
  const auto& s = x["slowest"][0];
  CAF_CHECK_EQUAL(s["objectId"], "o7"); // 7 * 7
  CAF_CHECK_EQUAL(s["user"], "LAB\\anna");
  CAF_CHECK_EQUAL(s["appName"], "Sales");
  CAF_CHECK_EQUAL(s["timestamp"], "2023-11-14T22:13:20.000Z");
}

CAF_TEST(what takes longer than the limit is published and in the digest) {
  CAF_CHECK(digests(call(1000)));
  CAF_CHECK(!digests(call(1000.5)));
  const auto x = close().at(0);
  CAF_CHECK_EQUAL(x["count"], 2);
  CAF_CHECK_EQUAL(x["published"], 1);
  CAF_CHECK_EQUAL(x["max"], 1000.5);
  aut.use({60s, 0s, 3});
  CAF_CHECK(digests(call(1e6)));
}

CAF_TEST(events without a usable time and others are published only) {
  CAF_CHECK(!digests(call(no_time)));
  CAF_CHECK(!digests(call(-1)));
  CAF_CHECK(!digests(call(std::numeric_limits<double>::infinity())));
  CAF_CHECK(!digests(call(1e300)));
  CAF_CHECK(!digests(log_event{}));
  CAF_CHECK(close().empty());
  CAF_CHECK_EQUAL(aut.take_left_out(), 0u);
}

CAF_TEST(the rows of most time are shown and the others are one) {
  for (int i = 1; i <= 5; ++i)
    for (int n = 0; n < i; ++n) digests(call(10, "app1", "o" + std::to_string(i)));
  const auto x = close().at(0);
  CAF_REQUIRE_EQUAL(x["rows"].size(), 3u);
  CAF_CHECK_EQUAL(x["rows"][0]["objectId"], "o5");
  CAF_CHECK_EQUAL(x["rows"][2]["objectId"], "o3");
  CAF_CHECK_EQUAL(x["other"]["count"], 3);
  CAF_CHECK_EQUAL(x["other"]["mean"], 10);
  CAF_CHECK_EQUAL(x["count"], 15);
}

CAF_TEST(beyond the rows that there is room for events are in the row of the others and counted) {
  const auto most = static_cast<int>(performance_digest::most_rows);
  for (int i = 0; i < most + 50; ++i) CAF_REQUIRE(digests(call(1, "app1", std::to_string(i))));
  CAF_CHECK(digests(call(1, "app1", "0"))); // has a row
  CAF_CHECK_EQUAL(aut.take_left_out(), 50u);
  const auto x = close().at(0);
  CAF_CHECK_EQUAL(x["count"], most + 51);
  CAF_CHECK_EQUAL(x["other"]["count"].get<int>() + x["rows"][0]["count"].get<int>() +
                      x["rows"][1]["count"].get<int>() + x["rows"][2]["count"].get<int>(),
                  most + 51);
  CAF_CHECK(digests(call(1, "app1", "new"))); // there is room again
  CAF_CHECK_EQUAL(aut.take_left_out(), 0u);
}

CAF_TEST(hosts have digests of their own and those without room are published) {
  const auto most = static_cast<int>(performance_digest::most_hosts);
  for (int i = 0; i < most; ++i) CAF_CHECK(digests(call(1, "a", "o", "m", "host" + std::to_string(i))));
  CAF_CHECK(!digests(call(1, "a", "o", "m", "one more")));
  CAF_CHECK(digests(call(1, "a", "o", "m", "host0")));
  CAF_CHECK_EQUAL(aut.take_left_out(), 1u);
  CAF_CHECK_EQUAL(close().size(), performance_digest::most_hosts);
  CAF_CHECK(digests(call(1, "a", "o", "m", "")));
  CAF_CHECK_EQUAL(aut.close(utc, name).at(0).topic, "performance/unknown");
}

CAF_TEST(of a million events there are few messages and their quantiles are right) {
  aut.use({60s, 0s, 1000});
  std::mt19937_64 random{4711};
  std::lognormal_distribution<double> time{3, 1.5};
  std::map<std::string, std::vector<double>> exact; // by object, of a window
  size_t digested = 0, messages = 0, counted = 0;
  double worst = 0;
  const auto compare = [&](const std::vector<json>& all) {
    for (const auto& x : all) {
      ++messages;
      counted += x["count"].get<size_t>();
      for (const auto& row : x["rows"]) {
        auto& values = exact.at(row["objectId"]);
        std::sort(values.begin(), values.end());
        CAF_REQUIRE_EQUAL(row["count"].get<size_t>(), values.size());
        for (const auto& [name, share] :
             {std::pair{"p50", 0.5}, std::pair{"p95", 0.95}, std::pair{"p99", 0.99}}) {
          const auto should = values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
          worst = std::max(worst, std::abs(row[name].get<double>() - should) / should);
        }
        CAF_CHECK(std::abs(row["max"].get<double>() - values.back()) < 0.001);
      }
    }
    if (!all.empty()) exact.clear();
  };
  auto event = call(0);
  auto& body = std::get<qix_perf_log>(event.body);
  for (int i = 0; i < 1'000'000; ++i) {
    body.process_time = 0.1 + time(random); // microseconds are shown
    body.object_id = "o" + std::to_string(random() % 50);
    if (i % 1000 == 0) {
      pass(1s);
      compare(tick());
    }
    exact[body.object_id].push_back(body.process_time);
    digested += digests(event);
  }
  compare(close());
  CAF_MESSAGE(messages << " messages, quantiles within " << worst * 100 << " %");
  CAF_CHECK_EQUAL(digested, 1'000'000u);
  CAF_CHECK_EQUAL(counted, 1'000'000u);
  CAF_CHECK(messages < 10'000);
  CAF_CHECK(worst <= 0.02);
}

CAF_TEST_FIXTURE_SCOPE_END()
