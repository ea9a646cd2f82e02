#define CAF_SUITE actors.ingest.udp_receiver
#include "actors/ingest/udp_receiver.hpp"
#include "test/support/fake_actors.hpp"
#include "test/support/fake_datagram_source.hpp"
#include "test/support/fake_resolver.hpp"
#include "test/support/logged.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using namespace actors;
using messages::item_class;
using runtime::lookup_status;

namespace {

struct fixture : test::actor_fixture {
  udp_receiver_options options;
  std::shared_ptr<test::fake_datagram_source> source = std::make_shared<test::fake_datagram_source>();
  std::shared_ptr<test::fake_encoder> encoder = std::make_shared<test::fake_encoder>();
  std::shared_ptr<test::fake_resolver> names_of_hosts = std::make_shared<test::fake_resolver>();
  std::vector<runtime::ip_address> bound_to;
  std::shared_ptr<udp_receiver_estate> own =
      std::make_shared<udp_receiver_estate>(std::make_shared<runtime::estate<outlet>>(1u, 100u));
  udp_receiver_actor aut;
  bool can_open = true;
  int opens = 0;

  fixture() {
    encoder->window = 1000;
    options.reopen = {100ms, 1000ms, 0};
    options.names = names_of_hosts;
    options.open = [this](std::vector<runtime::ip_address> of_host) {
      bound_to = std::move(of_host);
      ++opens;
      runtime::udp_opened result;
      if (can_open)
        result.source = source;
      else
        result.error = "port in use";
      return result;
    };
  }
  void spawn_encoder() {
    if (!env->names.find(names::outbox))
      named(names::outbox, sys.spawn(test::fake_outbox_actor, std::make_shared<test::fake_outbox>()));
    named(names::encoder, sys.spawn(test::fake_encoder_actor, encoder));
  }
  void start() {
    aut = named("ingest/user-events", sys.spawn(udp_receiver, env, options, own));
    consume_messages();
  }
  void arrive(const std::string& text, const std::string& from = "127.0.0.1") {
    source->arrive("/qseow-proxy-session/;host;Start session;LAB;goran;Proxy;/app;" + text, from);
    consume_messages();
  }
  /// The name server's, of one of the names.
  void answer(const std::string& name, lookup_status status, std::vector<std::string> addresses = {}) {
    names_of_hosts->answer(name, status, addresses);
    consume_messages();
  }
  std::vector<std::string> texts() {
    std::vector<std::string> result;
    for (const auto& b : encoder->batches)
      for (const auto& e : b.items->user_events) result.push_back(e.message);
    return result;
  }
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(udp_receiver_tests, fixture)

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

CAF_TEST(while a name server is silent the port is open and addresses pass) {
  options.guard.validate_source = true;
  options.allowed_sources = {"sense1.example.com", "192.0.2.1", "sense2.example.com"};
  spawn_encoder();
  start();
  CAF_CHECK_EQUAL(opens, 1);
  CAF_CHECK_EQUAL(names_of_hosts->waiting(), 2u);
  arrive("a", "192.0.2.1");
  arrive("b", "192.0.2.2");
  CAF_CHECK_EQUAL(texts(), (strings{"a"}));
  answer("sense2.example.com", lookup_status::found, {"2001:db8::2", "192.0.2.2"});
  arrive("c", "192.0.2.2");
  arrive("d", "2001:db8::2");
  CAF_CHECK_EQUAL(texts(), (strings{"a", "c", "d"}));
  stop(aut); // waits for nobody
  CAF_CHECK(ended(aut));
}

CAF_TEST(a name is looked up every minute and sooner while it has no answer) {
  options.guard.validate_source = true;
  options.allowed_sources = {"sense1.example.com"};
  spawn_encoder();
  start();
  answer("sense1.example.com", lookup_status::found, {"192.0.2.1"});
  pass(59s);
  CAF_CHECK_EQUAL(names_of_hosts->waiting(), 0u);
  for (int i = 0; i < 3; ++i) pass(1s);
  answer("sense1.example.com", lookup_status::found, {"192.0.2.2"});
  arrive("a", "192.0.2.1");
  arrive("b", "192.0.2.2");
  CAF_CHECK_EQUAL(texts(), (strings{"b"}));
  for (int i = 0; i < 62; ++i) pass(1s);
  answer("sense1.example.com", lookup_status::unknown_name);
  arrive("c", "192.0.2.2");
  CAF_CHECK_EQUAL(texts(), (strings{"b"}));
  for (int i = 0; i < 12; ++i) pass(1s);
  CAF_CHECK_EQUAL(names_of_hosts->waiting(), 1u);
  CAF_CHECK_EQUAL(env->counters.sum("source_lookups_total"), 3);
}

CAF_TEST(without an answer the last addresses stay allowed for a day) {
  runtime::source_list aut_list{{"sense1.example.com"}};
  const auto t0 = std::chrono::steady_clock::now();
  const auto address = *runtime::parse_address("192.0.2.1");
  aut_list.learn({"sense1.example.com", lookup_status::found, {address}, t0}, t0);
  aut_list.learn({"sense1.example.com", lookup_status::no_answer, {address}, t0}, t0 + 23h);
  aut_list.learn({"another.example.com", lookup_status::unknown_name, {}, t0}, t0 + 23h);
  CAF_CHECK(aut_list.allows("192.0.2.1"));
  aut_list.learn({"sense1.example.com", lookup_status::no_answer, {address}, t0}, t0 + 25h);
  CAF_CHECK(!aut_list.allows("192.0.2.1"));
}

CAF_TEST(a new incarnation knows the names from the first datagram on) {
  options.guard.validate_source = true;
  options.allowed_sources = {"sense1.example.com"};
  spawn_encoder();
  start();
  answer("sense1.example.com", lookup_status::found, {"192.0.2.1"});
  kill("ingest/user-events");
  start();
  arrive("a", "192.0.2.1");
  CAF_CHECK_EQUAL(texts(), (strings{"a"}));
}

CAF_TEST(a name to listen on is looked up beside and tried again) {
  options.host = "ingest.example.com";
  spawn_encoder();
  start();
  CAF_CHECK_EQUAL(opens, 0);
  answer("ingest.example.com", lookup_status::no_answer);
  CAF_CHECK_EQUAL(opens, 0);
  CAF_CHECK_EQUAL(env->counters.sum("port_open_failures_total"), 1);
  pass(1s);
  answer("ingest.example.com", lookup_status::found, {"127.0.0.1"});
  CAF_CHECK_EQUAL(opens, 1);
  CAF_REQUIRE_EQUAL(bound_to.size(), 1u);
  CAF_CHECK_EQUAL(to_string(bound_to[0]), "127.0.0.1");
  options.host = "127.0.0.2"; // figures need no look-up
  kill("ingest/user-events");
  own = std::make_shared<udp_receiver_estate>(own->items);
  start();
  CAF_CHECK_EQUAL(opens, 2);
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

CAF_TEST(an allowed source whose name server comes and goes gets a line a minute of each kind) {
  test::logged log;
  options.guard.validate_source = true;
  options.allowed_sources = {"sense1.example.com"};
  spawn_encoder();
  start();
  for (int i = 0; i < 600; ++i) {
    if (names_of_hosts->waiting() > 0)
      answer("sense1.example.com", i % 3 == 0 ? lookup_status::unknown_name : lookup_status::no_answer);
    pass(1s);
  }
  const auto lines = log.lines("allowed source sense1.example.com");
  CAF_CHECK(lines.size() >= 2 && lines.size() <= 22);
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
