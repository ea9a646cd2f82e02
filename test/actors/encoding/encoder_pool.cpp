#define CAF_SUITE actors.encoding.encoder_pool
#include "actors/encoding/encoder_pool.hpp"
#include "test/support/fake_actors.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using namespace actors;

namespace {

struct fixture : test::actor_fixture {
  encoder_pool_options options;
  std::vector<std::shared_ptr<test::fake_encoder>> encoders;
  std::shared_ptr<test::fake_outbox> outbox = std::make_shared<test::fake_outbox>();
  encoder_pool_actor aut;
  uint64_t number = 0;
  size_t accepted = 0; ///< items

  void start(uint32_t n = 1) {
    options.encoders = n;
    for (uint32_t i = 0; i < n; ++i) {
      encoders.push_back(std::make_shared<test::fake_encoder>());
      spawn_encoder(i);
    }
    spawn_outbox();
    aut = named(names::encoder_pool, sys.spawn(encoder_pool, env, options));
    consume_messages();
  }
  void spawn_encoder(size_t i) { named(names::encoder(i), sys.spawn(test::fake_encoder_actor, encoders[i])); }
  void spawn_outbox() { named(names::outbox, sys.spawn(test::fake_outbox_actor, outbox)); }

  messages::item_batch batch(uint32_t lane, std::vector<std::string> texts) {
    messages::item_batch x;
    x.id = {1, ++number};
    x.lane = lane;
    messages::item_list items;
    for (auto& t : texts) {
      messages::user_event e;
      e.host = "a";
      e.message = t;
      items.user_events.push_back(std::move(e));
    }
    x.items = messages::shared<messages::item_list>{std::move(items)};
    return x;
  }

  void send(messages::item_batch x) {
    keep(sys.spawn([this, x](caf::event_based_actor* me) {
      me->request(aut, caf::infinite, x)
          .then([this](messages::demand d) { accepted += d.items; }, [](caf::error&) {});
    }));
    consume_messages();
  }

  std::vector<std::string> arrived() {
    std::vector<std::string> result;
    for (const auto& b : outbox->batches)
      for (const auto& p : b.publications) result.push_back(p->messages.front().payload.str());
    return result;
  }
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(encoder_pool_tests, fixture)

CAF_TEST(a source that joins is told its window) {
  options.window = 77;
  start();
  CAF_CHECK_EQUAL(ask<messages::demand>(aut, caf::join_atom_v).items, 77u);
}

CAF_TEST(a batch passes an encoder and the outbox and its items may come again) {
  start();
  send(batch(0, {"1", "2", "3"}));
  CAF_CHECK_EQUAL(arrived(), (strings{"1", "2", "3"}));
  CAF_CHECK_EQUAL(accepted, 3u);
}

CAF_TEST(no demand comes back before the outbox has accepted) {
  start();
  outbox->answer_at_once = false;
  send(batch(0, {"1"}));
  CAF_CHECK_EQUAL(accepted, 0u);
  let_answer(names::outbox);
  CAF_CHECK_EQUAL(accepted, 1u);
}

CAF_TEST(lanes go to their own encoders) {
  start(2);
  send(batch(0, {"a"}));
  send(batch(1, {"b"}));
  send(batch(1, {"c"}));
  CAF_CHECK_EQUAL(encoders[0]->batches.size(), 1u);
  CAF_CHECK_EQUAL(encoders[1]->batches.size(), 2u);
}

CAF_TEST(the batches of a dead encoder go to the next one in order) {
  start(2);
  encoders[0]->answer_at_once = false;
  send(batch(0, {"1"}));
  send(batch(0, {"2"}));
  kill(names::encoder(0));
  CAF_CHECK_EQUAL(arrived(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(accepted, 2u);
  CAF_CHECK_EQUAL(env->counters.sum("batches_retried_total"), 1);
}

CAF_TEST(without any encoder batches wait for the restart of one) {
  start();
  encoders[0]->answer_at_once = false;
  send(batch(0, {"1"}));
  kill(names::encoder(0));
  send(batch(0, {"2"}));
  CAF_CHECK_EQUAL(accepted, 0u);
  encoders[0]->answer_at_once = true;
  spawn_encoder(0);
  pass(20ms);
  CAF_CHECK_EQUAL(arrived(), (strings{"1", "2"}));
}

CAF_TEST(a lane returns to its own encoder only when the other one is done with it) {
  start(2);
  kill(names::encoder(0));
  encoders[1]->answer_at_once = false;
  send(batch(0, {"1"}));
  CAF_CHECK_EQUAL(encoders[1]->batches.size(), 1u);
  spawn_encoder(0);
  pass(20ms);
  send(batch(0, {"2"}));
  CAF_CHECK_EQUAL(encoders[1]->batches.size(), 2u);
  let_answer(names::encoder(1));
  let_answer(names::encoder(1));
  CAF_CHECK_EQUAL(arrived(), (strings{"1", "2"}));
  send(batch(0, {"3"}));
  CAF_CHECK_EQUAL(encoders[0]->batches.size(), 1u);
}

CAF_TEST(a batch over which two encoders died is dropped as poison and those behind it are not ) {
  start();
  encoders[0]->answer_at_once = false;
  send(batch(0, {"bad", "bad too"}));
  send(batch(0, {"good"}));
  kill(names::encoder(0));
  spawn_encoder(0);
  pass(20ms);
  kill(names::encoder(0));
  encoders[0]->answer_at_once = true;
  spawn_encoder(0);
  pass(20ms);
  CAF_CHECK_EQUAL(arrived(), (strings{"good"}));
  CAF_CHECK_EQUAL(accepted, 3u);
  CAF_REQUIRE_EQUAL(outbox->batches.front().ended.size(), 1u);
  CAF_CHECK((outbox->batches.front().ended.front() ==
             messages::ended_items{messages::item_class::user_event, "a", false, "poison", 2}));
}

CAF_TEST(an encoder that does not answer in time counts as dead) {
  options.timeout = 1s;
  start(2);
  encoders[0]->answer_at_once = false;
  send(batch(0, {"1"}));
  pass(1s);
  CAF_CHECK_EQUAL(arrived(), (strings{"1"}));
  // Its late answer changes nothing.
  let_answer(names::encoder(0));
  CAF_CHECK_EQUAL(arrived(), (strings{"1"}));
}

CAF_TEST(what a dead outbox has not answered goes to the next one under the same ids in order) {
  start();
  outbox->answer_at_once = false;
  send(batch(0, {"1"}));
  send(batch(0, {"2"}));
  kill(names::outbox);
  CAF_CHECK_EQUAL(accepted, 0u);
  outbox->batches.clear();
  outbox->answer_at_once = true;
  spawn_outbox();
  pass(20ms);
  CAF_CHECK_EQUAL(arrived(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(outbox->batches[0].id.number, 1u);
  CAF_CHECK_EQUAL(accepted, 2u);
}

CAF_TEST(an outbox that holds its answers longer than the timeout gets each batch once more per timeout) {
  options.timeout = 1s;
  start();
  outbox->answer_at_once = false;
  for (int i = 0; i < 5; ++i) {
    send(batch(0, {"x"}));
    pass(100ms);
  }
  CAF_CHECK_EQUAL(outbox->batches.size(), 5u);
  pass(500ms); // the first one's time is over: all are handed over again
  pass(20ms);
  CAF_CHECK_EQUAL(outbox->batches.size(), 10u);
  for (int i = 0; i < 4; ++i) pass(100ms); // the others' times are over too, but that is known
  CAF_CHECK_EQUAL(outbox->batches.size(), 10u);
  for (int i = 0; i < 10; ++i) let_answer(names::outbox);
  CAF_CHECK_EQUAL(accepted, 5u);
}

CAF_TEST(a batch that comes again while it is on its way is not encoded twice) {
  start();
  outbox->answer_at_once = false;
  auto x = batch(0, {"1"});
  send(x);
  send(x);
  CAF_CHECK_EQUAL(encoders[0]->batches.size(), 1u);
  let_answer(names::outbox);
  CAF_CHECK_EQUAL(accepted, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
