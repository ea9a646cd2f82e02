#define CAF_SUITE actors.ingest.udp_receiver
#include "test/support/unit_test.hpp"

#include "test/actors/ingest/receiver_fixture.hpp"
#include "test/support/logged.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace actors;
using namespace std::chrono_literals;
using messages::item_class;
using runtime::lookup_status;

CAF_TEST_FIXTURE_SCOPE(udp_receiver_tests, receiver_fixture)

CAF_TEST(a datagram becomes an event in the ledger and on its way) {
  spawn_encoder();
  start();
  arrive("hello");
  CAF_CHECK_EQUAL(texts(), (strings{"hello"}));
  CAF_CHECK(encoder->batches[0].items->user_events[0].received != caf::timestamp{});
  CAF_CHECK_EQUAL(line(item_class::user_event).received, 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(what is no event is dropped and counted with its reason) {
  spawn_encoder();
  start();
  source->arrive("nonsense");
  consume_messages();
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["unknown_source"], 1u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(what the guard rejects is dropped and counted with its reason) {
  options.guard.validate_source = true;
  options.allowed_sources = {"192.0.2.1"};
  spawn_encoder();
  start();
  arrive("a", "192.0.2.1");
  arrive("b", "192.0.2.2");
  CAF_CHECK_EQUAL(texts(), (strings{"a"}));
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["source_not_allowed"], 1u);
}

CAF_TEST(log events are parsed as such) {
  options.cls = item_class::log_event;
  spawn_encoder();
  start();
  source->arrive("/qseow-proxy/;1;;;WARN;host;System.Proxy;user;a log message;;;;;;;");
  consume_messages();
  CAF_REQUIRE_EQUAL(encoder->batches.size(), 1u);
  CAF_REQUIRE_EQUAL(encoder->batches[0].items->log_events.size(), 1u);
  CAF_CHECK_EQUAL(*encoder->batches[0].items->log_events[0].message(), "a log message");
}

CAF_TEST(without demand it takes exactly what it has room for and leaves the rest in the socket) {
  options.max_waiting = 5;
  start();
  for (int i = 0; i < 20; ++i) arrive(std::to_string(i));
  CAF_CHECK_EQUAL(source->waiting(), 15u);
  CAF_CHECK_EQUAL(line(item_class::user_event).received, 5u);
  spawn_encoder();
  pass(20ms);
  CAF_CHECK_EQUAL(texts().size(), 20u);
  auto all = texts();
  CAF_CHECK_EQUAL(all.back(), "19");
}

CAF_TEST(the encoder gets no more than its window) {
  encoder->window = 3;
  encoder->accept_at_once = false;
  options.max_waiting = 2;
  spawn_encoder();
  start();
  for (int i = 0; i < 10; ++i) arrive(std::to_string(i));
  CAF_CHECK_EQUAL(texts().size(), 3u);
  CAF_CHECK_EQUAL(source->waiting(), 5u);
  let_answer(names::encoder);
  CAF_CHECK_EQUAL(texts().size(), 4u);
}

CAF_TEST(after the loss of the encoder events on their way are sent again) {
  encoder->accept_at_once = false;
  spawn_encoder();
  start();
  arrive("1");
  arrive("2");
  kill(names::encoder);
  CAF_CHECK_EQUAL(env->counters.sum("edge_lost_total"), 1);
  encoder->batches.clear();
  spawn_encoder();
  pass(20ms);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(encoder->batches[0].id.number, 1u);
  CAF_CHECK_EQUAL(line(item_class::user_event).received, 2u);
}

CAF_TEST(a new incarnation keeps the socket and the items of the old one) {
  start();
  arrive("1");
  kill("ingest/user-events");
  arrive("2"); // nobody is there: it waits in the socket
  spawn_encoder();
  start();
  CAF_CHECK_EQUAL(opens, 1);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(line(item_class::user_event).received, 2u);
}

CAF_TEST(kernel drops are counted) {
  spawn_encoder();
  start();
  source->drop(7);
  pass(1s);
  CAF_CHECK_EQUAL(line(item_class::user_event).kernel_drops, 7u);
  pass(1s);
  CAF_CHECK_EQUAL(line(item_class::user_event).kernel_drops, 7u);
}

CAF_TEST(kernel drops get a line a minute and what the lines say adds up to all of them) {
  test::logged log;
  spawn_encoder();
  start();
  for (int i = 0; i < 150; ++i) {
    if (i == 70) { // its successor goes on
      kill("ingest/user-events");
      start();
    }
    source->drop(3);
    pass(1s);
  }
  stop(aut);
  uint64_t sum = 0;
  const auto lines = log.lines("the kernel dropped ");
  for (const auto& x : lines) sum += std::stoul(x.substr(x.find("dropped ") + 8));
  CAF_CHECK_EQUAL(sum, 450u);
  CAF_CHECK(lines.size() <= 5);
}

CAF_TEST(a port that can not be opened is tried again) {
  can_open = false;
  spawn_encoder();
  start();
  CAF_CHECK_EQUAL(opens, 1);
  pass(1s);
  CAF_CHECK_EQUAL(opens, 2);
  can_open = true;
  pass(1s);
  CAF_CHECK_EQUAL(opens, 3);
  arrive("1");
  CAF_CHECK_EQUAL(texts(), (strings{"1"}));
  pass(1s);
  CAF_CHECK_EQUAL(opens, 3);
}

CAF_TEST(a failed socket is replaced) {
  spawn_encoder();
  start();
  source->fail("broken");
  source = std::make_shared<test::fake_datagram_source>();
  pass(1s);
  CAF_CHECK_EQUAL(opens, 2);
  arrive("1");
  CAF_CHECK_EQUAL(texts(), (strings{"1"}));
}

CAF_TEST(a stopped receiver takes what the socket holds and ends when all is accepted) {
  options.max_waiting = 2;
  encoder->window = 2;
  encoder->accept_at_once = false;
  spawn_encoder();
  start();
  for (int i = 0; i < 6; ++i) arrive(std::to_string(i));
  stop(aut);
  CAF_CHECK(source->stopped());
  for (int i = 0; i < 20 && !ended(aut) && !encoder->open.empty(); ++i) let_answer(names::encoder);
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(texts().size(), 6u);
}

CAF_TEST(storms of log events become summaries with the ticks and at the stop) {
  options.cls = item_class::log_event;
  const auto rules = std::make_shared<event_folding_rules>();
  rules->store({messages::storm_options{1, 10s}, {}});
  options.folding = {rules, [](const auto&) { return true; }, [](const auto&) { return std::string{}; }};
  const auto storm = [&](const std::string& text) {
    for (int i = 0; i < 50; ++i) source->arrive("/qseow-engine/;1;;;WARN;h;System;u;" + text);
    consume_messages();
  };
  const auto count = [&](auto list) {
    size_t n = 0;
    for (const auto& b : encoder->batches) n += ((*b.items).*list).size();
    return n;
  };
  spawn_encoder();
  start();
  storm("took 5 ms");
  CAF_CHECK_EQUAL(count(&messages::item_list::log_events), 1u);
  kill("ingest/user-events");
  start(); // it goes on with what its predecessor has folded
  storm("took 6 ms");
  pass(5s);
  CAF_CHECK_EQUAL(count(&messages::item_list::insights), 0u);
  pass(6s);
  CAF_REQUIRE_EQUAL(count(&messages::item_list::insights), 1u);
  CAF_CHECK(encoder->batches.back().items->insights[0].payload.find("\"count\":99,") != std::string::npos);
  storm("took longer");
  stop(aut);
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(count(&messages::item_list::insights), 2u);
  CAF_CHECK_EQUAL(count(&messages::item_list::log_events), 2u);
  CAF_CHECK_EQUAL(line(item_class::log_event).received, 150u);
  CAF_CHECK_EQUAL(line(item_class::log_event).filtered["folded"], 148u);
}

CAF_TEST(summaries wait while there is no room) {
  options.cls = item_class::log_event;
  options.max_waiting = 2;
  const auto rules = std::make_shared<event_folding_rules>();
  rules->store({messages::storm_options{1, 1s}, {}});
  options.folding = {rules, [](const auto&) { return true; }, [](const auto&) { return std::string{}; }};
  start(); // without an encoder
  for (const auto* text : {"same", "same", "other"})
    source->arrive(std::string{"/qseow-engine/;1;;;WARN;h;System;u;"} + text);
  consume_messages();
  CAF_CHECK_EQUAL(line(item_class::log_event).filtered["folded"], 1u);
  for (int i = 0; i < 3; ++i) pass(1s);
  CAF_CHECK_EQUAL(line(item_class::insight_event).received, 0u);
  spawn_encoder();
  for (int i = 0; i < 2; ++i) pass(1s);
  CAF_CHECK_EQUAL(line(item_class::insight_event).received, 1u);
  CAF_CHECK_EQUAL(encoder->batches.back().items->insights.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
