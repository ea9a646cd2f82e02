#define CAF_SUITE actors.cluster.passed_events
#include "test/support/unit_test.hpp"

#include "actors/cluster/passed_events.hpp"
#include "test/actors/cluster/shared_site.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;

namespace {

messages::user_event event(const std::string& text) {
  messages::user_event x;
  x.message = text;
  return x;
}

struct fixture {
  std::shared_ptr<insight_feed> feed = std::make_shared<insight_feed>();
  passed_events aut{feed, 7};

  std::vector<std::string> shown() {
    std::vector<std::string> result;
    for (const auto& b : feed->take())
      for (const auto& x : b.items->user_events) result.push_back(x.message);
    return result;
  }
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(passed_events_tests, fixture)

CAF_TEST(what waits becomes one batch after the other with numbers of their own) {
  feed->open();
  aut.add(event("1"));
  aut.add(event("2"));
  CAF_CHECK(aut.show().wake);
  aut.add(event("3"));
  CAF_CHECK(!aut.show().wake); // the first still waits
  CAF_CHECK(!aut.show().wake);
  const auto all = feed->take();
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK((all[0].id == messages::batch_id{7, 1}) && (all[1].id == messages::batch_id{7, 2}));
  CAF_CHECK_EQUAL(all[0].items->user_events.size(), 2u);
}

CAF_TEST(while nothing is analysed nothing is kept) {
  aut.add(event("1"));
  feed->open();
  CAF_CHECK(!aut.show().wake);
  CAF_CHECK(shown().empty());
  aut.add(event("2"));
  feed->close();
  aut.show();
  feed->open();
  aut.show();
  CAF_CHECK(shown().empty());
}

CAF_TEST(what has no room here or in the feed is counted) {
  feed->open();
  for (size_t i = 0; i < passed_events::most + 3; ++i) aut.add(event("x"));
  CAF_CHECK_EQUAL(aut.show().skipped, 3u);
  CAF_CHECK_EQUAL(aut.show().skipped, 0u);
  for (int i = 0; i < 3; ++i) {
    for (size_t n = 0; n < passed_events::most; ++n) aut.add(event("x"));
    CAF_CHECK_EQUAL(aut.show().skipped, 0u);
  }
  aut.add(event("x"));
  CAF_CHECK_EQUAL(aut.show().skipped, 1u);
}

CAF_TEST(a node analyses each event that comes to it once whoever publishes it) {
  feed->open();
  shared_events_options o;
  o.passed = std::make_shared<passed_events>(feed, 7);
  test::shared_site s{{"a", "b"}, o}; // both show what passes them: an event passes all but one
  for (int i = 0; i < 20; ++i) {
    s.event(std::to_string(i));
    s.pass(100ms);
  }
  s.event("late", {s.other()}); // announced before the copy comes
  s.pass(500ms);
  s[s.other()].receive(s.host, "late");
  s[s.owner()].kill();
  s.event("taken over");
  s.pass(10s);
  CAF_CHECK_EQUAL(s.published.size(), 22u);
  o.passed->show();
  auto all = shown();
  CAF_CHECK_EQUAL(all.size(), 21u); // all but what only its publisher has got
  std::sort(all.begin(), all.end());
  CAF_CHECK(std::unique(all.begin(), all.end()) == all.end());
  CAF_CHECK(std::count(all.begin(), all.end(), "late") == 1);
  CAF_CHECK(std::count(all.begin(), all.end(), "taken over") == 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
