#define CAF_SUITE actors.insights.analyst
#include "actors/insights/analyst.hpp"

#include "fake_analysis.hpp"
#include "test/support/fake_actors.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;
using messages::item_class;

namespace {

struct fixture : test::actor_fixture {
  std::shared_ptr<test::analysis_script> script = std::make_shared<test::analysis_script>();
  std::shared_ptr<test::fake_encoder> encoder = std::make_shared<test::fake_encoder>();
  std::shared_ptr<runtime::estate<outlet>> items =
      std::make_shared<runtime::estate<outlet>>(uint64_t{7}, 100u);
  std::shared_ptr<analyst_estate> own = std::make_shared<analyst_estate>(items);
  analyst_options options;
  analyst_actor aut;
  uint64_t number = 0;

  fixture() {
    options.feed = std::make_shared<insight_feed>();
    options.feed->open();
    options.analyses = {{"fake", "1", [x = script] { return std::make_unique<test::fake_analysis>(x); }}};
    named(names::outbox, sys.spawn(test::fake_outbox_actor, std::make_shared<test::fake_outbox>()));
    named(names::encoder, sys.spawn(test::fake_encoder_actor, encoder));
  }
  void start() {
    aut = named(names::analyst, sys.spawn(analyst, env, options, own));
    consume_messages();
  }
  void offer() {
    messages::item_list shown;
    shown.user_events.resize(1);
    options.feed->offer({{1, ++number}, messages::shared<messages::item_list>{std::move(shown)}});
  }
  void find(size_t n, uint64_t epoch = 0) {
    for (size_t i = 0; i < n; ++i)
      script->finds.insights.push_back(
          {messages::insight_kind::sessions, false, "sense1", "sessions/sense1/live", "{}", {"n1", epoch}});
  }
  size_t published() {
    size_t result = 0;
    for (const auto& x : encoder->batches) result += x.items->insights.size();
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(analyst_tests, fixture)

CAF_TEST(what waits is looked at when the encoder says so and with each tick) {
  offer();
  start();
  CAF_CHECK_EQUAL(script->seen, 1u);
  offer();
  CAF_CHECK_EQUAL(script->seen, 1u);
  caf::anon_send(aut, wake_atom_v);
  consume_messages();
  CAF_CHECK_EQUAL(script->seen, 2u);
  offer();
  pass(1s);
  CAF_CHECK_EQUAL(script->seen, 3u);
}

CAF_TEST(what is found becomes items with alarms and counts) {
  start();
  find(2);
  script->finds.alarms.push_back({"memory_runaway", "sense1", {}, "Text.", "Next.", {}});
  script->finds.add("memory_alarms_total", {{"server", "sense1"}}, 2);
  pass(1s);
  CAF_CHECK_EQUAL(published(), 2u);
  CAF_CHECK_EQUAL(line(item_class::insight).received, 2u);
  CAF_CHECK_EQUAL(env->counters.value("memory_alarms_total", {{"server", "sense1"}}), 2);
  CAF_CHECK_EQUAL(env->notices.alarms.all().at(names::analyst).size(), 1u);
  pass(1s);
  CAF_CHECK(env->notices.alarms.all().at(names::analyst).empty()); // it does not hold any more
}

CAF_TEST(while nobody takes insights the analyses are shown everything and not asked) {
  options.max_waiting = 3;
  encoder->accept_at_once = false;
  start();
  find(3);
  pass(1s);
  const auto asked = script->ticks;
  offer();
  find(1);
  pass(5s);
  CAF_CHECK_EQUAL(script->ticks, asked);
  CAF_CHECK_EQUAL(script->seen, 1u);
  encoder->accept_at_once = true;
  let_answer(names::encoder);
  pass(1s);
  CAF_CHECK_EQUAL(published(), 4u);
}

CAF_TEST(an insight about a server that another node polls now is not published) {
  options.ours = [](const messages::insight& x) { return x.by.epoch == 7; };
  start();
  find(1, 6);
  find(1, 7);
  pass(1s);
  CAF_CHECK_EQUAL(published(), 1u);
  CAF_CHECK_EQUAL(env->counters.sum("insights_disowned_total"), 1);
  CAF_CHECK_EQUAL(line(item_class::insight).received, 1u);
}

CAF_TEST(what is known and what was found outlives a crash) {
  encoder->accept_at_once = false;
  start();
  offer();
  find(2);
  pass(1s);
  CAF_CHECK_EQUAL(published(), 2u);
  caf::anon_send(aut, runtime::provocation{});
  consume_messages();
  CAF_CHECK(ended(aut));
  encoder->accept_at_once = true;
  start();
  pass(1s);
  CAF_CHECK_EQUAL(script->made, 1u);
  CAF_CHECK_EQUAL(script->seen, 1u);
  CAF_CHECK_EQUAL(published(), 4u); // the same batch again
  CAF_CHECK((encoder->batches.front().id == encoder->batches.back().id));
  CAF_CHECK_EQUAL(line(item_class::insight).received, 2u);
}

CAF_TEST(a stop asks once more and ends when all was accepted) {
  start();
  encoder->accept_at_once = false;
  find(1);
  env->notices.alarms.update(names::analyst, [](auto& x) { x.resize(1); });
  stop(aut);
  CAF_CHECK(!ended(aut));
  CAF_CHECK_EQUAL(published(), 1u);
  CAF_CHECK(env->notices.alarms.all().empty());
  pass(10s); // no tick any more
  let_answer(names::encoder);
  CAF_CHECK(ended(aut));
}

CAF_TEST(a stop with nothing to publish ends at once) {
  start();
  stop(aut);
  CAF_CHECK(ended(aut));
}

CAF_TEST_FIXTURE_SCOPE_END()
