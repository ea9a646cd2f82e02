#define CAF_SUITE actors.cluster.shared_events_in_trouble
#include "test/actors/cluster/shared_site.hpp"

using namespace senseflow;
using namespace senseflow::actors;
using test::shared_site;
using namespace std::chrono_literals;
using messages::channel_state;
using strings = std::vector<std::string>;

CAF_TEST(after a loss on disk the others publish what they hold) {
  shared_site s{{"a", "b"}};
  auto& owner = s[s.owner()];
  owner.slow = true;
  s.event("1");
  s.event("2");
  s.pass(5s); // announced as accepted
  CAF_CHECK_EQUAL(s.published.size(), 0u);
  for (const auto& x : owner.outbox)
    owner.book->dropped(messages::item_class::user_event, x.host, runtime::place::memory, "spool_damaged");
  owner.outbox.clear();
  owner.events->lost_some();
  s.pass(200ms);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(owner.events->counted().duplicate_possible["lost_on_disk"], 2u);
  CAF_CHECK(owner.events->done(s.now));
}

CAF_TEST(a node whose id is taken publishes at once and says so) {
  shared_site s{{"a", "b"}};
  auto& other = s[s.other()];
  other.receive(s.host, "1");
  CAF_CHECK_EQUAL(other.events->counted().held, 1u);
  auto view = s.view_of(other);
  view.refused = true;
  other.events->see(view, s.now);
  other.receive(s.host, "2");
  CAF_CHECK_EQUAL(other.outbox.size(), 1u);
  CAF_CHECK_EQUAL(other.events->counted().duplicate_possible["id_taken"], 1u);
  other.events->release(
      s.now, [&](held_event&& x) { other.accept(std::move(std::get<messages::user_event>(x.event))); });
  CAF_CHECK_EQUAL(other.outbox.size(), 2u);
  CAF_CHECK_EQUAL(other.events->counted().held, 0u);
}

CAF_TEST(who can tell nobody anything does not wait for it at its end) {
  shared_site s{{"a", "b"}};
  auto& owner = s[s.owner()];
  owner.receive(s.host, "1");
  owner.publish();
  owner.events->stop(s.now);
  CAF_CHECK(!owner.events->done(s.now));
  owner.events->channel(channel_state::deaf, s.now);
  CAF_CHECK(owner.events->done(s.now));
  owner.events->channel(channel_state::down, s.now);
  CAF_CHECK(!owner.events->done(s.now));
  owner.events->broker(false, s.now);
  CAF_CHECK(owner.events->done(s.now));
}

CAF_TEST(an origin keeps its order when it changes hands) {
  shared_site s{{"a"}};
  s.nodes["b"] = std::make_unique<shared_site::node>(s, "b", shared_events_options{});
  for (int i = 0; i < 20; ++i)
    if (const auto host = "sense" + std::to_string(i); (s.host = host, s.owner() == "b")) break;
  CAF_REQUIRE_EQUAL(s.owner(), "b");
  int n = 0;
  for (; n < 500; ++n) {
    s.now += 10ms;
    s.event(std::to_string(1000 + n));
    if (n % 5 == 0)
      for (auto& [name, x] : s.nodes) x->step();
  }
  s.pass(3s);
  const auto all = s.texts();
  CAF_CHECK_EQUAL(all.size(), 500u);
  CAF_CHECK(std::is_sorted(all.begin(), all.end()));
}
