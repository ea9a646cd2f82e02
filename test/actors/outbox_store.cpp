#define CAF_SUITE actors.outbox_store
#include <caf/test/unit_test.hpp>

#include "actors/outbox_store.hpp"

using namespace senseflow;
using actors::outbox_store;
using messages::item_class;
using messages::outcome;

namespace {

messages::publication publication(item_class c, std::string origin, std::string payload, size_t n = 1) {
  messages::publication x;
  x.cls = c;
  x.origin = origin;
  if (is_state(c)) x.replaces = std::string{to_string_view(c)} + "/" + origin;
  for (size_t i = 0; i < n; ++i) x.messages.push_back({"topic", payload, 1, false, 0});
  return x;
}

using namespace std::chrono_literals;

struct clock_and_book {
  runtime::ledger book;
  actors::outbox_options options;
  outbox_store::time_point now{1h};
  int64_t unix_ms = 1'700'000'000'000;

  clock_and_book() {
    options.unix_ms = [this] { return unix_ms; };
  }
  void pass(std::chrono::milliseconds x) {
    now += x;
    unix_ms += x.count();
  }
};

/// At the fixture's time.
struct store : outbox_store {
  explicit store(clock_and_book& x) : outbox_store(x.options, x.book), at(x) {}

  bool accept(const messages::encoded_batch& b) { return outbox_store::accept(b, at.now); }
  void publisher_here(uint32_t slot, bool connected, uint32_t window, const std::vector<uint64_t>& holds,
                      bool resumed = false) {
    outbox_store::publisher_here({slot, connected, resumed, window, holds}, at.now);
  }
  void publisher_gone(uint32_t slot) { outbox_store::publisher_gone(slot, at.now); }
  std::vector<messages::outgoing> take(uint32_t slot) { return outbox_store::take(slot, at.now); }
  void settle(uint32_t slot, const std::vector<messages::settlement>& items) {
    outbox_store::settle(slot, items, at.now);
  }
  std::optional<messages::spool_commit> next_commit() { return outbox_store::next_commit(at.now); }
  std::optional<messages::spool_read> next_read() { return outbox_store::next_read(at.now); }
  void committed(const messages::spool_committed& x) { outbox_store::committed(x, at.now); }
  void loaded(const messages::spool_content& x) { outbox_store::loaded(x, at.now); }

  clock_and_book& at;
};

struct fixture : clock_and_book {
  uint64_t number = 0;

  /// One item a batch, from one source.
  messages::encoded_batch batch(messages::publication x) {
    messages::encoded_batch result;
    result.id = {1, ++number};
    result.publications.emplace_back(std::move(x));
    return result;
  }

  void put(store& s, messages::publication x) {
    book.received(x.cls, x.origin.view());
    CAF_CHECK(s.accept(batch(std::move(x))));
  }
  void put_event(store& s, std::string payload, std::string origin = "a", size_t n = 1) {
    put(s, publication(item_class::user_event, std::move(origin), std::move(payload), n));
  }

  static std::vector<std::string> payloads(const std::vector<messages::outgoing>& xs) {
    std::vector<std::string> result;
    for (const auto& x : xs) result.push_back(x.content->messages.front().payload.str());
    return result;
  }

  static std::vector<messages::settlement> settle_all(const std::vector<messages::outgoing>& xs, outcome o) {
    std::vector<messages::settlement> result;
    for (const auto& x : xs) result.push_back({x.id, o, o == outcome::refused ? "too_large" : ""});
    return result;
  }

  runtime::ledger::snapshot_type seen;

  /// As it is now; lives until the next call, because checks keep references.
  runtime::ledger_line& line(item_class c) {
    seen = book.snapshot();
    return seen[static_cast<size_t>(c)];
  }
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(outbox_store_tests, fixture)

CAF_TEST(without a connected publisher nothing leaves) {
  store aut{*this};
  put_event(aut, "1");
  CAF_CHECK(aut.take(0).empty());
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1"}));
}

CAF_TEST(a publisher gets no more messages than its window) {
  store aut{*this};
  for (int i = 1; i <= 5; ++i) put_event(aut, std::to_string(i), "a", 2);
  aut.publisher_here(0, true, 5, {});
  auto first = aut.take(0);
  CAF_CHECK_EQUAL(payloads(first), (strings{"1", "2"}));
  CAF_CHECK(aut.take(0).empty());
  aut.settle(0, settle_all({first[0]}, outcome::acknowledged));
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"3"}));
}

CAF_TEST(a publication larger than the window goes alone) {
  store aut{*this};
  put_event(aut, "1", "a", 20);
  put_event(aut, "2");
  aut.publisher_here(0, true, 5, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1"}));
  CAF_CHECK(aut.take(0).empty());
}

CAF_TEST(a batch is taken over once whatever the sender repeats) {
  store aut{*this};
  book.received(item_class::user_event, "a", 2);
  auto first = batch(publication(item_class::user_event, "a", "1"));
  auto second = batch(publication(item_class::user_event, "a", "2"));
  CAF_CHECK(aut.accept(second));
  CAF_CHECK(aut.accept(first));
  CAF_CHECK(!aut.accept(first));
  CAF_CHECK(!aut.accept(second));
  CAF_CHECK_EQUAL(aut.waiting(), 2u);
  second.id.number = 3;
  second.settled_below = 3;
  book.received(item_class::user_event, "a");
  CAF_CHECK(aut.accept(second));
  CAF_CHECK(!aut.accept(first));
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(what ended in the encoder is in the ledger once) {
  store aut{*this};
  book.received(item_class::log_event, "a", 5);
  messages::encoded_batch x;
  x.id = {1, 1};
  x.ended = {{item_class::log_event, "a", true, "source_disabled", 3},
             {item_class::log_event, "a", false, "poison", 2}};
  aut.accept(x);
  aut.accept(x);
  auto l = line(item_class::log_event);
  CAF_CHECK_EQUAL(l.filtered["source_disabled"], 3u);
  CAF_CHECK_EQUAL(l.dropped["poison"], 2u);
  CAF_CHECK(l.balanced());
  CAF_CHECK_EQUAL(l.in(runtime::place::source), 0u);
}

CAF_TEST(what a publisher returns takes its old place) {
  store aut{*this};
  for (int i = 1; i <= 4; ++i) put_event(aut, std::to_string(i));
  aut.publisher_here(0, true, 3, {});
  auto sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"1", "2", "3"}));
  aut.publisher_here(0, false, 3, {sent[0].id, sent[1].id, sent[2].id});
  aut.settle(0, settle_all({sent[2], sent[0]}, outcome::returned));
  aut.settle(0, settle_all({sent[1]}, outcome::acknowledged));
  aut.publisher_here(0, true, 3, {}, true);
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1", "3", "4"}));
  CAF_CHECK_EQUAL(line(item_class::user_event).published, 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(a dead publisher loses nothing) {
  store aut{*this};
  for (int i = 1; i <= 3; ++i) put_event(aut, std::to_string(i));
  aut.publisher_here(0, true, 2, {});
  aut.take(0);
  aut.publisher_gone(0);
  CAF_CHECK_EQUAL(aut.in_flight(), 0u);
  CAF_CHECK(aut.take(0).empty());
  aut.publisher_here(0, true, 5, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1", "2", "3"}));
}

CAF_TEST(a publisher that states itself anew keeps what it holds and loses what never arrived) {
  store aut{*this};
  for (int i = 1; i <= 3; ++i) put_event(aut, std::to_string(i));
  aut.publisher_here(0, true, 3, {});
  auto sent = aut.take(0);
  aut.forget_connections();
  aut.publisher_here(0, true, 3, {sent[0].id, 4711});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"2", "3"}));
  CAF_CHECK_EQUAL(line(item_class::user_event).repeated, 2u);
}

CAF_TEST(settling twice or for another slot has no effect) {
  store aut{*this};
  put_event(aut, "1");
  aut.publisher_here(0, true, 3, {});
  aut.publisher_here(1, true, 3, {});
  auto sent = aut.take(0);
  auto slot = 0u;
  if (sent.empty()) {
    slot = 1;
    sent = aut.take(1);
  }
  aut.settle(1 - slot, settle_all(sent, outcome::acknowledged));
  CAF_CHECK_EQUAL(line(item_class::user_event).published, 0u);
  aut.settle(slot, settle_all(sent, outcome::acknowledged));
  aut.settle(slot, settle_all(sent, outcome::acknowledged));
  CAF_CHECK_EQUAL(line(item_class::user_event).published, 1u);
  CAF_CHECK(aut.empty());
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
}

CAF_TEST(a refused publication is dropped with its reason) {
  store aut{*this};
  put_event(aut, "1");
  aut.publisher_here(0, true, 3, {});
  aut.settle(0, settle_all(aut.take(0), outcome::refused));
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["too_large"], 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(a publication over which connections end travels alone and is given up in the end) {
  store aut{*this};
  for (auto x : {"good", "poison", "after"}) put_event(aut, x);
  aut.publisher_here(0, true, 10, {});
  auto connection_ends = [&](const std::vector<messages::outgoing>& sent) {
    std::vector<uint64_t> holds;
    for (const auto& x : sent) holds.push_back(x.id);
    aut.publisher_here(0, false, 10, holds);
    aut.settle(0, settle_all(sent, outcome::returned));
    aut.publisher_here(0, true, 10, {});
    pass(options.replay_delay);
  };
  for (int i = 0; i < 3; ++i) {
    auto sent = aut.take(0);
    CAF_CHECK_EQUAL(payloads(sent), (strings{"good", "poison", "after"}));
    connection_ends(sent);
  }
  // Each goes alone now, in order: the good one arrives.
  auto sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"good"}));
  CAF_CHECK(aut.take(0).empty());
  aut.settle(0, settle_all(sent, outcome::acknowledged));
  for (int i = 0; i < 3; ++i) {
    sent = aut.take(0);
    CAF_CHECK_EQUAL(payloads(sent), (strings{"poison"}));
    connection_ends(sent);
  }
  sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"after"}));
  aut.settle(0, settle_all(sent, outcome::acknowledged));
  CAF_CHECK(aut.empty());
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
  CAF_CHECK_EQUAL(line(item_class::user_event).published, 2u);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["undeliverable"], 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(while no connection is good for anything nothing is given up for long) {
  store aut{*this};
  put_event(aut, "1");
  int ends = 0;
  for (const auto began = now; line(item_class::user_event).dropped.empty(); ++ends) {
    aut.publisher_here(0, true, 10, {});
    pass(options.replay_delay);
    auto sent = aut.take(0);
    CAF_REQUIRE_EQUAL(payloads(sent), (strings{"1"}));
    aut.publisher_here(0, false, 10, {sent[0].id});
    aut.settle(0, settle_all(sent, outcome::returned));
    CAF_REQUIRE(now - began < 20min);
    if (now - began < 10min) CAF_REQUIRE(line(item_class::user_event).dropped.empty());
  }
  CAF_CHECK_GREATER(ends, 100);
}

CAF_TEST(what the broker does not take at the moment waits a little and is never given up) {
  store aut{*this};
  put_event(aut, "1");
  put_event(aut, "2");
  aut.publisher_here(0, true, 10, {});
  for (int i = 0; i < 1000; ++i) {
    auto sent = aut.take(0);
    CAF_REQUIRE_EQUAL(payloads(sent), (strings{"1", "2"}));
    aut.settle(0, settle_all(sent, outcome::returned)); // and the connection stays
    put_event(aut, "other", "b");
    CAF_REQUIRE_EQUAL(payloads(sent = aut.take(0)), (strings{"other"}));
    aut.settle(0, settle_all(sent, outcome::acknowledged));
    pass(1s);
  }
  CAF_CHECK(line(item_class::user_event).dropped.empty());
}

CAF_TEST(while connections end over nothing too nobody is guilty) {
  store aut{*this};
  put_event(aut, "1");
  for (int i = 0; i < 100; ++i) {
    aut.publisher_here(0, true, 10, {});
    pass(options.replay_delay);
    auto sent = aut.take(0);
    CAF_REQUIRE_EQUAL(payloads(sent), (strings{"1"}));
    aut.publisher_here(0, false, 10, {sent[0].id});
    aut.settle(0, settle_all(sent, outcome::returned));
    aut.publisher_here(0, true, 10, {});
    put_event(aut, "other", "b");
    sent = aut.take(0);
    CAF_REQUIRE_EQUAL(payloads(sent), (strings{"other"}));
    aut.settle(0, settle_all(sent, outcome::acknowledged));
    aut.publisher_here(0, false, 10, {});
  }
  CAF_CHECK(line(item_class::user_event).dropped.empty());
  CAF_CHECK(!aut.empty());
}

CAF_TEST(what never left is no suspect) {
  store aut{*this};
  put_event(aut, "1");
  put_event(aut, "2");
  aut.publisher_here(0, true, 10, {});
  for (int i = 0; i < 20; ++i) aut.settle(0, settle_all(aut.take(0), outcome::not_sent));
  CAF_CHECK_EQUAL(aut.take(0).size(), 2u);
}

CAF_TEST(newer state replaces waiting state in its place and goes before events) {
  store aut{*this};
  put(aut, publication(item_class::health, "s1", "old"));
  put_event(aut, "event");
  put(aut, publication(item_class::health, "s1", "new"));
  put(aut, publication(item_class::health, "s2", "other"));
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"new", "other", "event"}));
  CAF_CHECK_EQUAL(line(item_class::health).dropped["superseded"], 1u);
  CAF_CHECK(line(item_class::health).balanced());
}

CAF_TEST(state that the broker does not take at the moment waits a little too) {
  store aut{*this};
  put(aut, publication(item_class::health, "s1", "old"));
  aut.publisher_here(0, true, 10, {});
  aut.settle(0, settle_all(aut.take(0), outcome::returned));
  CAF_CHECK(aut.take(0).empty());
  put(aut, publication(item_class::health, "s1", "new"));
  pass(1s);
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"new"}));
}

CAF_TEST(returned state gives way to newer state) {
  store aut{*this};
  put(aut, publication(item_class::health, "s1", "old"));
  aut.publisher_here(0, true, 1, {});
  auto sent = aut.take(0);
  put(aut, publication(item_class::health, "s1", "new"));
  aut.publisher_here(0, false, 1, {sent[0].id});
  aut.settle(0, settle_all(sent, outcome::returned));
  aut.publisher_here(0, true, 1, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"new"}));
  CAF_CHECK_EQUAL(line(item_class::health).dropped["superseded"], 1u);
  CAF_CHECK(line(item_class::health).balanced());
}

CAF_TEST(above the cap the oldest events go and are counted) {
  auto size = messages::footprint(publication(item_class::user_event, "a", std::string(1000, 'x')));
  options.max_bytes = 3 * size;
  store aut{*this};
  for (char c = '1'; c <= '5'; ++c) put_event(aut, std::string(1000, c));
  CAF_CHECK_EQUAL(aut.waiting(), 3u);
  CAF_CHECK(aut.bytes() <= options.max_bytes);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["memory_full"], 2u);
  aut.publisher_here(0, true, 1, {});
  auto left = payloads(aut.take(0));
  CAF_CHECK_EQUAL(left[0][0], '3');
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(it is congested above the watermark only while somebody takes from it) {
  auto size = messages::footprint(publication(item_class::user_event, "a", "1"));
  options.max_bytes = 10 * size;
  options.high_watermark_percent = 50;
  store aut{*this};
  for (int i = 1; i <= 6; ++i) put_event(aut, "1");
  CAF_CHECK(!aut.congested());
  aut.publisher_here(0, true, 1, {});
  CAF_CHECK(aut.congested());
  for (int i = 1; i <= 2; ++i) aut.settle(0, settle_all(aut.take(0), outcome::acknowledged));
  CAF_CHECK(!aut.congested());
}

CAF_TEST(a lane changes its publisher only when nothing of it is on its way) {
  store aut{*this};
  std::string origin = "a";
  while (messages::lane_of(origin, outbox_store::lane_count) % 2 != 0) origin += "a";
  for (int i = 1; i <= 4; ++i) put_event(aut, std::to_string(i), origin);
  aut.publisher_here(0, true, 1, {});
  aut.publisher_here(1, true, 1, {});
  CAF_CHECK(aut.take(1).empty());
  auto sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"1"}));
  aut.publisher_here(0, false, 1, {sent[0].id}); // lost its connection, has not said what became of it
  CAF_CHECK(aut.take(1).empty());
  aut.settle(0, settle_all(sent, outcome::returned));
  sent = aut.take(1);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"1"}));
  aut.publisher_here(0, true, 1, {}); // is back, but its lane is in use
  CAF_CHECK(aut.take(0).empty());
  aut.settle(1, settle_all(sent, outcome::acknowledged));
  CAF_CHECK(aut.take(1).empty());
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"2"}));
}

CAF_TEST(at the end everything left is dropped and the law holds) {
  store aut{*this};
  for (int i = 1; i <= 3; ++i) put_event(aut, "x");
  put(aut, publication(item_class::health, "s", "x"));
  aut.publisher_here(0, true, 1, {});
  aut.take(0);
  aut.end({});
  CAF_CHECK(aut.empty());
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["shutdown"], 3u);
  CAF_CHECK_EQUAL(line(item_class::health).dropped["shutdown"], 1u);
  for (const auto& l : book.snapshot()) CAF_CHECK(l.balanced());
}

CAF_TEST(after a reconnect what waited is held back and then paced and the rest is not ) {
  options.replay_rate = 100;
  store aut{*this};
  aut.publisher_here(0, true, 1000, {});
  aut.publisher_here(0, false, 1000, {});
  for (int i = 0; i < 300; ++i) put_event(aut, "old", "slow");
  std::string other = "a";
  while (messages::lane_of(other, outbox_store::lane_count) ==
         messages::lane_of("slow", outbox_store::lane_count))
    other += "a";
  aut.publisher_here(0, true, 1000, {});
  put_event(aut, "fresh", other);
  put(aut, publication(item_class::health, "slow", "state"));
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"state", "fresh"}));
  pass(1999ms);
  CAF_CHECK(aut.take(0).empty());
  pass(1ms);
  size_t sent = 0;
  for (int i = 0; i < 10; ++i) {
    sent += aut.take(0).size();
    pass(100ms);
  }
  CAF_CHECK(sent >= 90 && sent <= 110);
  // What joins the backlog does not make it longer for ever.
  for (int i = 0; i < 100; ++i) put_event(aut, "joined", "slow");
  for (int i = 0; i < 31; ++i) {
    sent += aut.take(0).size();
    pass(100ms);
  }
  CAF_CHECK_EQUAL(sent, 400u);
  put_event(aut, "later", "slow");
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"later"}));
}

CAF_TEST(what waited for the first connection for long is held back too) {
  store aut{*this};
  put_event(aut, "1");
  pass(1s);
  put_event(aut, "2");
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK(aut.take(0).empty());
  pass(2s);
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1", "2"}));
}

CAF_TEST(a broker that still knows our session was not restarted and nothing is held back) {
  store aut{*this};
  aut.publisher_here(0, true, 10, {});
  aut.publisher_here(0, false, 10, {});
  put_event(aut, "1");
  aut.publisher_here(0, true, 10, {}, true);
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1"}));
}

CAF_TEST(a publisher that crashed and comes back is not held back) {
  store aut{*this};
  aut.publisher_here(0, true, 10, {});
  put_event(aut, "1");
  aut.take(0);
  aut.publisher_gone(0);
  aut.publisher_here(0, false, 10, {});
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1"}));
  CAF_CHECK_EQUAL(line(item_class::user_event).repeated, 1u);
}

CAF_TEST(what has waited longer than its expiry is dropped and what has not says how long it waited) {
  options.replay_delay = 0ms;
  store aut{*this};
  auto x = publication(item_class::user_event, "a", "short");
  x.messages.front().expiry_s = 10;
  put(aut, x);
  put_event(aut, "for ever");
  pass(9s);
  put(aut, x);
  pass(2s);
  aut.publisher_here(0, true, 10, {});
  auto sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"for ever", "short"}));
  CAF_CHECK_EQUAL(sent[0].age_s, 11u);
  CAF_CHECK_EQUAL(sent[1].age_s, 2u);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["expired"], 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST_FIXTURE_SCOPE_END()
