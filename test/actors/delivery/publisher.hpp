// A publisher between a broker and an outbox that do as the test says.
#pragma once

#include "actors/delivery/publisher.hpp"

#include "test/support/actor_fixture.hpp"
#include "test/support/fake_actors.hpp"
#include "test/support/fake_mqtt_client.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

using namespace std::chrono_literals;
using namespace actors;
using messages::outcome;

struct publisher_fixture : actor_fixture {
  publisher_options options;
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>(4);
  std::shared_ptr<fake_outbox> outbox = std::make_shared<fake_outbox>();
  publisher_actor aut;

  publisher_fixture() {
    options.window = 4;
    options.reconnect = {100ms, 1000ms, 0};
    options.stable_after = 5s;
    options.make_client = [this] { return std::make_unique<fake_mqtt_client>(broker); };
  }
  void start() {
    aut = named(names::publisher(0), sys.spawn(publisher, env, options));
    consume_messages();
  }
  void spawn_outbox() { named(names::outbox, sys.spawn(fake_outbox_actor, outbox)); }
  void connect() {
    spawn_outbox();
    start();
    broker->accept();
    consume_messages();
  }
  void give(uint64_t id, size_t n = 1, std::string origin = "a") {
    messages::publication p;
    p.origin = std::move(origin);
    for (size_t i = 0; i < n; ++i)
      p.messages.push_back({"t", std::to_string(id) + "." + std::to_string(i), 1, false, 0});
    messages::delivery_batch b;
    b.items.push_back({id, messages::shared<messages::publication>{std::move(p)}});
    caf::anon_send(aut, b);
    consume_messages();
  }
  void give(uint64_t id, messages::publication p) {
    messages::delivery_batch b;
    b.items.push_back({id, messages::shared<messages::publication>{std::move(p)}});
    caf::anon_send(aut, b);
    consume_messages();
  }
  void give(uint64_t id, const char* topic, uint8_t qos = 1) {
    messages::publication p;
    p.messages.push_back({topic, "payload", qos, false, 0});
    give(id, std::move(p));
  }
  /// The connection ends, and there is another one.
  void lose_and_reconnect() {
    broker->lose_connection();
    consume_messages();
    for (int i = 0; i < 20 && !broker->connecting(); ++i) pass(100ms);
    broker->accept();
    consume_messages();
  }
  std::vector<std::string> topics_on_the_way() {
    std::vector<std::string> result;
    for (const auto& m : broker->in_flight()) result.push_back(m.message.topic.str());
    return result;
  }
  std::vector<messages::settlement> settled() {
    std::vector<messages::settlement> result;
    for (const auto& b : outbox->settled) result.insert(result.end(), b.items.begin(), b.items.end());
    return result;
  }
  std::vector<std::string> sent() {
    std::vector<std::string> result;
    for (const auto& m : broker->sent()) result.push_back(m.message.payload.str());
    return result;
  }
  messages::settlement ack(uint64_t id) { return {id, outcome::acknowledged, {}}; }
  messages::settlement back(uint64_t id) { return {id, outcome::returned, {}}; }

  /// The broker closes over one of two topics, and shows that only a moment after a message was delivered.
  void find_without_acknowledgements(bool mqtt5, uint8_t maximum_qos) {
    broker->speak(mqtt5, maximum_qos);
    connect();
    for (uint64_t id = 1; id < 30; id += 2) {
      give(id, "good");
      give(id + 1, "bad");
      for (int i = 0; i < 50; ++i) {
        const auto way = topics_on_the_way();
        broker->deliver(way.size());
        consume_messages();
        pass(100ms);
        if (std::count(way.begin(), way.end(), "bad") == 0) continue;
        lose_and_reconnect();
        break;
      }
    }
    CAF_CHECK_EQUAL(env->counters.sum("mqtt_topics_set_aside_total"), 1);
    CAF_CHECK_EQUAL(broker->connects(), 6u); // two make suspects, three are the proof
    outbox->settled.clear();
    give(100, "good");
    broker->deliver();
    consume_messages();
    CAF_REQUIRE_EQUAL(settled().size(), 1u);
    CAF_CHECK(settled()[0].result == (maximum_qos == 0 ? outcome::written : outcome::acknowledged));
  }
};

using settlements = std::vector<messages::settlement>;
using strings = std::vector<std::string>;

} // namespace senseflow::test
