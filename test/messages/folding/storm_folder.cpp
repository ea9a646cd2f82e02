#define CAF_SUITE messages.folding.storm_folder
#include "test/support/unit_test.hpp"

#include "messages/folding/storm_folder.hpp"
#include "test/support/dice.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>

using namespace senseflow;
using namespace senseflow::messages;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

log_event engine_event(const std::string& message, const std::string& host = "sense1") {
  log_event x;
  engine_log body;
  body.host = host;
  body.subsystem = "System.Engine.Engine";
  body.level = "ERROR";
  body.message = message;
  x.body = body;
  return x;
}

struct fixture {
  storm_folder aut{{10, 10s}};
  storm_folder::time_point now{1000s};
  caf::timestamp utc{caf::timespan{1'700'000'000'000'000'000}};
  int asked = 0;
  bool allowed = true;

  bool folds(log_event x) {
    x.received = utc;
    return aut.folds(x, now, [this](const log_event&) {
      ++asked;
      return allowed;
    });
  }
  void pass(std::chrono::milliseconds t) {
    now += t;
    utc += t;
  }
  /// So many at once; how many of them are folded.
  int burst(int n, const std::string& message = "took 5 ms", const std::string& host = "sense1") {
    int result = 0;
    for (int i = 0; i < n; ++i) result += folds(engine_event(message, host));
    return result;
  }
  static json read(const insight& x) { return json::parse(x.payload); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(storm_folder_tests, fixture)

CAF_TEST(a storm becomes one summary a window with its figures and a sample) {
  CAF_CHECK_EQUAL(burst(10, "took 1 ms"), 0);
  CAF_CHECK_EQUAL(asked, 0);
  CAF_CHECK_EQUAL(burst(100, "took 2.5 ms"), 100);
  pass(3s);
  CAF_CHECK_EQUAL(burst(1), 0); // the storm is over
  CAF_CHECK_EQUAL(burst(20, "took 7 ms"), 11);
  pass(6999ms);
  CAF_CHECK(aut.tick(now, utc).empty());
  pass(1ms);
  const auto all = aut.tick(now, utc);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK(all[0].event && all[0].kind == insight_kind::storm);
  CAF_CHECK_EQUAL(all[0].topic, "storms/sense1/engine");
  CAF_CHECK_EQUAL(all[0].origin, "sense1");
  const auto x = read(all[0]);
  CAF_CHECK_EQUAL(x["host"], "sense1");
  CAF_CHECK_EQUAL(x["source"], "qseow-engine");
  CAF_CHECK_EQUAL(x["subsystem"], "System.Engine.Engine");
  CAF_CHECK_EQUAL(x["message"], "took # ms");
  CAF_CHECK_EQUAL(x["count"], 111);
  CAF_CHECK_EQUAL(x["first"], "2023-11-14T22:13:20.000Z");
  CAF_CHECK_EQUAL(x["last"], "2023-11-14T22:13:23.000Z");
  CAF_CHECK_EQUAL(x["timestamp"], "2023-11-14T22:13:30.000Z");
  CAF_CHECK_EQUAL(x["sample"]["message"], "took 2.5 ms");
  CAF_CHECK_EQUAL(x["sample"]["level"], "ERROR");
  CAF_CHECK_EQUAL(aut.storms(), 0u);
  CAF_CHECK(aut.close(utc).empty());
}

CAF_TEST(events of another source host subsystem or text are no part of a storm) {
  CAF_CHECK_EQUAL(burst(11), 1);
  CAF_CHECK_EQUAL(burst(10, "took 5 ms", "sense2"), 0);
  CAF_CHECK_EQUAL(burst(10, "took 5 s"), 0);
  auto elsewhere = engine_event("took 5 ms");
  std::get<engine_log>(elsewhere.body).subsystem = "System.Engine";
  CAF_CHECK(!folds(elsewhere));
  log_event proxy;
  proxy.source = log_source::proxy;
  service_log body;
  static_cast<log_common&>(body) = elsewhere.common();
  body.subsystem = "System.Engine.Engine";
  body.message = "took 5 ms";
  proxy.body = body;
  CAF_CHECK(!folds(proxy));
  CAF_CHECK_EQUAL(aut.storms(), 1u);
}

CAF_TEST(performance events and those without a message are never folded) {
  log_event perf;
  perf.source = log_source::qix_perf;
  perf.body = qix_perf_log{};
  for (int i = 0; i < 100; ++i) CAF_CHECK(!folds(perf));
  CAF_CHECK_EQUAL(burst(100, ""), 0);
}

CAF_TEST(what may not be folded is not and has no summary) {
  allowed = false;
  CAF_CHECK_EQUAL(burst(100), 0);
  CAF_CHECK_EQUAL(asked, 90);
  CAF_CHECK_EQUAL(aut.storms(), 0u);
  CAF_CHECK_EQUAL(aut.take_left_out(), 0u);
}

CAF_TEST(other settings hold from the next event on) {
  CAF_CHECK_EQUAL(burst(20), 10);
  aut.use({100, 1s});
  pass(1s);
  CAF_CHECK_EQUAL(aut.tick(now, utc).size(), 1u);
  pass(2s);
  CAF_CHECK_EQUAL(burst(110), 10);
}

CAF_TEST(beyond the storms that there is room for events are published and counted) {
  const int most = storm_folder::most_storms;
  storm_folder small{{1, 10s}};
  uint64_t folded = 0;
  for (int i = 0; i < most + 20; ++i) {
    const auto x = engine_event("a", "host" + std::string(static_cast<size_t>(i), 'x'));
    for (int n = 0; n < 3; ++n) folded += small.folds(x, now, [](const auto&) { return true; });
  }
  CAF_CHECK_EQUAL(small.storms(), storm_folder::most_storms);
  CAF_CHECK_EQUAL(folded, 2u * most);
  CAF_CHECK_EQUAL(small.take_left_out(), 40u);
  CAF_CHECK_EQUAL(small.take_left_out(), 0u);
  CAF_CHECK_EQUAL(small.close(utc).size(), storm_folder::most_storms);
}

CAF_TEST(events that there is no place to watch are published and counted) {
  storm_folder small{{1, 10s}, 8};
  for (int i = 0; i < 20; ++i)
    CAF_CHECK(!small.folds(engine_event(std::string(static_cast<size_t>(i + 1), 'x')), now,
                           [](const auto&) { return true; }));
  CAF_CHECK_EQUAL(small.take_left_out(), 12u);
}

CAF_TEST(a host without a name has a topic all the same) {
  burst(11, "a", "");
  burst(11, "a", "a/b+c");
  std::map<std::string, std::string> topics;
  for (const auto& x : aut.close(utc)) topics[x.origin] = x.topic;
  CAF_CHECK_EQUAL(topics[""], "storms/unknown/engine");
  CAF_CHECK_EQUAL(topics["a/b+c"], "storms/a_b_c/engine");
}

CAF_TEST(in random streams published and folded add up to what came) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    test::dice dice{seed};
    storm_folder any{{static_cast<uint32_t>(dice.from_to(1, 8)), dice.ms(1000, 20'000)},
                     size_t{64} << dice.below(6)};
    std::map<std::string, int> folded, summed; // by host and message
    const auto take = [&](const std::vector<insight>& all) {
      for (const auto& x : all) {
        const auto y = read(x);
        summed[y["host"].get<std::string>() + y["message"].get<std::string>()] += y["count"].get<int>();
      }
    };
    int published = 0, total = 0;
    for (int i = 0; i < 20'000; ++i) {
      pass(dice.one_in(500) ? dice.ms(0, 5000) : dice.ms(0, 5));
      const auto host = "h" + std::string(dice.below(3), 'x');
      const auto kind = std::string(1 + dice.below(dice.one_in(2) ? 2 : 100), 'm');
      auto x = engine_event(kind + ' ' + std::to_string(dice.below(1'000'000)), host);
      x.received = utc;
      ++total;
      if (any.folds(x, now, [&](const auto&) { return !dice.one_in(20); }))
        ++folded[host + kind + " #"];
      else
        ++published;
      if (dice.one_in(200)) take(any.tick(now, utc));
    }
    take(any.close(utc));
    int in_summaries = 0;
    for (const auto& [key, n] : summed) in_summaries += n;
    CAF_MESSAGE(published << " published, " << in_summaries << " folded");
    CAF_CHECK(in_summaries > 1000);
    CAF_CHECK_EQUAL(published + in_summaries, total);
    CAF_CHECK(folded == summed);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
