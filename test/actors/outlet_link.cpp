#define CAF_SUITE actors.outlet_link
#include "actors/outlet_link.hpp"
#include "actors/supervised.hpp"
#include "test/support/fake_actors.hpp"

#include <caf/stateful_actor.hpp>

#include "test/support/eventually.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using namespace actors;

namespace {

/// The least that a source is: `tick_atom` makes it an item.
using source_actor = supervised_actor::extend<caf::reacts_to<retry_atom>, caf::reacts_to<caf::tick_atom>>;

struct source_state {
  source_state() {}
  outlet_link<source_actor::pointer> link;
};

source_actor::behavior_type source(source_actor::stateful_pointer<source_state> self, context_ptr env,
                                   std::shared_ptr<runtime::estate<outlet>> own) {
  self->state.link = {self, env, runtime::estate<outlet>::enter(own), 30s, [] {}, "source"};
  self->set_down_handler([self](caf::down_msg& dm) { self->state.link.down(dm.source); });
  self->state.link.look();
  return {
      answer_ping(),
      crash_on_request(),
      [self](retry_atom) { self->state.link.look(); },
      [self](caf::tick_atom) {
        self->state.link.with([](outlet& o) { o.push(messages::user_event{}); });
        self->state.link.pump();
      },
  };
}

struct fixture : test::actor_fixture {
  std::shared_ptr<test::fake_encoder> encoder = std::make_shared<test::fake_encoder>();
  std::shared_ptr<runtime::estate<outlet>> own = std::make_shared<runtime::estate<outlet>>(1u, 1u);
  source_actor aut;

  void spawn_encoder() { named(names::encoder, sys.spawn(test::fake_encoder_actor, encoder)); }
  void spawn_outbox() {
    named(names::outbox, sys.spawn(test::fake_outbox_actor, std::make_shared<test::fake_outbox>()));
  }
  void start() {
    spawn_outbox();
    spawn_encoder();
    aut = named("source", sys.spawn(source, env, own));
    consume_messages();
  }
  void make(int n = 1) {
    for (int i = 0; i < n; ++i) caf::anon_send(aut, caf::tick_atom_v);
    consume_messages();
  }
  std::vector<uint64_t> sent() {
    std::vector<uint64_t> result;
    for (const auto& b : encoder->batches) result.push_back(b.id.number);
    return result;
  }
  double lost() { return env->counters.sum("edge_lost_total"); }
};

using numbers = std::vector<uint64_t>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(outlet_link_tests, fixture)

CAF_TEST(it waits for both the encoder and the outbox) {
  aut = named("source", sys.spawn(source, env, own));
  make();
  spawn_encoder();
  pass(20ms);
  CAF_CHECK_EQUAL(encoder->joins, 0u);
  spawn_outbox();
  pass(20ms);
  CAF_CHECK_EQUAL(encoder->joins, 1u);
  CAF_CHECK_EQUAL(sent(), (numbers{1}));
}

CAF_TEST(not more than the window is on its way) {
  encoder->accept_at_once = false;
  start();
  make(15);
  CAF_CHECK_EQUAL(sent().size(), 10u);
  let_answer(names::encoder);
  CAF_CHECK_EQUAL(sent().size(), 11u);
}

CAF_TEST(when the encoder dies what was not accepted is sent again to the next one) {
  encoder->accept_at_once = false;
  start();
  make(3);
  let_answer(names::encoder);
  kill(names::encoder);
  encoder->batches.clear();
  encoder->open.clear();
  spawn_encoder();
  pass(20ms);
  CAF_CHECK_EQUAL(sent(), (numbers{2, 3}));
  CAF_CHECK_EQUAL(lost(), 1);
}

CAF_TEST(when the outbox dies which answers no more everything not accepted is sent again) {
  encoder->accept_at_once = false;
  start();
  make(2);
  kill(names::outbox);
  CAF_CHECK_EQUAL(lost(), 1);
  encoder->batches.clear();
  pass(20ms);
  CAF_CHECK_EQUAL(sent(), (numbers{})); // not before there is a new one
  spawn_outbox();
  pass(20ms);
  CAF_CHECK_EQUAL(sent(), (numbers{1, 2}));
}

CAF_TEST(without an answer everything is sent again after the timeout and not before) {
  encoder->accept_at_once = false;
  start();
  make(2);
  pass(29s);
  CAF_CHECK_EQUAL(sent(), (numbers{1, 2}));
  let_answer(names::encoder); // as long as something is accepted, the edge is alive
  encoder->batches.clear();
  pass(29s);
  CAF_CHECK_EQUAL(lost(), 0);
  pass(1s);
  pass(20ms);
  CAF_CHECK_EQUAL(lost(), 1);
  CAF_CHECK_EQUAL(sent(), (numbers{2}));
}

CAF_TEST(an idle edge is not given up) {
  start();
  make(2);
  pass(10min);
  make(1);
  CAF_CHECK_EQUAL(sent(), (numbers{1, 2, 3}));
  CAF_CHECK_EQUAL(lost(), 0);
}

CAF_TEST(a late answer of a former encoder is counted once and gives no second demand) {
  encoder->accept_at_once = false;
  start();
  make(10);
  auto former = env->names.find(names::encoder);
  env->names.erase(names::encoder, caf::actor_cast<caf::actor_addr>(former)); // given up as hung
  auto next = std::make_shared<test::fake_encoder>();
  next->accept_at_once = false;
  named(names::encoder, sys.spawn(test::fake_encoder_actor, next));
  pass(30s);
  pass(20ms);
  CAF_CHECK_EQUAL(next->batches.size(), 10u);
  caf::anon_send(caf::actor_cast<caf::actor>(former), caf::update_atom_v);
  consume_messages();
  make(5);
  CAF_CHECK_EQUAL(next->batches.size(), 10u); // the new one's window is full
  let_answer(names::encoder);
  CAF_CHECK_EQUAL(next->batches.size(), 11u);
}

CAF_TEST(what waits for demand is counted as waiting and what is sent as batches) {
  const auto figures = [&] { return env->meters.figures().at("source"); };
  start();
  make();
  CAF_CHECK_EQUAL(figures().batches, 1u);
  CAF_CHECK_EQUAL(figures().items, 1u);
  CAF_CHECK(figures().waited == 0ns);
  encoder->accept_at_once = false;
  make(20); // more than it takes
  const auto before = figures().waited;
  CAF_CHECK(test::eventually([&] { return figures().waited > before; }));
}

CAF_TEST_FIXTURE_SCOPE_END()
