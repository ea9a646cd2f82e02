#define CAF_SUITE runtime.wiring.tree
#include "test/support/unit_test.hpp"

#include "runtime/service/settlement.hpp"
#include "runtime/wiring/tree.hpp"

#include "test/support/eventually.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/sound_ledger.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

using namespace senseflow;
using namespace runtime;
using namespace std::chrono_literals;
using messages::item_class;

namespace {

config::settings with_servers(uint16_t broker_port, int first, int count) {
  config::settings s;
  s.mqtt.enable = true;
  s.mqtt.broker_host = "127.0.0.1";
  s.mqtt.broker_port = broker_port;
  s.delivery.mode = config::delivery_mode::memory;
  s.ledger.interval = 20ms;
  s.monitor.polling_interval = 10ms;
  for (int i = first; i < first + count; ++i) {
    config::server_settings x;
    x.name = "sense" + std::to_string(i);
    x.host = "127.0.0.1:1"; // refused, which is news of the server
    s.monitor.servers.push_back(x);
  }
  return s;
}

size_t lines(const ledger& book) {
  size_t result = 0;
  for (const auto& c : book.by_source()) result += c.size();
  return result;
}

} // namespace

CAF_TEST(after 200 reloads with ever new servers there is no more of anything than after the first) {
  test::mosquitto_broker broker;
  caf::actor_system_config config;
  config.add_message_types<caf::id_block::senseflow>();
  caf::actor_system system{config};
  service_tree aut{with_servers(broker.port(), 0, 3), nullptr, nullptr};
  auto& env = aut.env();
  caf::scoped_actor self{system};
  auto root = aut.start(system);
  self->monitor(root);
  constexpr int reloads = 200, servers = 3;
  double polls = 0;
  for (int i = 1; i <= reloads; ++i) {
    const auto last = "polling/sense" + std::to_string(servers * i - 1);
    CAF_REQUIRE(test::eventually([&] { return env.names.find(last) != nullptr; }));
    if (i % 20 == 1) // they have something to remember
      CAF_REQUIRE(test::eventually([&] { return env.counters.sum("polls_total") > polls + 5; }));
    CAF_CHECK(env.counters.sum("polls_total") >= polls); // nothing is forgotten
    polls = env.counters.sum("polls_total");
    aut.follow(with_servers(broker.port(), servers * i, servers));
  }
  const auto first = "sense" + std::to_string(servers * reloads);
  CAF_CHECK(test::eventually([&] {
    const auto availability = env.book.by_source()[static_cast<size_t>(item_class::availability)];
    return availability.count(first) > 0 && availability.size() == servers + 1;
  }));
  CAF_MESSAGE("names " << env.names.names().size() << ", sources " << env.sources << ", lines "
                       << lines(env.book) << ", counters " << env.counters.size());
  CAF_CHECK_LESS(env.names.names().size(), 20u);
  CAF_CHECK_LESS(env.sources.load(), 15u); // those of three generations at a time
  CAF_CHECK_LESS(lines(env.book), 10u);
  CAF_CHECK_LESS(env.counters.size(), 40u);
  const auto total = env.book.snapshot()[static_cast<size_t>(item_class::availability)];
  CAF_CHECK_GREATER(total.received, 30u);
  CAF_CHECK_EQUAL(test::unsound(env.book), "");
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  root = nullptr;
  self->receive([](const caf::down_msg&) {});
  settle_rest(aut.estates());
  CAF_CHECK_EQUAL(test::unsound(env.book), "");
}
