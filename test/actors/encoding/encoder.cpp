#define CAF_SUITE actors.encoding.encoder
#include "actors/encoding/encoder.hpp"
#include "test/support/fake_actors.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace actors;
using messages::item_class;

namespace {

/// An item that ends whoever encodes it.
constexpr auto deadly = "deadly";

struct fixture : test::actor_fixture {
  encoder_options options;
  std::shared_ptr<encoder_estate> own = std::make_shared<encoder_estate>();
  std::shared_ptr<test::fake_outbox> outbox = std::make_shared<test::fake_outbox>();
  encoder_actor aut;
  uint64_t number = 0;
  size_t accepted = 0;       ///< items
  size_t failed = 0;         ///< batches
  std::vector<size_t> sizes; ///< of what was given to be encoded

  fixture() {
    options.encode = [this](const messages::item_batch& batch) {
      sizes.push_back(batch.items->size());
      messages::encoded_batch result;
      result.id = batch.id;
      for (const auto& e : batch.items->user_events) {
        if (e.message == deadly) throw std::logic_error(deadly);
        if (e.message.empty()) {
          add_ended(result.ended, item_class::user_event, e.host, true, "empty");
          continue;
        }
        messages::publication p;
        p.cls = item_class::user_event;
        p.origin = e.host;
        p.messages.push_back({"topic", e.message, 1, false, 0});
        result.publications.emplace_back(std::move(p));
      }
      return result;
    };
  }

  void start() {
    aut = named(names::encoder, sys.spawn(encoder, env, options, own));
    consume_messages();
  }
  void start_outbox() { named(names::outbox, sys.spawn(test::fake_outbox_actor, outbox)); }

  messages::item_batch batch(const std::vector<std::string>& texts) {
    messages::item_list items;
    for (const auto& t : texts) {
      messages::user_event e;
      e.host = "a";
      e.message = t;
      items.user_events.push_back(std::move(e));
    }
    return {{1, ++number}, messages::shared<messages::item_list>{std::move(items)}};
  }

  void send(const messages::item_batch& x) {
    keep(sys.spawn([this, x](caf::event_based_actor* me) {
      me->request(aut, caf::infinite, x)
          .then([this](messages::demand d) { accepted += d.items; }, [this](caf::error&) { ++failed; });
    }));
    consume_messages();
  }
  /// The encoder ends over it and is started again.
  void send_deadly(const messages::item_batch& x) {
    send(x);
    CAF_CHECK(ended(aut));
    start();
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

CAF_TEST_FIXTURE_SCOPE(encoder_tests, fixture)

CAF_TEST(a source that joins is told its window) {
  options.window = 77;
  start();
  CAF_CHECK_EQUAL(ask<messages::demand>(aut, caf::join_atom_v).items, 77u);
}

CAF_TEST(the answer to a batch comes from the outbox and asks for as many items again) {
  start_outbox();
  start();
  outbox->answer_at_once = false;
  auto x = batch({"1", "", "3"});
  send(x);
  CAF_CHECK_EQUAL(arrived(), (strings{"1", "3"}));
  CAF_CHECK((outbox->batches[0].id == x.id));
  CAF_CHECK_EQUAL(accepted, 0u);
  let_answer(names::outbox);
  CAF_CHECK_EQUAL(accepted, 3u);
}

CAF_TEST(batches reach the outbox in the order of their arrival) {
  start_outbox();
  start();
  outbox->answer_at_once = false;
  for (auto x : {"1", "2", "3"}) send(batch({x}));
  CAF_CHECK_EQUAL(arrived(), (strings{"1", "2", "3"}));
}

CAF_TEST(without an outbox a batch is refused and a new outbox is found) {
  start();
  auto x = batch({"1"});
  send(x);
  CAF_CHECK_EQUAL(failed, 1u);
  start_outbox();
  send(x);
  kill(names::outbox);
  send(batch({"2"}));
  CAF_CHECK_EQUAL(failed, 2u);
  start_outbox();
  send(batch({"3"}));
  CAF_CHECK_EQUAL(arrived(), (strings{"1", "3"}));
}

CAF_TEST(the item over which encoders die is dropped as poison and nothing else) {
  start_outbox();
  start();
  auto x = batch({"1", deadly, "", "2"});
  send_deadly(x); // as a whole
  send_deadly(x);
  send_deadly(x); // one by one
  CAF_CHECK_EQUAL(failed, 3u);
  CAF_CHECK(outbox->batches.empty());
  sizes.clear();
  send(x);
  CAF_CHECK_EQUAL(arrived(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(accepted, 4u);
  CAF_CHECK_EQUAL(sizes, (std::vector<size_t>{1, 1, 1}));
  const auto& ended = outbox->batches.front().ended;
  CAF_REQUIRE_EQUAL(ended.size(), 2u);
  CAF_CHECK((ended[0] == messages::ended_items{item_class::user_event, "a", false, "poison", 1}));
  CAF_CHECK((ended[1] == messages::ended_items{item_class::user_event, "a", true, "empty", 1}));
  CAF_CHECK_EQUAL(env->counters.sum("poison_items_total"), 1);
  CAF_CHECK_EQUAL(env->counters.sum("batches_retried_total"), 3);
  sizes.clear();
  send(batch({"3", "4"})); // the next one is above suspicion
  CAF_CHECK_EQUAL(sizes, (std::vector<size_t>{2}));
}

CAF_TEST(two poisonous items of a batch are both found) {
  start_outbox();
  start();
  auto x = batch({deadly, "1", deadly});
  for (int i = 0; i < 4; ++i) send_deadly(x);
  send(x);
  CAF_CHECK_EQUAL(arrived(), (strings{"1"}));
  CAF_CHECK_EQUAL(env->counters.sum("poison_items_total"), 2);
}

CAF_TEST(an encoder that dies between batches makes none of them a suspect) {
  start_outbox();
  start();
  auto x = batch({"1", "2"});
  for (int i = 0; i < 3; ++i) {
    caf::anon_send(aut, runtime::provocation{});
    consume_messages();
    start();
  }
  send(x);
  CAF_CHECK_EQUAL(sizes, (std::vector<size_t>{2}));
  CAF_CHECK_EQUAL(env->counters.sum("batches_retried_total"), 0);
}

CAF_TEST(an encoder that was given up as hung is blamed for what it does not finish) {
  start_outbox();
  start();
  auto x = batch({"1"});
  encoder_estate::enter(own).with([&](encoding_suspects& s) { s.begin(x.id); }); // and stays in there
  start();
  encoder_estate::enter(own).with([&](encoding_suspects& s) { s.begin(x.id); });
  start();
  CAF_CHECK(encoder_estate::enter(own).with([&](encoding_suspects& s) { return s.suspect(x.id); }));
}

CAF_TEST(what was encoded is shown to the analyst who is told when something waits) {
  start_outbox();
  options.feed = std::make_shared<insight_feed>(3);
  start();
  send(batch({"1"})); // nobody wants to see it
  options.feed->open();
  size_t told = 0;
  const auto analyst = [&told](analyst_actor::pointer) -> analyst_actor::behavior_type {
    return {answer_ping(), crash_on_request(), [&told](wake_atom) { ++told; }, [](caf::tick_atom) {},
            [](retry_atom) {}};
  };
  send(batch({"2"})); // there is no analyst
  options.feed->take();
  named(names::analyst, sys.spawn(analyst));
  send(batch({"3"}));
  send(batch({"4", "5"}));
  send(batch({"6", "7"}));
  CAF_CHECK_EQUAL(told, 1u);
  CAF_CHECK_EQUAL(env->counters.sum("insight_items_skipped_total"), 2);
  CAF_CHECK_EQUAL(options.feed->take().size(), 2u);
  send(batch({"8"}));
  CAF_CHECK_EQUAL(told, 2u);
  CAF_CHECK_EQUAL(arrived().size(), 8u);
}

CAF_TEST_FIXTURE_SCOPE_END()
