#define CAF_SUITE actors.insights.analyses
#include "test/support/unit_test.hpp"

#include "actors/insights/analyses.hpp"
#include "fake_analysis.hpp"
#include "test/support/logged.hpp"

#include <map>
#include <vector>

using namespace senseflow;
using namespace std::chrono_literals;
using actors::analyses;
using actors::analysis_spec;
using messages::insights::moment;

namespace {

struct fixture {
  std::map<std::string, std::shared_ptr<test::analysis_script>> scripts;
  analyses aut;
  uint64_t number = 0;
  moment now{caf::timestamp{} + 1000h, std::chrono::steady_clock::time_point{} + 1000h};

  std::shared_ptr<test::analysis_script> script(const std::string& name) {
    auto& x = scripts[name];
    if (!x) x = std::make_shared<test::analysis_script>();
    return x;
  }
  analysis_spec spec(const std::string& name, const std::string& version = "1") {
    return {name, version, [x = script(name)] { return std::make_unique<test::fake_analysis>(x); }};
  }
  static messages::item_batch batch(uint64_t source, uint64_t number) {
    messages::item_list items;
    items.user_events.resize(1);
    return {{source, number}, messages::shared<messages::item_list>{std::move(items)}};
  }
  void show() { aut.observe(batch(1, ++number), now); }
  static double counted(const messages::insights::findings& x, const std::string& name) {
    double result = 0;
    for (const auto& c : x.counts) result += c.name == name ? c.n : 0;
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(analyses_tests, fixture)

CAF_TEST(each analysis is shown every batch once) {
  aut.use({spec("a"), spec("b")});
  for (const auto& x : {batch(1, 1), batch(2, 1), batch(1, 2), batch(1, 1), batch(1, 2), batch(2, 4)})
    aut.observe(x, now);
  CAF_CHECK_EQUAL(script("a")->seen, 4u);
  CAF_CHECK_EQUAL(script("b")->seen, 4u);
  CAF_CHECK_EQUAL(counted(aut.tick(now), "insight_batches_repeated_total"), 2);
  CAF_CHECK_EQUAL(counted(aut.tick(now), "insight_batches_repeated_total"), 0);
}

CAF_TEST(what all of them find comes in their order) {
  aut.use({spec("a"), spec("b")});
  for (const auto* name : {"a", "b"}) {
    script(name)->finds.insights.push_back({messages::insight_kind::sessions, true, name, name, "{}", {}});
    script(name)->finds.alarms.push_back({name, "x", {}, "", "", {}});
    script(name)->finds.add("n_total", {}, 3);
  }
  const auto found = aut.tick(now);
  CAF_REQUIRE_EQUAL(found.insights.size(), 2u);
  CAF_CHECK_EQUAL(found.insights[0].topic + found.insights[1].topic, "ab");
  CAF_CHECK_EQUAL(found.alarms.size(), 2u);
  CAF_CHECK_EQUAL(counted(found, "n_total"), 6);
}

CAF_TEST(one that fails begins anew and the others do not notice) {
  const test::logged log;
  aut.use({spec("a"), spec("b")});
  show();
  script("a")->throws_when_shown = true;
  show();
  show();
  script("a")->throws_when_shown = false;
  show();
  CAF_CHECK_EQUAL(script("a")->seen, 2u);
  CAF_CHECK_EQUAL(script("a")->made, 3u); // once for each of the last two, too
  CAF_CHECK_EQUAL(script("b")->seen, 4u);
  CAF_CHECK_EQUAL(script("b")->made, 1u);
  script("a")->throws_when_asked = true;
  script("a")->finds.add("lost_total");
  script("b")->finds.add("kept_total");
  const auto found = aut.tick(now);
  CAF_CHECK_EQUAL(counted(found, "insight_failures_total"), 3);
  CAF_CHECK_EQUAL(counted(found, "lost_total"), 0);
  CAF_CHECK_EQUAL(counted(found, "kept_total"), 1);
  CAF_CHECK_EQUAL(log.lines("the analysis a failed").size(), 1u); // once a minute
}

CAF_TEST(each line for the log is told once also by one that begins anew) {
  aut.use({spec("a"), spec("b")});
  script("a")->finds.lines = {"machine A", "machine B"};
  script("b")->finds.lines = {"machine A"};
  CAF_CHECK((aut.tick(now).lines == std::vector<std::string>{"machine A", "machine B"}));
  CAF_CHECK(aut.tick(now).lines.empty());
  aut.use({spec("a", "2")});
  CAF_CHECK(aut.tick(now).lines.empty());
  size_t n = 2;
  for (int i = 0; i < 1000; ++i) {
    script("a")->finds.lines = {std::to_string(i)};
    n += aut.tick(now).lines.size();
  }
  CAF_CHECK_EQUAL(n, 100u);
}

CAF_TEST(one that cannot be made is tried again and again) {
  script("a")->throws_when_made = true;
  aut.use({spec("a"), spec("b")});
  show();
  show();
  CAF_CHECK_EQUAL(script("b")->seen, 2u);
  script("a")->throws_when_made = false;
  show();
  CAF_CHECK_EQUAL(script("a")->seen, 1u);
  CAF_CHECK_EQUAL(counted(aut.tick(now), "insight_failures_total"), 2);
}

CAF_TEST(the same version goes on and another one inherits and what is not wanted is forgotten) {
  aut.use({spec("a"), spec("b"), spec("c")});
  show();
  aut.use({spec("b"), spec("a", "2")});
  CAF_CHECK_EQUAL(aut.size(), 2u);
  show();
  CAF_CHECK_EQUAL(script("a")->made, 2u);
  CAF_CHECK_EQUAL(script("a")->inherited, 1u);
  CAF_CHECK_EQUAL(script("b")->made, 1u);
  CAF_CHECK_EQUAL(script("b")->inherited, 0u);
  CAF_CHECK_EQUAL(script("c")->seen, 1u);
  aut.use({spec("c")});
  show();
  CAF_CHECK_EQUAL(script("c")->made, 2u);
  CAF_CHECK_EQUAL(script("c")->inherited, 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
