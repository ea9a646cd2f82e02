#define CAF_SUITE actors.cluster.event_twins
#include "actors/cluster/event_twins.hpp"

#include "runtime/sha256.hpp"
#include "test/support/fake_actors.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;
using messages::channel_state;
using messages::cluster_message;
using messages::item_class;

namespace {

struct channel_log {
  std::vector<cluster_message> sent;
};

cluster_channel_actor::behavior_type fake_channel(cluster_channel_actor::pointer,
                                                  std::shared_ptr<channel_log> x) {
  return {
      answer_ping(),    crash_on_request(),    [x](const cluster_message& m) { x->sent.push_back(m); },
      [](wake_atom) {}, [](caf::tick_atom) {}, [](caf::connect_atom) {},
  };
}

analyst_actor::behavior_type fake_analyst(analyst_actor::pointer, std::shared_ptr<size_t> woken) {
  return {
      answer_ping(),         crash_on_request(), [woken](wake_atom) { ++*woken; },
      [](caf::tick_atom) {}, [](retry_atom) {},
  };
}

struct fixture : test::actor_fixture {
  std::shared_ptr<insight_feed> feed = std::make_shared<insight_feed>();
  event_twins_options options;
  std::shared_ptr<runtime::estate<outlet>> own = std::make_shared<runtime::estate<outlet>>(uint64_t{1}, 100u);
  std::shared_ptr<test::fake_encoder> encoder = std::make_shared<test::fake_encoder>();
  std::shared_ptr<channel_log> channel = std::make_shared<channel_log>();
  event_twins_actor aut;
  std::string theirs; ///< a host whose events are b's

  fixture() {
    shared_events_options o;
    o.node = "a";
    o.incarnation = 7;
    o.passed = options.passed = std::make_shared<passed_events>(feed, 5);
    options.node = "a";
    options.events = std::make_shared<shared_events>(o, env->book, sched.clock().now());
    options.view = std::make_shared<runtime::snapshot<cluster_view>>();
    cluster_view view;
    view.certain = true;
    for (const auto* name : {"a", "b"}) {
      cluster_node n;
      n.id = n.topic_name = name;
      n.digests = digest_format;
      view.nodes.push_back(n);
    }
    options.view->store(view);
    event_owners owners{{}};
    owners.see(view, {});
    for (int i = 0; theirs.empty(); ++i)
      if (owners.of("h" + std::to_string(i)) == "b") theirs = "h" + std::to_string(i);
    named(names::outbox, sys.spawn(test::fake_outbox_actor, std::make_shared<test::fake_outbox>()));
    named(names::encoder, sys.spawn(test::fake_encoder_actor, encoder));
    named(names::cluster_channel, sys.spawn(fake_channel, channel));
    start();
    tell(channel_state::up);
    for (int i = 0; i < 10; ++i) pass(100ms);
  }
  void start() {
    aut = named(names::event_twins, sys.spawn(event_twins, env, options, own));
    consume_messages();
  }
  void tell(channel_state x) {
    caf::anon_send(aut, messages::channel_news{x});
    consume_messages();
  }
  event_gate::verdict receive(const std::string& text) {
    messages::user_event x;
    x.host = theirs;
    x.message = text;
    env->book.received(item_class::user_event, theirs);
    return options.events->admit(x, text, sched.clock().now());
  }
  void hear(const std::string& topic, const std::string& digest) {
    caf::anon_send(aut, cluster_message{topic, digest});
    consume_messages();
  }
  std::string published(const std::string& text) {
    return to_bytes({1, ++said, {{event_fate::published, {runtime::sha256_prefix(text), 1}}}});
  }
  std::vector<std::string> taken_over() const {
    std::vector<std::string> result;
    for (const auto& b : encoder->batches)
      for (const auto& x : b.items->user_events) result.push_back(x.message);
    return result;
  }
  uint64_t said = 0;
};
using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_twins_tests, fixture)

CAF_TEST(what nobody announces goes to the encoder in order and what is announced does not ) {
  for (const auto* text : {"1", "2", "3"}) CAF_CHECK(receive(text) == event_gate::verdict::hold);
  hear("digests/b", published("2"));
  pass(1s);
  CAF_CHECK(encoder->batches.empty());
  for (int i = 0; i < 30; ++i) pass(100ms);
  pass(100ms);
  CAF_CHECK_EQUAL(taken_over(), (strings{"1", "3"}));
  CAF_CHECK_EQUAL(line(item_class::user_event).filtered["published_by_another_node"], 1u);
  CAF_CHECK_EQUAL(env->counters.value("events_suppressed_total"), 1);
  CAF_CHECK_EQUAL(env->counters.value("events_taken_over_total"), 2);
}

CAF_TEST(what another node has published is shown to the analyst with the next tick) {
  const auto woken = std::make_shared<size_t>(0);
  named(names::analyst, sys.spawn(fake_analyst, woken));
  feed->open();
  for (const auto* text : {"1", "2"}) receive(text);
  hear("digests/b", published("2"));
  pass(100ms);
  CAF_CHECK_EQUAL(*woken, 1u);
  const auto all = feed->take();
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_REQUIRE_EQUAL(all[0].items->user_events.size(), 1u);
  CAF_CHECK_EQUAL(all[0].items->user_events[0].message, "2");
  pass(1s);
  CAF_CHECK_EQUAL(*woken, 1u);
  CAF_CHECK(feed->take().empty());
}

CAF_TEST(what the broker has is announced with the next tick) {
  options.events->settled(messages::shared_text{"00000000000000ff-2"}, true);
  CAF_CHECK(channel->sent.empty());
  pass(100ms);
  CAF_REQUIRE_EQUAL(channel->sent.size(), 1u);
  CAF_CHECK_EQUAL(channel->sent[0].topic, "digests/a");
  const auto x = read_digest(channel->sent[0].payload.view());
  CAF_CHECK_EQUAL(x.digest.incarnation, 7u);
  CAF_REQUIRE_EQUAL(x.digest.events.size(), 1u);
  CAF_CHECK(x.digest.events[0].event == messages::event_id({255, 2}));
  pass(1s);
  CAF_CHECK_EQUAL(channel->sent.size(), 1u);
}

CAF_TEST(without a channel what is to be announced waits) {
  tell(channel_state::down);
  options.events->settled(messages::shared_text{"00000000000000ff-2"}, true);
  pass(1s);
  CAF_CHECK(channel->sent.empty());
  tell(channel_state::up);
  pass(100ms);
  CAF_CHECK_EQUAL(channel->sent.size(), 1u);
}

CAF_TEST(digests that can not be read are counted by reason) {
  hear("digests/b", "");
  hear("digests/b", "\1");
  hear("digests/b", "\2xyz");
  hear("elsewhere/b", "\2xyz");
  CAF_CHECK_EQUAL(env->counters.value("event_digests_rejected_total", {{"reason", "malformed"}}), 2);
  CAF_CHECK_EQUAL(env->counters.value("event_digests_rejected_total", {{"reason", "other_format"}}), 1);
}

CAF_TEST(a new incarnation goes on with what the last one held) {
  receive("1");
  kill(names::event_twins);
  start();
  for (int i = 0; i < 40; ++i) pass(100ms);
  CAF_CHECK_EQUAL(taken_over(), (strings{"1"}));
}

CAF_TEST(an encoder that takes nothing leaves events with their bounded store) {
  kill(names::encoder);
  for (int i = 0; i < 3; ++i) receive(std::to_string(i));
  for (int i = 0; i < 40; ++i) pass(100ms);
  CAF_CHECK(line(item_class::user_event).in(runtime::place::source) == 3u);
  named(names::encoder, sys.spawn(test::fake_encoder_actor, encoder));
  for (int i = 0; i < 5; ++i) pass(100ms);
  CAF_CHECK_EQUAL(taken_over(), (strings{"0", "1", "2"}));
}

CAF_TEST(at the stop what nobody announces soon is published and the end waits for the broker) {
  receive("1");
  receive("2");
  stop(aut);
  hear("digests/b", published("1"));
  pass(500ms);
  CAF_CHECK(!ended(aut));
  CAF_CHECK(encoder->batches.empty());
  for (int i = 0; i < 30; ++i) pass(20ms);
  CAF_CHECK_EQUAL(taken_over(), (strings{"2"}));
  CAF_CHECK(!ended(aut));
  options.events->settled(messages::shared_text{messages::to_text({runtime::sha256_prefix("2"), 1})}, true);
  for (int i = 0; i < 3; ++i) pass(20ms);
  CAF_CHECK_EQUAL(channel->sent.size(), 1u);
  CAF_CHECK(ended(aut));
}

CAF_TEST(a stop is over when its time is up and what comes later is not held) {
  receive("1");
  stop(aut);
  for (int i = 0; i < 230; ++i) pass(20ms);
  CAF_CHECK(ended(aut));
  CAF_CHECK(receive("2") == event_gate::verdict::publish);
  CAF_CHECK_EQUAL(options.events->counted().held, 0u);
}

CAF_TEST(what nobody took before the end is in the outlet) {
  kill(names::encoder);
  receive("1");
  stop(aut);
  for (int i = 0; i < 230; ++i) pass(20ms);
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(options.events->counted().held, 0u);
  auto left = runtime::estate<outlet>::enter(own);
  CAF_CHECK_EQUAL(left.with([](outlet& o) { return o.waiting(); }), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
