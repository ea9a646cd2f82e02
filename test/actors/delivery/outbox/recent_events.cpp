#define CAF_SUITE actors.delivery.outbox.recent_events
#include "test/actors/delivery/outbox/store.hpp"

#include "actors/delivery/outbox/recent_events.hpp"

using namespace senseflow;
using namespace senseflow::test;
using actors::recent_events;
using actors::recent_events_options;

namespace {

strings payloads_of(const std::vector<messages::shared<messages::publication>>& xs) {
  strings result;
  for (const auto& x : xs) result.push_back(x->messages.front().payload.str());
  return result;
}

strings newest(const recent_events& x, size_t n, item_class c = item_class::user_event) {
  return payloads_of(x.newest(c, n));
}

struct fixture : store_fixture {
  static messages::publication numbered(int i, item_class c = item_class::user_event) {
    return publication(c, "a", std::to_string(i));
  }

  /// All that goes out, until nothing does; everything arrives.
  static strings deliver(store& s) {
    strings result;
    while (true) {
      const auto sent = s.take(0);
      if (sent.empty()) return result;
      for (auto& x : payloads(sent)) result.push_back(std::move(x));
      s.settle(0, settle_all(sent, outcome::acknowledged));
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(recent_events_tests, fixture)

CAF_TEST(the newest of a class are kept) {
  recent_events aut{1 << 20};
  aut.published(numbered(0)); // not asked for yet
  aut.configured({3});
  for (int i = 1; i <= 5; ++i) aut.published(numbered(i));
  aut.published(numbered(6, item_class::log_event));
  CAF_CHECK_EQUAL(newest(aut, 100), (strings{"3", "4", "5"}));
  CAF_CHECK_EQUAL(newest(aut, 2), (strings{"4", "5"}));
  CAF_CHECK_EQUAL(newest(aut, 100, item_class::log_event), (strings{"6"}));
  CAF_CHECK(newest(aut, 100, item_class::server_event).empty());
  aut.configured({1});
  CAF_CHECK_EQUAL(newest(aut, 100), (strings{"5"}));
  aut.configured({});
  CAF_CHECK(newest(aut, 100).empty());
}

CAF_TEST(they take no more memory than they may) {
  const auto size = messages::footprint(numbered(1));
  recent_events aut{size * messages::item_class_count * 10};
  aut.configured({1'000'000});
  for (int i = 0; i < 1000; ++i) aut.published(publication(item_class::user_event, "a", "x"));
  CAF_CHECK_EQUAL(newest(aut, 1000).size(), 10u);
  aut.published(publication(item_class::user_event, "a", std::string(size * 20, 'x')));
  CAF_CHECK(newest(aut, 1000).empty()); // it alone is too large
}

CAF_TEST(what was published goes out once more on request and is on the ledger as recovered) {
  store aut{*this};
  aut.recent().configured({100});
  aut.publisher_here(0, true, 100, {});
  for (int i = 1; i <= 5; ++i) put_event(aut, std::to_string(i));
  CAF_CHECK_EQUAL(deliver(aut).size(), 5u);
  put_event(aut, "waits");
  CAF_CHECK(aut.repeat({item_class::user_event, 3}, now) == 3u);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"waits", "3", "4", "5"}));
  const auto l = line(item_class::user_event);
  CAF_CHECK_EQUAL(l.received, 6u);
  CAF_CHECK_EQUAL(l.recovered, 3u);
  CAF_CHECK_EQUAL(l.published, 9u);
  CAF_CHECK(l.balanced());
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
  CAF_MESSAGE("and is no event of its own for the next request");
  CAF_CHECK(aut.repeat({item_class::user_event, 2}, now) == 2u);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"5", "waits"}));
  CAF_CHECK(aut.repeat({item_class::log_event, 2}, now) == 0u);
}

CAF_TEST(what is repeated may wait be lost over a connection and come back as any event) {
  store aut{*this};
  aut.recent().configured({100});
  aut.publisher_here(0, true, 100, {});
  for (int i = 1; i <= 2; ++i) put_event(aut, std::to_string(i));
  deliver(aut);
  CAF_CHECK(aut.repeat({item_class::user_event, 10}, now) == 2u);
  const auto sent = aut.take(0);
  aut.publisher_here(0, false, 0, {});
  CAF_CHECK_EQUAL(aut.waiting(), 2u);
  aut.publisher_here(0, true, 100, {}, true);
  CAF_CHECK_EQUAL(deliver(aut), (strings{"1", "2"}));
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(other nodes are not told of what is repeated and at the end nothing is) {
  store aut{*this};
  aut.recent().configured({100});
  aut.publisher_here(0, true, 100, {});
  auto x = numbered(1);
  x.from.event = "0000000000000001-1";
  put(aut, x);
  deliver(aut);
  CAF_CHECK(aut.repeat({item_class::user_event, 1}, now) == 1u);
  const auto sent = aut.take(0);
  CAF_REQUIRE_EQUAL(sent.size(), 1u);
  CAF_CHECK_EQUAL(sent.front().content->from.event.size(), 0u);
  aut.settle(0, settle_all(sent, outcome::acknowledged));
  aut.drain();
  CAF_CHECK(!aut.repeat({item_class::user_event, 1}, now));
}

CAF_TEST(nothing gives way to what is repeated) {
  options.max_bytes = 100'000;
  store aut{*this};
  aut.recent().configured({100});
  aut.publisher_here(0, true, 100, {});
  put_event(aut, "1");
  deliver(aut);
  aut.publisher_here(0, false, 0, {});
  put_event(aut, std::string(60'000, 'x'));
  CAF_CHECK(!aut.repeat({item_class::user_event, 1}, now));
  aut.publisher_here(0, true, 100, {}, true);
  now += std::chrono::seconds(1);
  CAF_CHECK_EQUAL(deliver(aut).size(), 1u);
  CAF_CHECK(aut.repeat({item_class::user_event, 1}, now).has_value());
  deliver(aut);
}

CAF_TEST_FIXTURE_SCOPE_END()
