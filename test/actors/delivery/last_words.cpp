#define CAF_SUITE actors.delivery.last_words
#include "test/support/unit_test.hpp"

#include "actors/delivery/last_words.hpp"
#include "actors/delivery/outbox.hpp"
#include "test/actors/delivery/publisher.hpp"

using namespace senseflow;
using namespace senseflow::test;
using messages::item_class;

namespace {

struct fixture : publisher_fixture {
  std::shared_ptr<last_words> said = std::make_shared<last_words>();
  fixture() { options.last_words = said; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(last_words_tests, fixture)

CAF_TEST(what a slot has said is replaced by what it says later) {
  last_words aut;
  aut.say({0, {ack(1)}});
  aut.say({1, {ack(2)}});
  aut.say({0, {ack(3)}});
  aut.forget(1);
  const auto all = aut.take();
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK((all[0] == messages::settled_batch{0, {ack(3)}}));
  CAF_CHECK(aut.take().empty());
}

CAF_TEST(a publisher that ends after the outbox tells what became of all that it held) {
  connect();
  for (uint64_t id : {1, 2, 3}) give(id);
  broker->refuse_next_publishes(1, runtime::publish_result::window_full);
  give(4);
  kill(names::outbox);
  broker->deliver_at_leave(1);
  stop(aut);
  const auto all = said->take();
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK_EQUAL(all[0].slot, 0u);
  CAF_CHECK_EQUAL(all[0].items, (settlements{ack(1), back(2), back(3), {4, outcome::not_sent, {}}}));
}

CAF_TEST(its successor makes them void) {
  connect();
  give(1);
  stop(aut);
  start();
  CAF_CHECK(said->take().empty());
}

CAF_TEST(what the broker acknowledges while the publisher takes leave counts as published) {
  outbox_actor_options o;
  o.drain_timeout = 1s;
  const auto own = std::make_shared<outbox_estate>(outbox_options{}, env->book);
  const auto box = named(names::outbox, sys.spawn(actors::outbox, env, o, own));
  start();
  broker->accept();
  consume_messages();
  for (uint64_t n = 1; n <= 5; ++n) { // the window takes four
    messages::publication p;
    p.cls = item_class::user_event;
    p.origin = "a";
    p.messages.push_back({"topic", std::to_string(n), 1, false, 0});
    messages::encoded_batch b;
    b.id = {1, n};
    b.publications.emplace_back(std::move(p));
    env->book.received(item_class::user_event, "a");
    caf::anon_send(box, b);
    consume_messages();
  }
  CAF_REQUIRE_EQUAL(broker->in_flight().size(), 4u);
  stop(box); // first: it drains while the publishers are still there
  for (int i = 0; i < 300 && !ended(box); ++i) pass(5ms);
  CAF_REQUIRE(ended(box));
  broker->deliver_at_leave(3);
  stop(aut);
  outbox_estate::enter(own).with([&](outbox_store& s) {
    for (const auto& x : said->take()) s.settle(x.slot, x.items, self->clock().now());
    s.end({});
  });
  CAF_CHECK_EQUAL(line(item_class::user_event).acknowledged, 3u);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["unconfirmed"], 1u);
  CAF_CHECK_EQUAL(line(item_class::user_event).dropped["shutdown"], 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
