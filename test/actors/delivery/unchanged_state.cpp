// The outbox actor, told to leave out what has not changed.
#define CAF_SUITE actors.delivery.unchanged_state
#include "actors/delivery/outbox.hpp"
#include "actors/supervised.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;
using messages::item_class;
using messages::outcome;

namespace {

using batches = std::vector<messages::outgoing>;

publisher_actor::behavior_type fake_publisher(publisher_actor::pointer, std::shared_ptr<batches> got) {
  return {
      answer_ping(),
      crash_on_request(),
      [got](const messages::delivery_batch& b) { got->insert(got->end(), b.items.begin(), b.items.end()); },
      [](again_atom) { CAF_FAIL("unexpected"); },
      [](wake_atom) { CAF_FAIL("unexpected"); },
      [](caf::tick_atom) { CAF_FAIL("unexpected"); },
      [](caf::connect_atom) { CAF_FAIL("unexpected"); },
      [](retry_atom) { CAF_FAIL("unexpected"); },
  };
}

struct fixture : test::actor_fixture {
  std::shared_ptr<runtime::snapshot<on_change_options>> on_change =
      std::make_shared<runtime::snapshot<on_change_options>>();
  std::shared_ptr<outbox_estate> own;
  std::shared_ptr<batches> got = std::make_shared<batches>();
  publisher_actor publisher = keep(sys.spawn(fake_publisher, got));
  outbox_actor aut;
  uint64_t number = 0;

  fixture() {
    outbox_options o;
    o.replay_delay = 0ms; // subscribers are back at once
    own = std::make_shared<outbox_estate>(o, env->book);
  }

  void start() {
    outbox_actor_options o;
    o.on_change = on_change;
    aut = named(names::outbox, sys.spawn(outbox, env, o, own));
    consume_messages();
  }
  void configure(bool values) {
    on_change->store({values, false, {}, 10min});
    pass(50ms);
  }
  template <class Answer, class... Ts>
  void send(const Ts&... xs) {
    keep(sys.spawn([=](caf::event_based_actor* me) {
      me->request(aut, caf::infinite, xs...).then([](Answer) {}, [](caf::error&) {});
    }));
    consume_messages();
  }
  void connect(bool connected = true) {
    send<caf::ok_atom>(messages::publisher_state{0, connected, true, 10, {}}, publisher);
  }

  /// Two values of a server: how many of them go out.
  size_t poll(const std::string& x, const std::string& y) {
    messages::publication p;
    p.cls = item_class::health;
    p.origin = "s";
    p.replaces = "health/s";
    p.messages = {{"x", x, 0, false, 0, false, messages::measure::text},
                  {"y", y, 0, false, 0, false, messages::measure::text}};
    env->book.received(item_class::health, "s");
    messages::encoded_batch batch;
    batch.id = {1, ++number};
    batch.publications.emplace_back(std::move(p));
    got->clear();
    send<messages::demand>(batch);
    size_t n = 0;
    for (const auto& out : *got) {
      n += out.content->messages.size();
      send<caf::ok_atom>(messages::settled_batch{0, {{out.id, outcome::written, {}}}});
    }
    return n;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(unchanged_state_tests, fixture)

CAF_TEST(without a setting every poll goes out) {
  start();
  connect();
  for (int i = 0; i < 3; ++i) CAF_CHECK_EQUAL(poll("1", "1"), 2u);
  configure(false);
  CAF_CHECK_EQUAL(poll("1", "1"), 2u);
  CAF_CHECK_EQUAL(env->counters.sum("messages_unchanged_total"), 0);
}

CAF_TEST(what has not changed is counted instead of sent) {
  configure(true);
  start();
  connect();
  CAF_CHECK_EQUAL(poll("1", "1"), 2u);
  CAF_CHECK_EQUAL(poll("1", "2"), 1u);
  CAF_CHECK_EQUAL(poll("1", "2"), 0u);
  pass(50ms);
  CAF_CHECK_EQUAL(env->counters.value("messages_unchanged_total"), 3);
  const auto line = env->book.snapshot()[static_cast<size_t>(item_class::health)];
  CAF_CHECK_EQUAL(line.filtered.at("unchanged"), 1u);
  CAF_CHECK_EQUAL(line.published, 2u);
  CAF_CHECK(line.balanced() && line.at_rest());
}

CAF_TEST(a connection a reload a request and a crash make everything go out once) {
  configure(true);
  start();
  connect();
  const auto once = [&] {
    const bool all = poll("1", "1") == 2;
    return all && poll("1", "1") == 0;
  };
  CAF_CHECK(once());
  CAF_CHECK(!once());
  CAF_MESSAGE("a connection, though of a resumed session");
  connect(false);
  connect();
  CAF_CHECK(once());
  CAF_MESSAGE("a reload");
  configure(true);
  CAF_CHECK(once());
  CAF_MESSAGE("a request");
  ++env->asked_for_all;
  pass(50ms);
  CAF_CHECK(once());
  CAF_MESSAGE("a crash of the outbox");
  pass(50ms); // what was not counted yet is lost with it
  kill(names::outbox);
  start();
  connect();
  CAF_CHECK(once());
  CAF_MESSAGE("a crash of the publisher");
  kill_actor(publisher);
  publisher = keep(sys.spawn(fake_publisher, got));
  connect();
  CAF_CHECK(once());
  pass(50ms);
  CAF_CHECK_EQUAL(env->counters.value("messages_unchanged_total"), 14);
}

CAF_TEST_FIXTURE_SCOPE_END()
