#define CAF_SUITE actors.cluster.shared_events_of_late_nodes
#include "test/actors/cluster/shared_site.hpp"

using namespace senseflow;
using test::shared_site;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

CAF_TEST(of several nodes that wait for an owner in vain one publishes) {
  shared_site s{{"a", "b", "c", "d"}};
  s.pass(1s);
  s.event("1", {s.owner()});
  s.pass(1950ms);
  for (int i = 0; i < 10; ++i) {
    for (auto& [name, n] : s.nodes) n->behind = true; // what is published takes a moment to be known
    s.pass(200ms);
    for (auto& [name, n] : s.nodes) n->behind = false;
    s.pass(50ms);
  }
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  CAF_CHECK_EQUAL(s.held(), 0u);
}

CAF_TEST(a node that is back before it was missed leaves to the others what came before it has joined) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner();
  s.unnoticed = {owner};
  s[owner].kill();
  s[owner].unsure = true; // it waits for the lease of its predecessor to end
  s[owner].start();
  strings all;
  const auto events = [&](std::chrono::milliseconds t) {
    for (; t > 0ms; t -= 100ms) {
      all.push_back(std::to_string(all.size() + 100));
      s.event(all.back());
      s.pass(100ms);
    }
  };
  events(2s);
  s[owner].unsure = false;
  for (int i = 0; i < 10; ++i) {
    for (auto& [name, n] : s.nodes) n->behind = true; // what is published takes a moment to be known
    events(200ms);
    for (auto& [name, n] : s.nodes) n->behind = false;
    s.pass(50ms);
  }
  s.pass(5s);
  auto published = s.texts();
  std::sort(published.begin(), published.end());
  CAF_CHECK_EQUAL(published, all);
}

CAF_TEST(a process that was stopped reads what others have said before it publishes what it held) {
  shared_site s{{"a", "b"}};
  const auto other = s.other();
  s.event("1");
  s[other].frozen = s[other].behind = true;
  s.pass(10s);
  s[other].thaw();
  s.pass(900ms);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  CAF_CHECK_EQUAL(s.held(), 1u);
  s[other].behind = false;
  s.pass(5s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  CAF_CHECK_EQUAL(s.held(), 0u);
}

CAF_TEST(an owner that was stopped leaves to others what they have published meanwhile) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner(), other = s.other();
  s[owner].frozen = s[owner].behind = true;
  s.unnoticed = {owner};
  s.event("1");
  s.pass(5s);
  CAF_REQUIRE_EQUAL(s.texts(), (strings{"1"}));
  s.event("2");
  s[owner].thaw();
  s.pass(500ms);
  s[owner].behind = false;
  s.pass(5s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(s.published[0].by, other);
  CAF_CHECK_EQUAL(s.published[1].by, owner);
}

CAF_TEST(a node that was stopped may read what others have published before its own copy) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner();
  s[owner].frozen = true;
  s.unnoticed = {owner};
  s.event("1");
  s.pass(5s);
  CAF_REQUIRE_EQUAL(s.texts(), (strings{"1"}));
  s[owner].frozen = false;
  s.pass(100ms);
  s[owner].thaw(); // now the socket
  s.pass(10s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
}

CAF_TEST(a promise outlives a pause of the one who relies on it) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner(), other = s.other();
  s[owner].slow = true;
  s.event("1");
  s.pass(1s);
  s[other].frozen = s[other].behind = true;
  s.pass(60s);
  s[other].thaw();
  s.pass(900ms);
  s[other].behind = false;
  s.pass(10s);
  CAF_CHECK(s.texts().empty());
  s[owner].slow = false;
  s.pass(1s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
}
