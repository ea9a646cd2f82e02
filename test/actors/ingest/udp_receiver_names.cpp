#define CAF_SUITE actors.ingest.udp_receiver_names
#include "test/support/unit_test.hpp"

#include "test/actors/ingest/receiver_fixture.hpp"
#include "test/support/logged.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace actors;
using namespace std::chrono_literals;
using messages::item_class;
using runtime::lookup_status;

CAF_TEST_FIXTURE_SCOPE(udp_receiver_names_tests, receiver_fixture)

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

CAF_TEST_FIXTURE_SCOPE_END()
