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

CAF_TEST(a node that comes late learns how often equal events have come) {
  shared_site s{{"a", "b", "c"}};
  s["c"].kill();
  for (int i = 0; i < 3; ++i) {
    s.event("again");
    s.pass(3s);
  }
  s["c"].start();
  s["c"].session.clear(); // the broker knew nothing of it
  s.pass(5s);
  for (int i = 0; i < 3; ++i) {
    s.event("again");
    s.pass(5s);
  }
  CAF_CHECK(s.count("again") >= 6u);
  CAF_CHECK(s.count("again") <= 7u); // once it did not know better
}

CAF_TEST(what was announced before a node could receive it suppresses nothing there) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner(), other = s.other();
  s[other].kill();
  s.event("again");
  s.pass(50ms);
  s[other].start();
  s.pass(100ms); // and hears of it
  s.event("again", {owner});
  s.pass(10s);
  CAF_CHECK_EQUAL(s.count("again"), 2u);
}

CAF_TEST(a node that joins publishes nothing twice whoever notices it first) {
  for (const bool itself_first : {true, false})
    for (const auto* host : {"h1", "h2", "h3", "h4"}) {
      shared_site s{{"a", "b"}};
      s.host = host;
      s["b"].kill();
      s.pass(1s);
      (itself_first ? s["a"].not_seen : s["b"].not_seen) = {"a", "b"};
      s["a"].not_seen.erase("a");
      s["b"].start();
      for (int i = 0; i < 20; ++i) {
        s.event(std::to_string(i));
        s.pass(50ms);
        if (i == 6) s["a"].not_seen = s["b"].not_seen = {};
      }
      s.pass(5s);
      CAF_CHECK_EQUAL(s.published.size(), 20u);
      CAF_CHECK_EQUAL(s.ids(), 20u);
    }
}
