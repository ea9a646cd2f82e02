#define CAF_SUITE actors.ingest.datagram_port
#include "test/support/unit_test.hpp"

#include "actors/ingest/datagram_port.hpp"
#include "messages/insights/server_of_host.hpp"
#include "test/support/fake_datagram_source.hpp"
#include "test/support/sound_ledger.hpp"

#include <chrono>
#include <vector>

using namespace senseflow;
using namespace senseflow::actors;
using messages::item_class;

namespace {

struct fixture {
  context_ptr env = std::make_shared<context>();
  std::shared_ptr<test::fake_datagram_source> source = std::make_shared<test::fake_datagram_source>();
  outlet items{1, 100};
  datagram_port::time_point now{};
  std::shared_ptr<const messages::insights::server_of_host> hosts =
      std::make_shared<messages::insights::server_of_host>();

  fixture() {
    source->arrive("/qseow-proxy-session/;host;Start session");
    source->arrive("nonsense");
    source->arrive("/qseow-proxy-session/;host;Stop session");
  }
  runtime::ledger_line line() {
    CAF_CHECK_EQUAL(test::unsound(env->book), "");
    auto result = env->book.snapshot()[static_cast<size_t>(item_class::user_event)];
    return result;
  }
};

/// Says in turn: publish, hold, known.
struct fake_gate : event_gate {
  verdict admit(messages::user_event& x, std::string_view datagram, time_point) override {
    x.id = {datagram.size(), ++count};
    return static_cast<verdict>((count - 1) % 3);
  }
  verdict admit(messages::log_event& x, std::string_view, time_point) override {
    x.id = {7, ++count};
    return verdict::publish;
  }
  void ended(const messages::event_id& event) override { ends.push_back(event); }
  uint32_t count = 0;
  std::vector<messages::event_id> ends;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(datagram_port_tests, fixture)

CAF_TEST(each datagram becomes an item or a drop that is told) {
  datagram_port aut;
  aut.use(env, item_class::user_event, datagram_guard{});
  aut.open(source);
  std::string told;
  const auto dropped = [&](const runtime::datagram& x, std::string_view reason) {
    told += x.bytes + ": " + std::string{reason};
  };
  CAF_CHECK_EQUAL(aut.take(items, 2, now, dropped), 2u);
  CAF_CHECK_EQUAL(aut.take(items, 2, now, dropped), 1u);
  CAF_CHECK_EQUAL(items.waiting(), 2u);
  CAF_CHECK_EQUAL(told, "nonsense: unknown_source");
  CAF_CHECK_EQUAL(line().received, 3u);
  CAF_CHECK_EQUAL(line().dropped["unknown_source"], 1u);
}

CAF_TEST(what the kernel dropped is accounted for once) {
  datagram_port aut;
  aut.use(env, item_class::user_event, datagram_guard{});
  CAF_CHECK_EQUAL(aut.account_for_losses(), 0u);
  aut.open(source);
  source->drop(5);
  CAF_CHECK_EQUAL(aut.account_for_losses(), 5u);
  source->drop(2);
  CAF_CHECK_EQUAL(aut.account_for_losses(), 7u); // nobody was told yet
  aut.losses_told();
  CAF_CHECK_EQUAL(aut.account_for_losses(), 0u);
  CAF_CHECK_EQUAL(line().kernel_drops, 7u);
}

CAF_TEST(settling stops the socket and takes the rest) {
  datagram_port aut;
  aut.settle(items, now); // was never opened
  aut.use(env, item_class::user_event, datagram_guard{});
  aut.open(source);
  source->drop(1);
  aut.settle(items, now);
  CAF_CHECK(source->stopped());
  CAF_CHECK_EQUAL(items.waiting(), 2u);
  CAF_CHECK_EQUAL(line().received, 3u);
  CAF_CHECK_EQUAL(line().kernel_drops, 1u);
}

CAF_TEST(what nobody took before the end of the port is counted as dropped) {
  {
    datagram_port aut;
    aut.use(env, item_class::user_event, datagram_guard{});
    aut.open(source);
    aut.take(items, 1, now, {});
  }
  CAF_CHECK(source->stopped());
  CAF_CHECK_EQUAL(line().received, 3u);
  CAF_CHECK_EQUAL(line().dropped["shutdown"], 2u);
}

CAF_TEST(a gate decides which events are for this node) {
  datagram_port aut;
  auto gate = std::make_shared<fake_gate>();
  aut.use(env, item_class::user_event, datagram_guard{}, gate);
  aut.open(source);
  source->arrive("/qseow-proxy-session/;host;Open connection");
  CAF_CHECK_EQUAL(aut.take(items, 10, now, {}), 4u);
  CAF_CHECK_EQUAL(gate->count, 3u); // nonsense is no event
  CAF_CHECK_EQUAL(items.waiting(), 1u);
  items.grant(1);
  CAF_CHECK(items.next()->items->user_events[0].id == messages::event_id({40, 1}));
  CAF_CHECK_EQUAL(line().received, 4u);
  CAF_CHECK_EQUAL(line().filtered["published_by_another_node"], 1u);
  CAF_CHECK_EQUAL(line().in(runtime::place::source), 2u); // one of them is the gate's
}

CAF_TEST(who sends is noted before the gate has its say and only while it is wanted) {
  datagram_port aut;
  aut.use(env, item_class::user_event, datagram_guard{}, std::make_shared<fake_gate>());
  aut.open(source);
  CAF_CHECK(aut.arrivals() == nullptr);
  aut.follow_arrivals(hosts);
  source->arrive("/qseow-proxy-session/;host;Open connection");
  CAF_CHECK_EQUAL(aut.take(items, 10, now, {}), 4u);
  aut.follow_arrivals(hosts); // what is known stays
  CAF_REQUIRE(aut.arrivals() != nullptr);
  const auto all = aut.arrivals()->all(now);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK_EQUAL(all[0].host, "host");
  CAF_CHECK_EQUAL(all[0].datagrams, 3u);
  aut.follow_arrivals({});
  CAF_CHECK(aut.arrivals() == nullptr);
  CAF_CHECK_EQUAL(line().received, 4u);
}

CAF_TEST(datagrams that are refused unread are no gap) {
  datagram_port aut;
  datagram_guard_options o;
  o.max_per_minute = 20;
  auto logs = std::make_shared<test::fake_datagram_source>();
  aut.use(env, item_class::log_event, datagram_guard{o});
  aut.follow_arrivals(hosts);
  aut.open(logs);
  const auto arrive = [&](int row) {
    logs->arrive("/qseow-proxy/;" + std::to_string(row) + ";;;WARN;host;System.Proxy;user;text");
  };
  const auto gaps = [&] { return aut.arrivals()->all(now += std::chrono::seconds(2))[0].gaps; };
  for (int row = 1; row <= 10; ++row) arrive(row);
  arrive(13);
  aut.take(items, 100, now, {});
  CAF_CHECK_EQUAL(gaps(), 2u);
  for (int row = 14; row <= 40; ++row) arrive(row);
  aut.take(items, 100, now, {});
  now += std::chrono::minutes(2);
  arrive(41);
  aut.take(items, 100, now, {});
  CAF_CHECK_EQUAL(gaps(), 2u);
  CAF_CHECK_EQUAL(env->book.snapshot()[static_cast<size_t>(item_class::log_event)].dropped["rate_limit"],
                  18u);
}

CAF_TEST(folded events are filtered here and the gate learns of their end) {
  const auto rules = std::make_shared<event_folding_rules>();
  rules->store({messages::storm_options{1, std::chrono::seconds(10)}, {}});
  auto gate = std::make_shared<fake_gate>();
  {
    datagram_port aut;
    aut.use(env, item_class::log_event, datagram_guard{}, gate,
            {rules, [](const auto&) { return true; }, [](const auto&) { return std::string{}; }});
    aut.open(source);
    for (int i = 0; i < 5; ++i)
      source->arrive("/qseow-engine/;1;;;WARN;sense1;System.Engine;u;took " + std::to_string(i) + " ms");
    CAF_CHECK_EQUAL(aut.take(items, 10, now, {}), 8u); // three are no log events
    CAF_CHECK_EQUAL(items.waiting(), 1u);
    CAF_CHECK_EQUAL(gate->ends.size(), 4u);
    CAF_CHECK(gate->ends[0] == messages::event_id({7, 2}));
    CAF_CHECK_EQUAL(aut.push_summaries(items, now), 0u);
    aut.settle(items, now);
    CAF_CHECK_EQUAL(items.waiting(), 2u);
  }
  CAF_CHECK_EQUAL(test::unsound(env->book), "");
  const auto book = env->book.snapshot();
  auto events = book[static_cast<size_t>(item_class::log_event)];
  CAF_CHECK_EQUAL(events.filtered["folded"], 4u);
  CAF_CHECK_EQUAL(events.in(runtime::place::source), 1u);
  CAF_CHECK_EQUAL(book[static_cast<size_t>(item_class::insight_event)].received, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
