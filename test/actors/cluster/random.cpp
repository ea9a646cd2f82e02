#define CAF_SUITE actors.cluster.random
#include "test/actors/cluster/shared_site.hpp"
#include "test/support/dice.hpp"

using namespace senseflow;
using namespace senseflow::actors;
using test::shared_site;
using namespace std::chrono_literals;

// What must hold whatever happens: an event that reached a node which lives to the end is published. Twice only
// where somebody died, was slow or cut off, or lost sight of the others.

namespace {

struct outcome {
  size_t events = 0, doubled = 0;
};

outcome play(uint64_t seed, bool rough) {
  test::dice dice{seed};
  shared_events_options o;
  if (rough && dice.one_in(3)) o.max_bytes = 20 * (sizeof(held_event) + 40);
  shared_site s{{"a", "b", "c"}, o};
  const std::vector<std::string> names{"a", "b", "c"};
  std::map<std::string, std::set<std::string>> reached; // event -> nodes that lived all the time since
  for (int i = 0; i < 400; ++i) {
    s.host = "sense" + std::to_string(dice.below(5));
    const auto text = std::to_string(i);
    std::set<std::string> lost_to;
    for (const auto& n : names)
      if (dice.one_in(20)) lost_to.insert(n);
    for (const auto& n : names)
      if (s[n].living && lost_to.count(n) == 0) reached[text].insert(n);
    s.event(text, lost_to);
    if (dice.one_in(3)) s.pass(50ms * dice.from_to(1, 10));
    auto& n = s[dice.of(names)];
    if (!rough) {
      if (dice.one_in(60)) s.broker = !s.broker;
      continue;
    }
    switch (dice.below(40)) {
    case 0:
      if (!n.living) break;
      n.kill();
      if (dice.one_in(2)) s.unnoticed.insert(n.name);
      for (auto& [x, nodes] : reached) nodes.erase(n.name);
      break;
    case 1:
      s.unnoticed.clear();
      break;
    case 2:
    case 3:
      if (!n.living) n.start();
      break;
    case 4:
      n.cut_off = !n.cut_off;
      break;
    case 5:
      n.slow = !n.slow;
      break;
    case 6:
      n.mute = !n.mute;
      break;
    case 7:
      n.unsure = !n.unsure;
      break;
    case 8:
      s.broker = !s.broker;
      break;
    case 9:
      n.no_channel = !n.no_channel;
      break;
    default:
      break;
    }
  }
  s.broker = true;
  s.unnoticed.clear();
  for (const auto& x : names) s[x].cut_off = s[x].slow = s[x].mute = s[x].unsure = s[x].no_channel = false;
  s.pass(40s);
  outcome result;
  for (const auto& [text, nodes] : reached) {
    if (nodes.empty()) continue;
    ++result.events;
    if (s.count(text) == 0) CAF_ERROR("seed " << seed << ": event " << text << " is lost");
    if (s.count(text) > 1) ++result.doubled;
  }
  CAF_CHECK_EQUAL(s.held(), 0u);
  for (const auto& x : names) {
    if (!s[x].living) continue;
    CAF_CHECK(s[x].outbox.empty());
    const auto line = s[x].book->snapshot()[static_cast<size_t>(messages::item_class::user_event)];
    CAF_CHECK(line.balanced() && line.at_rest());
  }
  return result;
}

} // namespace

CAF_TEST(no event that reached a node which lives is lost whatever else happens) {
  outcome all;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const auto x = play(seed, true);
    all.events += x.events;
    all.doubled += x.doubled;
  }
  CAF_MESSAGE(all.doubled << " of " << all.events << " events were published more than once");
  CAF_CHECK(all.events > 30'000u);
  CAF_CHECK(all.doubled < all.events / 4);
}

CAF_TEST(with lost datagrams and outages of the broker alone nothing is lost or published twice) {
  outcome all;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const auto x = play(seed, false);
    all.events += x.events;
    all.doubled += x.doubled;
  }
  CAF_CHECK_EQUAL(all.doubled, 0u);
}
