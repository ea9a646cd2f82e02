#define CAF_SUITE actors.ingest.receiver_notices
#include "actors/ingest/udp_receiver.hpp"
#include "messages/insights/server_of_host.hpp"
#include "test/support/fake_actors.hpp"
#include "test/support/fake_datagram_source.hpp"
#include "test/support/fake_resolver.hpp"

#include "test/support/actor_fixture.hpp"

#include <algorithm>

using namespace senseflow;
using namespace std::chrono_literals;
using namespace actors;
using messages::item_class;

namespace {

struct fixture : test::actor_fixture {
  std::shared_ptr<test::fake_datagram_source> source = std::make_shared<test::fake_datagram_source>();
  std::shared_ptr<udp_receiver_estate> own =
      std::make_shared<udp_receiver_estate>(std::make_shared<runtime::estate<outlet>>(1u, 1000u));
  udp_receiver_options options;
  udp_receiver_actor aut;

  fixture() {
    options.cls = item_class::log_event;
    options.names = std::make_shared<test::fake_resolver>();
    options.open = [this](std::vector<runtime::ip_address>) {
      runtime::udp_opened result;
      result.source = source;
      return result;
    };
    auto encoder = std::make_shared<test::fake_encoder>();
    encoder->window = 1000;
    named(names::outbox, sys.spawn(test::fake_outbox_actor, std::make_shared<test::fake_outbox>()));
    named(names::encoder, sys.spawn(test::fake_encoder_actor, encoder));
  }
  void start(bool follow) {
    using messages::insights::named_server;
    options.follow_arrivals.reset();
    if (follow)
      options.follow_arrivals = std::make_shared<messages::insights::server_of_host>(
          std::vector<named_server>{{"sense1", {"qlik1.example.com"}}},
          std::vector<std::pair<std::string, std::string>>{});
    aut = named(names::log_events, sys.spawn(udp_receiver, env, options, own));
    consume_messages();
  }
  void arrive(int row, const std::string& host = "QLIK1") {
    source->arrive("/qseow-engine/;" + std::to_string(row) + ";;;WARN;" + host + ";System.Engine;user;text");
    consume_messages();
  }
  std::shared_ptr<const messages::insights::arrival_list> notice() {
    const auto all = env->notices.arrivals.all();
    const auto i = all.find(item_class::log_event);
    return i == all.end() ? nullptr : i->second;
  }
  double gaps() {
    return env->counters.value("datagram_gaps_total", {{"host", "QLIK1"}, {"service", "engine"}});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(receiver_notices_tests, fixture)

CAF_TEST(once a second it is noted who has sent and what was lost is counted) {
  start(true);
  for (int row = 1; row <= 20; ++row) arrive(row);
  arrive(24);
  pass(1s);
  CAF_REQUIRE(notice());
  CAF_REQUIRE_EQUAL(notice()->size(), 1u);
  CAF_CHECK_EQUAL(notice()->front().host, "QLIK1");
  CAF_CHECK_EQUAL(notice()->front().datagrams, 21u);
  CAF_CHECK_EQUAL(gaps(), 0.0);
  pass(1s);
  pass(1s);
  CAF_CHECK_EQUAL(gaps(), 3.0);
  CAF_CHECK_EQUAL(notice()->front().gaps, 3u);

  CAF_MESSAGE("a restarted receiver goes on with it");
  kill(names::log_events);
  start(true);
  arrive(26);
  for (int i = 0; i < 4; ++i) pass(1s);
  CAF_CHECK_EQUAL(gaps(), 4.0);

  CAF_MESSAGE("until it is switched off");
  kill(names::log_events);
  start(false);
  pass(1s);
  CAF_CHECK(!notice());
}

CAF_TEST(a flood of machines is noted and keeps no server out) {
  start(true);
  const auto port = [&] { return env->notices.ports.all()[item_class::log_event]; };
  const std::chrono::steady_clock::time_point never{};
  arrive(1);
  pass(1s);
  CAF_CHECK(port().not_followed == never);
  for (int i = 0; i < 600; ++i) arrive(1, "H" + std::to_string(i));
  arrive(1, "QLIK1.example.com");
  pass(1s);
  CAF_CHECK_EQUAL(env->counters.value("datagrams_not_followed_total", {{"class", "logevent"}}), 100.0);
  CAF_CHECK(port().not_followed != never);
  CAF_CHECK(port().full == never);
  CAF_CHECK(std::any_of(notice()->begin(), notice()->end(),
                        [](const auto& x) { return x.host == "QLIK1.example.com"; }));

  CAF_MESSAGE("where those of servers are too many nothing can be said of them");
  for (int i = 0; i < 600; ++i) arrive(1, "QLIK1." + std::to_string(i));
  pass(1s);
  CAF_CHECK(port().full != never);
}

CAF_TEST_FIXTURE_SCOPE_END()
