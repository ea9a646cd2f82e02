#define CAF_SUITE actors.delivery.outbox.random_polls
#include "test/actors/delivery/outbox/polls.hpp"
#include "test/support/dice.hpp"

#include <deque>

using namespace senseflow;
using namespace senseflow::test;

namespace {

/// A broker with one connection that comes and goes, and loses what it likes: QoS 0.
struct chaos {
  poll_fixture& f;
  store& aut;
  dice& random;
  values newest = {}, at_broker = {};
  bool connected = false;
  std::deque<messages::outgoing> on_way = {};
  uint64_t polled = 0, sent = 0;

  void arrives(const messages::outgoing& x) {
    for (const auto& m : x.content->messages) at_broker[m.topic.str()] = m.payload.str();
  }

  void poll(bool with_changes) {
    for (const auto* server : {"a", "b"}) {
      values xs;
      for (const auto* topic : {"x", "y", "z"}) {
        auto& value = newest[std::string{server} + "/" + topic];
        if (value.empty() || (with_changes && random.one_in(3))) value = std::to_string(random.below(3));
        xs[topic] = value;
      }
      polled += xs.size();
      f.put(aut, f.poll(server, xs));
    }
  }

  void take() {
    for (auto& x : aut.take(0)) {
      sent += x.content->messages.size();
      on_way.push_back(std::move(x));
    }
  }

  void settle_one(outcome o) {
    if (on_way.empty()) return;
    const auto x = on_way.front();
    on_way.pop_front();
    const bool perhaps = o == outcome::returned && random.one_in(2);
    if (o == outcome::written || o == outcome::acknowledged || perhaps) arrives(x);
    aut.settle(0, {{x.id, o, o == outcome::refused ? "refused" : ""}});
  }

  void connect() {
    f.connect(aut, 0, 1 + static_cast<uint32_t>(random.below(8)));
    connected = true;
  }

  void disconnect() {
    connected = false;
    while (!on_way.empty()) {
      const auto x = on_way.front();
      on_way.pop_front();
      if (random.one_in(2)) arrives(x);
      aut.settle(0, {{x.id, random.one_in(2) ? outcome::written : outcome::not_sent, {}}});
    }
    f.disconnect(aut);
    if (random.one_in(3)) at_broker.clear(); // restarted without persistence
  }

  void step() {
    f.pass(50ms);
    switch (random.below(8)) {
    case 0:
      if (connected)
        disconnect();
      else
        connect();
      break;
    case 1:
    case 2:
      poll(true);
      break;
    case 3:
      settle_one(static_cast<outcome>(random.below(5)));
      break;
    default:
      take();
      if (random.one_in(2)) settle_one(outcome::written);
    }
  }

  void deliver_all() {
    for (int i = 0; i < 50; ++i) {
      f.pass(100ms);
      take();
      while (!on_way.empty()) settle_one(outcome::written);
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(random_polls_tests, poll_fixture)

CAF_TEST(whatever happens the broker has the newest values after the next poll) {
  dice random{7};
  uint64_t polled = 0, sent = 0;
  for (int run = 0; run < 300; ++run) {
    store aut{*this};
    configure(aut);
    chaos x{*this, aut, random};
    for (int i = 0; i < 60; ++i) x.step();
    if (!x.connected) x.connect();
    for (bool with_changes : {false, true, true}) {
      x.poll(with_changes);
      x.deliver_all();
      CAF_CHECK(x.at_broker == x.newest);
    }
    polled += x.polled;
    sent += x.sent;
    CAF_CHECK(line(item_class::health).balanced());
    CAF_CHECK(line(item_class::health).at_rest());
    CAF_CHECK_EQUAL(aut.bytes(), 0u);
  }
  CAF_MESSAGE(sent << " messages for " << polled << " values");
  CAF_CHECK(sent < polled / 2);
}

CAF_TEST_FIXTURE_SCOPE_END()
