#define CAF_SUITE actors.ingest.event_folding
#include "test/support/unit_test.hpp"

#include "actors/ingest/event_folding.hpp"
#include "test/support/sound_ledger.hpp"

#include <nlohmann/json.hpp>

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;
using messages::item_class;

namespace {

struct fixture {
  const messages::log_event engine =
      *messages::parse_log_event("/qseow-engine/;1;;;WARN;sense1;System.Engine;u;took 5 ms");
  const messages::log_event call = *messages::parse_log_event(
      "/qseow-qix-perf/;1;;;INFO;sense1;System;u;0;LAB;anna;;;app1;7;GetLayout;12.5");
  context_ptr env = std::make_shared<context>();
  outlet items{1, 1000};
  std::shared_ptr<event_folding_rules> rules = std::make_shared<event_folding_rules>();
  event_folding aut;
  event_folding::time_point now{1000s};
  bool accepted = true;

  fixture() { rules->store({messages::storm_options{10, 10s}, messages::performance_digest_options{}}); }
  ~fixture() { CAF_CHECK_EQUAL(test::unsound(env->book), ""); }

  void use() {
    aut.use(env, {rules, [this](const messages::log_event&) { return accepted; },
                  [](const std::string& id) { return "name of " + id; }});
  }
  /// So many of it; how many of them by this rule.
  int take(int n, const messages::log_event& x, std::string_view rule) {
    int result = 0;
    for (int i = 0; i < n; ++i) result += aut.take(x, now) == rule;
    return result;
  }
  std::vector<nlohmann::json> summaries() {
    std::vector<nlohmann::json> result;
    items.grant(1000);
    while (const auto batch = items.next())
      for (const auto& x : batch->items->insights) result.push_back(nlohmann::json::parse(x.payload));
    return result;
  }
  uint64_t received() {
    return env->book.snapshot()[static_cast<size_t>(item_class::insight_event)].received;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_folding_tests, fixture)

CAF_TEST(without rules or with all of it off nothing is folded) {
  CAF_CHECK_EQUAL(take(100, engine, ""), 100);
  CAF_CHECK_EQUAL(aut.push_due(items, now) + aut.push_all(items), 0u);
  rules->store({});
  use();
  CAF_CHECK_EQUAL(take(100, engine, ""), 100);
  CAF_CHECK_EQUAL(take(100, call, ""), 100);
  CAF_CHECK_EQUAL(aut.push_due(items, now) + aut.push_all(items), 0u);
}

CAF_TEST(storms are folded and performance events digested and both are told when their time is up) {
  use();
  CAF_CHECK_EQUAL(take(100, engine, "folded"), 90);
  CAF_CHECK_EQUAL(take(100, call, "digested"), 100);
  CAF_CHECK_EQUAL(aut.push_due(items, now + 9s), 0u);
  CAF_CHECK_EQUAL(aut.push_due(items, now + 10s), 1u);
  CAF_CHECK_EQUAL(aut.push_due(items, now + 59s), 0u);
  CAF_CHECK_EQUAL(aut.push_due(items, now + 60s), 1u);
  CAF_CHECK_EQUAL(received(), 2u);
  const auto all = summaries();
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0]["count"], 90);
  CAF_CHECK_EQUAL(all[0]["sample"]["message"], "took 5 ms");
  CAF_CHECK_EQUAL(all[1]["count"], 100);
  CAF_CHECK_EQUAL(all[1]["rows"][0]["appName"], "name of app1");
  CAF_CHECK_EQUAL(all[1]["slowest"][0]["processTime"], 12.5);
}

CAF_TEST(what the rules of the encoder do not accept is left to it) {
  use();
  accepted = false;
  CAF_CHECK_EQUAL(take(100, engine, ""), 100);
  CAF_CHECK_EQUAL(take(100, call, ""), 100);
  CAF_CHECK_EQUAL(aut.push_all(items), 0u);
}

CAF_TEST(at the end all summaries are told) {
  use();
  take(100, engine, "folded");
  take(100, call, "digested");
  CAF_CHECK_EQUAL(aut.push_all(items), 2u);
  CAF_CHECK_EQUAL(aut.push_all(items), 0u);
  CAF_CHECK_EQUAL(summaries().size(), 2u);
}

CAF_TEST(another receiver goes on with what is open) {
  use();
  take(100, engine, "folded");
  use();
  take(100, engine, "folded");
  CAF_CHECK_EQUAL(aut.push_due(items, now + 10s), 1u);
  CAF_CHECK_EQUAL(summaries().at(0)["count"], 190);
}

CAF_TEST(switched off while the outlet is full nothing more is folded and what is open is told later) {
  use();
  take(100, engine, "folded");
  take(100, call, "digested");
  rules->store({});
  CAF_CHECK_EQUAL(aut.push_due(items, now + 1s, true), 0u);
  CAF_CHECK_EQUAL(take(100, engine, ""), 100);
  CAF_CHECK_EQUAL(take(100, call, ""), 100);
  rules->store({messages::storm_options{10, 10s}, {}}); // it may come back before
  CAF_CHECK_EQUAL(aut.push_due(items, now + 2s, true), 0u);
  CAF_CHECK_EQUAL(take(100, engine, "folded"), 100);
  rules->store({});
  CAF_CHECK_EQUAL(aut.push_due(items, now + 3s), 2u);
  const auto all = summaries();
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[0]["count"], 190);
  CAF_CHECK_EQUAL(all[1]["count"], 100);
}

CAF_TEST(switched off what is open is told and switched on it begins) {
  use();
  take(100, engine, "folded");
  take(100, call, "digested");
  rules->store({});
  CAF_CHECK_EQUAL(aut.push_due(items, now + 1s), 2u);
  CAF_CHECK_EQUAL(take(100, engine, ""), 100);
  CAF_CHECK_EQUAL(take(100, call, ""), 100);
  rules->store({messages::storm_options{50, 10s}, {}});
  CAF_CHECK_EQUAL(aut.push_due(items, now + 2s), 0u);
  CAF_CHECK_EQUAL(take(100, engine, "folded"), 50);
  CAF_CHECK_EQUAL(take(100, call, ""), 100);
  rules->store({messages::storm_options{50, 3s}, messages::performance_digest_options{}});
  CAF_CHECK_EQUAL(aut.push_due(items, now + 2s), 0u);
  CAF_CHECK_EQUAL(take(1, call, "digested"), 1);
  CAF_CHECK_EQUAL(aut.push_due(items, now + 3s), 1u);
}

CAF_TEST(what there was no room for is counted) {
  use();
  for (int i = 0; i < 20'000; ++i) { // more than can be watched
    auto x = engine;
    std::get<messages::engine_log>(x.body).message = std::string(static_cast<size_t>(i % 500 + 1), 'x') +
                                                     std::string(static_cast<size_t>(i / 500 + 1), 'y');
    CAF_CHECK(aut.take(x, now).empty());
  }
  for (int i = 0; i < 2100; ++i) {
    auto x = call;
    std::get<messages::qix_perf_log>(x.body).object_id = std::to_string(i);
    CAF_CHECK_EQUAL(std::string{aut.take(x, now)}, "digested");
  }
  aut.push_due(items, now);
  CAF_CHECK(env->counters.value("insights_storm_left_out_total") >= 20'000 - 8192);
  CAF_CHECK_EQUAL(env->counters.value("insights_performance_left_out_total"), 100);
}

CAF_TEST_FIXTURE_SCOPE_END()
