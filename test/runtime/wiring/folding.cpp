#define CAF_SUITE runtime.wiring.folding
#include "test/support/unit_test.hpp"

#include "runtime/wiring/folding.hpp"

#include <string>
#include <vector>

using namespace senseflow;
using namespace senseflow::runtime;
using namespace std::chrono_literals;

CAF_TEST(what the settings say is what the receiver is told) {
  config::settings s;
  CAF_CHECK(!folding_options(s).storms);
  CAF_CHECK(!folding_options(s).performance);
  auto& x = s.insights;
  x.storms.enable = true;
  x.storms.rate = 7;
  x.storms.window = 3s;
  const auto storms = folding_options(s);
  CAF_CHECK(!storms.performance);
  CAF_CHECK_EQUAL(storms.storms->rate, 7u);
  CAF_CHECK(storms.storms->window == 3s);
  x.performance.enable = true;
  x.performance.window = 5s;
  x.performance.publish_above = 250ms;
  x.performance.rows = 12;
  const auto both = folding_options(s);
  CAF_CHECK(both.performance->window == 5s);
  CAF_CHECK(both.performance->publish_above == 250ms);
  CAF_CHECK_EQUAL(both.performance->rows, 12u);
}

CAF_TEST(rules and names are those of the moment) {
  const auto folding = std::make_shared<actors::event_folding_rules>();
  const auto rules = std::make_shared<actors::encoding_rules>();
  const auto apps = std::make_shared<actors::app_table>();
  const auto aut = folding_lookups(folding, rules, apps);
  CAF_CHECK(aut.rules == folding);
  const messages::log_event engine{}; // no source is on
  CAF_CHECK(!aut.accepted(engine));
  CAF_CHECK_EQUAL(aut.app_name("a"), "");
  actors::encoding_options on;
  on.log_events.sources[0] = on.log_events.app_name_lookup = true;
  rules->store(on);
  messages::app_names names;
  names.add("a", "Sales");
  apps->store(names);
  CAF_CHECK(aut.accepted(engine));
  CAF_CHECK_EQUAL(aut.app_name("a"), "Sales");
  on.app_names = false;
  rules->store(on);
  CAF_CHECK_EQUAL(aut.app_name("a"), "");
}

CAF_TEST(it is said in the log where it is on and has an effect) {
  config::settings s;
  s.insights.storms.enable = s.insights.performance.enable = true;
  CAF_CHECK(describe_folding(s).empty());
  s.log_events.source.qix_perf = s.log_events.performance.enable = true;
  const auto lines = describe_folding(s);
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK_EQUAL(lines[0], "storms: beyond 10 a second equal log events become one message every 10 s");
  CAF_CHECK_EQUAL(lines[1], "performance events: a digest every 60 s; those above 1 s are published, too");
  s.insights.performance.publish_above = 0s;
  CAF_CHECK_EQUAL(describe_folding(s).at(1), "performance events: a digest every 60 s");
}
