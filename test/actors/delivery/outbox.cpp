#define CAF_SUITE actors.delivery.outbox
#include "test/actors/delivery/outbox_fixture.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;
using messages::item_class;
using messages::outcome;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(outbox_tests, outbox_fixture)

CAF_TEST(a publisher gets what its window has room for and more when it has settled) {
  start();
  for (auto x : {"1", "2", "3"}) put(x);
  CAF_CHECK_EQUAL(answers, 3u);
  connect(2);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2"}));
  settle(0, outcome::acknowledged);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2", "3"}));
}

CAF_TEST(new publications leave at once while there is demand) {
  start();
  connect();
  put("1");
  CAF_CHECK_EQUAL(texts(), (strings{"1"}));
}

CAF_TEST(at rest it looks twice a second and otherwise every 50 ms) {
  const auto next = [this] { return sched.clock().schedule().begin()->first - sched.clock().now(); };
  start();
  CAF_CHECK(next() == 50ms);
  pass(50ms);
  CAF_CHECK(next() == 50ms); // nobody is connected: an outage has to be noticed
  connect();
  pass(50ms);
  CAF_CHECK(next() == 500ms);
  put("1");
  CAF_CHECK(next() == 50ms);
  pass(50ms);
  CAF_CHECK(next() == 50ms);
  settle(0, outcome::acknowledged);
  pass(50ms);
  pass(400ms); // the tick that was due at first
  CAF_CHECK(next() == 100ms);
}

CAF_TEST(what a dead publisher held goes to its next incarnation) {
  start();
  connect();
  put("1");
  put("2");
  kill_actor(publisher);
  got->got.clear();
  publisher = keep(sys.spawn(fake_publisher_actor, got));
  connect();
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2"}));
  CAF_CHECK_EQUAL(env->counters.sum("publishers_lost_total"), 1);
}

CAF_TEST(a new incarnation of the outbox goes on where the old one stopped) {
  start();
  connect(1);
  put("1");
  put("2");
  kill(names::outbox);
  start();
  CAF_CHECK_EQUAL(texts(), (strings{"1"}));
  connect(1, {got->got[0].id});
  CAF_CHECK_EQUAL(texts(), (strings{"1"}));
  settle(0, outcome::acknowledged);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2"}));
  settle(1, outcome::acknowledged);
  CAF_CHECK_EQUAL(line(item_class::user_event).published, 2u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(a batch that was accepted before the crash is not accepted again after it) {
  start();
  env->book.received(item_class::user_event, "a");
  auto x = batch("1");
  send_batch(x);
  kill(names::outbox);
  start();
  send_batch(x);
  connect();
  CAF_CHECK_EQUAL(texts(), (strings{"1"}));
  CAF_CHECK_EQUAL(answers, 3u);
}

CAF_TEST(a batch whose predecessor is missing is refused and taken when it comes in order) {
  start();
  connect();
  env->book.received(item_class::user_event, "a", 2);
  auto first = batch("1");
  auto second = batch("2");
  send_batch(second);
  CAF_CHECK_EQUAL(answers, 1u); // to the publisher
  send_batch(first);
  send_batch(second);
  CAF_CHECK_EQUAL(answers, 3u);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2"}));
}

CAF_TEST(a congested outbox holds one answer for a batch however often it comes) {
  options.max_bytes = 100'000;
  options.high_watermark_percent = 10;
  start();
  connect(1);
  put(std::string(20'000, 'x'));
  auto x = batch(std::string(20'000, 'y'));
  env->book.received(item_class::user_event, "a");
  for (int i = 0; i < 5; ++i) send_batch(x);
  auto before = answers;
  settle(0, outcome::acknowledged);
  settle(1, outcome::acknowledged);
  CAF_CHECK_EQUAL(answers, before + 2 + 2); // the settlements', and one for each batch
}

CAF_TEST(a congested outbox answers when there is room again) {
  options.max_bytes = 100'000;
  options.high_watermark_percent = 10;
  start();
  connect(1);
  put(std::string(8'000, 'x'));
  CAF_CHECK_EQUAL(answers, 2u);
  put(std::string(8'000, 'y'));
  CAF_CHECK_EQUAL(answers, 2u);
  settle(0, outcome::acknowledged);
  CAF_CHECK_EQUAL(answers, 4u);
}

CAF_TEST(a stopped outbox ends when it is empty) {
  start();
  connect();
  put("1");
  stop(aut);
  CAF_CHECK(!ended(aut));
  settle(0, outcome::acknowledged);
  CAF_CHECK(ended(aut));
}

CAF_TEST(a stopped outbox does not wait for ever) {
  actor_options.drain_timeout = 1s;
  start();
  connect();
  put("1");
  stop(aut);
  pass_by(900ms);
  CAF_CHECK(!ended(aut));
  pass_by(200ms);
  CAF_CHECK(ended(aut));
}

CAF_TEST(a stopped outbox has what the sources left of the time and a quarter in any case) {
  auto stop_by = std::make_shared<std::atomic<std::chrono::steady_clock::time_point>>();
  actor_options.drain_timeout = 1s;
  actor_options.stop_by = stop_by;
  for (auto [left, lasts] : {std::pair{700ms, 700ms}, std::pair{100ms, 250ms}}) {
    own = nullptr;
    number = 0;
    start();
    connect();
    put("1");
    stop_by->store(self->clock().now() + left);
    stop(aut);
    pass_by(lasts - 20ms);
    CAF_CHECK(!ended(aut));
    pass_by(100ms);
    CAF_CHECK(ended(aut));
  }
}

CAF_TEST(a stopped outbox leaves to the disk what nobody takes) {
  options.mode = delivery_mode::overflow;
  start_spool();
  start();
  put("1");
  stop(aut);
  CAF_CHECK(ended(aut));
  CAF_CHECK_EQUAL(line(item_class::user_event).in(runtime::place::memory), 1u);
}

CAF_TEST(in journal mode a publication goes to the disk and then to the publisher) {
  options.mode = delivery_mode::journal;
  start_spool();
  start();
  connect();
  put("1");
  pass_by(10ms);
  CAF_CHECK_EQUAL(texts(), (strings{"1"}));
  settle(0, outcome::acknowledged);
  pass_by(200ms);
  CAF_CHECK_EQUAL(spool->bytes(), 0u);
}

CAF_TEST(while the broker is away events go to the disk) {
  options.mode = delivery_mode::overflow;
  options.replay_delay = 0ms;
  start_spool();
  start();
  put("1");
  pass_by(1100ms);
  put("2");
  pass_by(20ms);
  kill(names::spool);
  CAF_CHECK_EQUAL(on_disk(), 2u);
  start_spool();
  connect();
  pass_by(20ms);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2"}));
}

CAF_TEST(a spool that dies is found again and nothing is lost) {
  options.mode = delivery_mode::journal;
  start_spool();
  start();
  connect(100);
  put("1");
  kill(names::spool);
  put("2");
  pass_by(100ms);
  CAF_CHECK(texts().size() < 2);
  start_spool();
  pass_by(100ms);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2"}));
  kill(names::outbox);
  start();
  put("3");
  connect(100, {got->got[0].id, got->got[1].id});
  pass_by(100ms);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2", "3"}));
}

CAF_TEST(in journal mode a disk that hangs is bypassed and back at once when it answers) {
  options.mode = delivery_mode::journal;
  start_spool();
  start();
  connect(100);
  disk->hangs = true;
  put("1");
  pass_by(1900ms);
  CAF_CHECK(texts().empty());
  put("2");
  pass_by(200ms);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2"}));
  put("3"); // from now on nobody waits for it
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2", "3"}));
  CAF_CHECK_EQUAL(env->counters.value("journal_bypassed_total", {}), 3);
  pass_by(500ms);
  CAF_CHECK_EQUAL(env->counters.value("spool_silences_total", {}), 1);
  settle(0, outcome::acknowledged);
  for (int i = 0; i < 5; ++i) { // whoever is restarted meanwhile, one question is with the disk
    kill(i % 2 == 0 ? names::spool : names::outbox);
    i % 2 == 0 ? start_spool() : start();
    connect(100, {got->got[1].id, got->got[2].id});
    pass_by(100ms);
  }
  put("4");
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2", "3", "4"}));
  disk->hangs = false;
  let_disk_answer();
  pass_by(200ms);
  CAF_CHECK_EQUAL(on_disk(), 3u); // what is still on its way; what had arrived meanwhile is removed
  disk->hangs = true;
  put("5");
  CAF_CHECK_EQUAL(texts().size(), 4u); // waits for the disk again
  disk->hangs = false;
  let_disk_answer();
  pass_by(20ms);
  CAF_CHECK_EQUAL(texts(), (strings{"1", "2", "3", "4", "5"}));
  for (size_t i = 1; i < 5; ++i) settle(i, outcome::acknowledged);
  pass_by(200ms);
  CAF_CHECK_EQUAL(on_disk(), 0u);
  CAF_CHECK_EQUAL(line(item_class::user_event).acknowledged, 5u);
}

CAF_TEST(a crash inside of the store costs nothing) {
  start();
  connect(1);
  for (uint32_t calls = 0; calls < 12; ++calls) {
    caf::anon_send(aut, runtime::provocation{{}, true, calls});
    consume_messages();
    const auto next = batch(std::to_string(calls));
    env->book.received(item_class::user_event, "a");
    send_batch(next);
    while (!ended(aut)) pass(50ms);
    env->names.erase(names::outbox, aut.address());
    start();
    send_batch(next); // its source has got no answer
    std::vector<uint64_t> holds;
    if (!got->got.empty()) holds.push_back(got->got.back().id);
    connect(1, holds);
    CAF_REQUIRE_EQUAL(texts().size(), calls + 1u);
    settle(calls, outcome::acknowledged);
  }
  CAF_CHECK_EQUAL(line(item_class::user_event).acknowledged, 12u);
  CAF_CHECK(line(item_class::user_event).balanced());
}

CAF_TEST(a crash in a handler ends only the actor) {
  start();
  caf::anon_send(aut, runtime::provocation{});
  consume_messages();
  CAF_CHECK(ended(aut));
}

CAF_TEST(retained state goes out once more and is cleared when the configuration has lost it) {
  auto configured = std::make_shared<runtime::snapshot<retained_topics>>();
  configured->store({{"status"}, {}, {}});
  actor_options.retained = configured;
  start();
  connect();
  auto x = batch("online");
  messages::publication p = *x.publications.front();
  p.cls = item_class::availability;
  p.messages.front().topic = "status";
  p.messages.front().retain = true;
  env->book.received(p.cls, "a");
  x.publications.front() = std::move(p);
  send_batch(x);
  settle(0, outcome::acknowledged);
  send(messages::publisher_state{0, false, false, 0, {}}, publisher);
  connect();
  CAF_CHECK_EQUAL(texts(), (strings{"online", "online"}));
  settle(1, outcome::acknowledged);
  configured->store({});
  pass_by(100ms);
  CAF_CHECK_EQUAL(texts(), (strings{"online", "online", ""}));
  CAF_CHECK_EQUAL(got->got.back().content->messages.front().topic.str(), "status");
  settle(2, outcome::acknowledged);
  pass_by(100ms);
  CAF_CHECK_EQUAL(env->counters.value("retained_cleared_total"), 1);
  CAF_CHECK_EQUAL(env->counters.value("state_sent_anew_total"), 1);
}

CAF_TEST(what waits in memory can be seen without asking) {
  const auto notice = [&] { return *env->notices.backlog.load(); };
  start();
  pass(1s);
  CAF_CHECK(notice().bytes == 0 && !notice().oldest);
  put("1");
  const auto came = self->clock().now();
  pass(10s);
  put("2");
  pass(1s);
  CAF_CHECK(notice().bytes > 0);
  CAF_REQUIRE(notice().oldest);
  CAF_CHECK(*notice().oldest - came < 1s && came - *notice().oldest < 1s);
  connect();
  pass(5s); // subscribers come back first
  settle(0, outcome::acknowledged);
  pass(1s);
  CAF_REQUIRE(notice().oldest);
  CAF_CHECK(*notice().oldest - came > 9s); // the other one, on its way
  settle(1, outcome::acknowledged);
  pass(1s);
  CAF_CHECK(notice().bytes == 0 && !notice().oldest);
  CAF_CHECK_EQUAL(env->meters.figures().at(names::outbox).items, 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
