#define CAF_SUITE actors.cluster.shared_events
#include "test/actors/cluster/shared_site.hpp"

using namespace senseflow;
using namespace senseflow::actors;
using test::shared_site;
using namespace std::chrono_literals;
using messages::channel_state;
using strings = std::vector<std::string>;

namespace {

uint64_t risk(shared_site& s, const std::string& node, const std::string& reason) {
  const auto all = s[node].events->counted().duplicate_possible;
  const auto i = all.find(reason);
  return i == all.end() ? 0 : i->second;
}

} // namespace

CAF_TEST(the owner publishes at once and the others drop their copies when it is announced) {
  shared_site s{{"a", "b", "c"}};
  const auto owner = s.owner();
  s.event("1");
  s.event("2");
  CAF_CHECK_EQUAL(s.held(), 4u);
  s.pass(50ms);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1", "2"}));
  s.pass(100ms);
  CAF_CHECK_EQUAL(s.held(), 0u);
  s.pass(10s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1", "2"}));
  for (const auto& x : s.published) CAF_CHECK_EQUAL(x.by, owner);
  for (auto& [name, n] : s.nodes) {
    CAF_CHECK_EQUAL(n->events->counted().suppressed, name == owner ? 0u : 2u);
    CAF_CHECK(n->events->counted().duplicate_possible.empty());
  }
}

CAF_TEST(what was lost on its way to the owner is published by another node after the hold back) {
  shared_site s{{"a", "b"}};
  s.event("1", {s.owner()});
  s.pass(1900ms);
  CAF_CHECK_EQUAL(s.published.size(), 0u);
  s.pass(1200ms); // the clock began with a grace
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  CAF_CHECK_EQUAL(s[s.other()].events->counted().taken_over, 1u);
  s.event("1"); // the same bytes again: another event
  s.pass(5s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1", "1"}));
  CAF_CHECK_EQUAL(s.ids(), 2u);
}

CAF_TEST(events of an owner that is killed before it publishes are published when it is known to be gone) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner(), other = s.other();
  s[owner].slow = true;
  s.event("1");
  s.unnoticed = {owner};
  s[owner].kill();
  s.pass(500ms);
  CAF_CHECK_EQUAL(s.published.size(), 0u);
  s.unnoticed.clear();
  s.pass(50ms);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  CAF_CHECK_EQUAL(s.published[0].by, other);
}

CAF_TEST(an owner that is killed after it has published doubles only what it had not announced) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner();
  s.event("announced");
  s.pass(200ms);
  s[owner].dies_before_settling = true;
  s.event("not announced");
  s.pass(100ms);
  s[owner].kill();
  s.pass(10s);
  CAF_CHECK_EQUAL(s.count("announced"), 1u);
  CAF_CHECK_EQUAL(s.count("not announced"), 2u);
  CAF_CHECK_EQUAL(s.ids(), 2u); // so a consumer can tell
}

CAF_TEST(what a living owner has accepted is waited for as long as it lives) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner();
  s[owner].slow = true;
  s.event("1");
  s.pass(60s);
  CAF_CHECK_EQUAL(s.published.size(), 0u);
  s[owner].slow = false;
  s.pass(1s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  s[owner].slow = true;
  s.event("2");
  s.pass(5s);
  s[owner].kill();
  s.pass(100ms);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(s.held(), 0u);
}

CAF_TEST(a promise ends with the process that gave it and with a gap in what it says) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner();
  s[owner].slow = true;
  s.event("1");
  s.pass(2s);
  s[owner].kill();
  s[owner].start(); // nobody has noticed
  s.pass(5s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  s.event("2");
  s.pass(5s);
  CAF_CHECK_EQUAL(s.count("2"), 0u);
  s[owner].mute = true;
  s[owner].slow = false;
  s.pass(200ms); // what it says now gets lost
  s[owner].mute = false;
  s[owner].slow = true;
  s.event("3");
  s.pass(10s);
  CAF_CHECK_EQUAL(s.count("2"), 2u);
  CAF_CHECK_EQUAL(s.count("3"), 0u);
  CAF_CHECK_EQUAL(s.held(), 1u);
}

CAF_TEST(what an owner has accepted and lost is published by another node) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner();
  s[owner].slow = true;
  s.event("1");
  s.pass(5s);
  auto& lost = s[owner].outbox.front();
  s[owner].events->settled(messages::shared_text{to_text(lost.id)}, false);
  s[owner].book->dropped(messages::item_class::user_event, s.host, runtime::place::memory, "memory_full");
  s[owner].outbox.clear();
  s.pass(200ms);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
}

CAF_TEST(digests that come before the copy or twice cost nothing) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner(), other = s.other();
  s.pass(5s);
  s[owner].receive(s.host, "1");
  s.pass(150ms);
  s[other].receive(s.host, "1"); // late: it is known already
  CAF_CHECK_EQUAL(s[other].events->counted().suppressed, 1u);
  s[other].session = s.said;
  s.pass(50ms);
  s[other].receive(s.host, "1");
  CAF_CHECK_EQUAL(s[other].events->counted().held, 1u); // nobody has announced a second one
  s.pass(10s);
  CAF_CHECK_EQUAL(s.published.size(), 2u);
}

CAF_TEST(the broker may be away for longer than the hold back and nothing is lost or doubled) {
  for (const auto away : {1s, 30s, 300s}) {
    shared_site s{{"a", "b", "c"}};
    s.event("before");
    s.broker = false;
    s.pass(100ms);
    for (int i = 0; i < 50; ++i) {
      s.event(std::to_string(i), i % 7 == 0 ? std::set<std::string>{s.owner()} : std::set<std::string>{});
      s.pass(away / 50);
    }
    CAF_CHECK(s.published.empty());
    s.broker = true;
    s.pass(20s);
    CAF_CHECK_EQUAL(s.published.size(), 51u);
    CAF_CHECK_EQUAL(s.ids(), 51u);
    CAF_CHECK_EQUAL(s.held(), 0u);
  }
}

CAF_TEST(an owner that was cut off drops what others have published meanwhile) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner();
  s[owner].cut_off = true;
  s.pass(100ms);
  s.event("1");
  s.event("2", {s.other()}); // only the one that can't publish it has it
  s.pass(10s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  s[owner].cut_off = false;
  s.pass(10s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(s[owner].events->counted().suppressed, 1u);
}

CAF_TEST(a restarted owner drops of its backlog what others have published) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner();
  s[owner].journal = true;
  s[owner].slow = true;
  s.event("1");
  s.pass(1s);
  s[owner].kill();
  auto backlog = std::exchange(s[owner].outbox, {});
  s.pass(5s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  s[owner].start();
  s[owner].slow = false;
  s[owner].book->recovered(messages::item_class::user_event, s.host);
  s[owner].book->moved(messages::item_class::user_event, s.host, runtime::place::disk,
                       runtime::place::memory);
  s[owner].outbox = backlog;
  s.pass(10s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  s.event("1");
  s.pass(10s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1", "1"}));
  CAF_CHECK_EQUAL(s.ids(), 2u); // it has learnt how many there were
}

CAF_TEST(equal events are all published whoever misses one) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner(), other = s.other();
  size_t sent = 0;
  for (const auto& lost_to : {std::set<std::string>{}, {owner}, {}, {other}, {}, {owner}, {other}, {}}) {
    s.event("again", lost_to);
    ++sent;
    s.pass(4s); // not within what a copy may be late
  }
  s.pass(10s);
  CAF_CHECK(s.count("again") >= sent);
  CAF_CHECK_EQUAL(s.count("again"), sent);
  for (int i = 0; i < 5; ++i) s.event("quickly");
  s.pass(10s);
  CAF_CHECK_EQUAL(s.count("quickly"), 5u);
}

CAF_TEST(a full store publishes at once and counts it) {
  shared_events_options o;
  o.max_bytes = 5 * (sizeof(held_event) + 40);
  shared_site s{{"a", "b"}, o};
  s[s.owner()].slow = true;
  for (int i = 0; i < 20; ++i) s.event(std::to_string(i));
  s.pass(1s);
  CAF_CHECK(s.published.size() >= 13u);
  CAF_CHECK_EQUAL(risk(s, s.other(), "store_full"), s.published.size());
  s[s.owner()].slow = false;
  s.pass(10s);
  for (int i = 0; i < 20; ++i) CAF_CHECK_EQUAL(s.count(std::to_string(i)), 1u); // it was told in time
}

CAF_TEST(nodes of another digest format do not count as twins) {
  shared_site s{{"a", "b", "c"}};
  s["c"].format = digest_format + 1;
  s.pass(100ms);
  s["c"].mute = true;
  for (const auto* host : {"h1", "h2", "h3", "h4"}) {
    s.host = host;
    s.event(host, {"c"}); // that one publishes all by itself
  }
  s.pass(200ms);
  CAF_CHECK_EQUAL(s.published.size(), 4u);
  CAF_CHECK_EQUAL(risk(s, "a", "digest_format") + risk(s, "b", "digest_format"), 4u);
  const std::string other(1, char(digest_format + 1));
  CAF_CHECK(s["a"].events->heard("c", other + std::string(29, 'x'), s.now) == digest_fault::other_format);
}

CAF_TEST(nodes that have lost sight of each other go on as they last agreed) {
  shared_site s{{"a", "b"}};
  s["a"].unsure = s["b"].unsure = true;
  s.pass(100ms);
  for (int i = 0; i < 10; ++i) {
    s.event(std::to_string(i));
    s.pass(1s);
  }
  CAF_CHECK_EQUAL(s.published.size(), 10u);
  CAF_CHECK_EQUAL(risk(s, s["a"].events->counted().suppressed > 0 ? "b" : "a", "view_uncertain"), 10u);
  const auto owner = s.owner();
  s[owner].slow = true;
  s.event("promised");
  s.pass(2s);
  s.unnoticed = {owner};
  s[owner].kill(); // nobody can know, but it is silent
  s.pass(10s);
  CAF_CHECK_EQUAL(s.count("promised"), 1u);
}

CAF_TEST(a node that has never seen the others holds all back and publishes what nobody announces) {
  shared_site s{{"a", "b"}};
  s["b"].kill();
  s["b"].unsure = true;
  s["b"].start();
  s.host = s.owner() == "a" ? s.host : "sense2";
  s.unnoticed = {};
  s.pass(100ms);
  s.event("1", {"a"});
  s.pass(5s);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
}
CAF_TEST(without a channel nothing is held back for ever) {
  shared_site s{{"a", "b"}};
  s["a"].no_channel = s["b"].no_channel = true;
  s.pass(100ms);
  s.event("1");
  s.pass(5s);
  CAF_CHECK_EQUAL(s.published.size(), 1u);
  s.pass(10s);
  CAF_CHECK_EQUAL(s.published.size(), 2u);
  s.event("2");
  s.pass(50ms);
  CAF_CHECK_EQUAL(s.count("2"), 2u);
  CAF_CHECK_EQUAL(risk(s, "a", "no_channel") + risk(s, "b", "no_channel"), 3u);
  s["a"].no_channel = s["b"].no_channel = false;
  s.pass(1s);
  s.event("3");
  s.pass(10s);
  CAF_CHECK_EQUAL(s.count("3"), 1u);
}

CAF_TEST(a channel that hears nothing makes a node publish at once) {
  shared_site s{{"a", "b"}};
  s["a"].events->channel(channel_state::deaf, s.now);
  s["a"].channel = channel_state::up; // the site leaves it
  s["a"].receive(s.host, "1");
  CAF_CHECK_EQUAL(s["a"].outbox.size(), 1u);
  CAF_CHECK(s["a"].events->may_send(s.now));
  CAF_CHECK(!s["a"].events->next_digest(s.now));
}

CAF_TEST(at its end a node gives the others a moment and publishes the rest) {
  shared_site s{{"a", "b"}};
  const auto owner = s.owner(), other = s.other();
  s.event("1");
  s.event("2", {owner});
  s.leaving = {other};
  s[other].events->stop(s.now);
  CAF_CHECK(!s[other].events->done(s.now));
  s.pass(900ms);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1"}));
  s.pass(300ms);
  CAF_CHECK_EQUAL(s.texts(), (strings{"1", "2"}));
  CAF_CHECK(s[other].events->done(s.now));
}
