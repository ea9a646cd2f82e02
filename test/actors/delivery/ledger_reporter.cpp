#define CAF_SUITE actors.delivery.ledger_reporter
#include "actors/delivery/ledger_reporter.hpp"
#include "actors/supervised.hpp"

#include <nlohmann/json.hpp>

#include "test/support/actor_fixture.hpp"
#include "test/support/fake_actors.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;
using messages::item_class;

namespace {

struct fixture : test::actor_fixture {
  std::shared_ptr<test::fake_outbox> outbox = std::make_shared<test::fake_outbox>();
  std::shared_ptr<ledger_reporter_estate> own =
      std::make_shared<ledger_reporter_estate>(unaccepted_report{7, 0, {}});
  ledger_reporter_options options;
  ledger_reporter_actor aut;

  fixture() {
    options.topic = "base/senseflow/n1/ledger";
    options.interval = 10s;
    options.report.node = "n1";
    options.report.mode = "overflow";
  }
  void start_outbox() { named(names::outbox, sys.spawn(test::fake_outbox_actor, outbox)); }
  void start() {
    aut = named("ledger", sys.spawn(ledger_reporter, env, options, own));
    consume_messages();
  }
  nlohmann::json report(size_t i) {
    return nlohmann::json::parse(outbox->batches.at(i).publications.at(0)->messages.at(0).payload.str());
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ledger_reporter_tests, fixture)

CAF_TEST(it reports at once and then at every interval) {
  start_outbox();
  env->book.received(item_class::user_event, "host", 3);
  start();
  CAF_REQUIRE_EQUAL(outbox->batches.size(), 1u);
  const auto& m = outbox->batches[0].publications[0]->messages[0];
  CAF_CHECK_EQUAL(m.topic.str(), "base/senseflow/n1/ledger");
  CAF_CHECK(m.retain);
  auto x = report(0);
  CAF_CHECK_EQUAL(x["classes"]["userevent"]["received"], 3);
  CAF_CHECK_EQUAL(x["sources"]["userevent"]["host"]["received"], 3);
  CAF_CHECK_EQUAL(x["node"], "n1");
  pass(10s);
  CAF_CHECK_EQUAL(outbox->batches.size(), 2u);
  CAF_CHECK_EQUAL(outbox->batches[1].id.number, 2u);
  CAF_CHECK_EQUAL(line(item_class::node).received, 2u);
}

CAF_TEST(it reports what else it is given) {
  int made = 0;
  options.document = [&] { return "{\"n\":" + std::to_string(++made) + "}"; };
  start_outbox();
  start();
  pass(10s);
  CAF_REQUIRE_EQUAL(outbox->batches.size(), 2u);
  CAF_CHECK_EQUAL(report(1)["n"], 2);
  CAF_CHECK_EQUAL(line(item_class::node).received, 2u);
}

CAF_TEST(nothing else is made while the last report waits) {
  int made = 0;
  options.document = [&] { return "{\"n\":" + std::to_string(++made) + "}"; };
  outbox->answer_at_once = false;
  start_outbox();
  start();
  kill("ledger");
  start();
  CAF_REQUIRE_EQUAL(outbox->batches.size(), 2u);
  CAF_CHECK_EQUAL(report(1)["n"], 1);
  CAF_CHECK_EQUAL(made, 1);
}

CAF_TEST(a reporter that crashes leaves its unaccepted report to the next one which counts it once) {
  outbox->answer_at_once = false;
  start_outbox();
  start();
  kill("ledger");
  start();
  CAF_REQUIRE_EQUAL(outbox->batches.size(), 2u); // the outbox is the same all the time
  CAF_CHECK(outbox->batches[0] == outbox->batches[1]);
  CAF_CHECK_EQUAL(line(item_class::node).received, 1u);
  let_answer(names::outbox); // to the one that has died
  let_answer(names::outbox);
  pass(10s);
  CAF_REQUIRE_EQUAL(outbox->batches.size(), 3u);
  CAF_CHECK_EQUAL(outbox->batches[2].id.number, 2u);
  CAF_CHECK_EQUAL(line(item_class::node).received, 2u);
}

CAF_TEST(an outbox that was given up and lives on in silence does not end the reports) {
  outbox->answer_at_once = false;
  start_outbox();
  start();
  outbox->answer_at_once = true;
  start_outbox(); // another one has its name now
  pass(10s);
  CAF_REQUIRE_EQUAL(outbox->batches.size(), 2u);
  CAF_CHECK(outbox->batches[0] == outbox->batches[1]);
  pass(10s);
  CAF_CHECK_EQUAL(outbox->batches.size(), 3u);
  CAF_CHECK_EQUAL(line(item_class::node).received, 2u);
}

CAF_TEST(an outbox that dies without an answer does not end the reports) {
  outbox->answer_at_once = false;
  start_outbox();
  start();
  CAF_CHECK_EQUAL(outbox->batches.size(), 1u);
  pass(10s);
  CAF_CHECK_EQUAL(outbox->batches.size(), 1u); // one at a time
  kill(names::outbox);
  outbox->held.clear(); // its promises die with it: nobody answers them
  outbox->answer_at_once = true;
  start_outbox();
  pass(10s);
  CAF_REQUIRE_EQUAL(outbox->batches.size(), 2u);
  CAF_CHECK(outbox->batches[0] == outbox->batches[1]);
  pass(10s);
  CAF_CHECK_EQUAL(outbox->batches.size(), 3u);
  CAF_CHECK_EQUAL(line(item_class::node).received, 2u);
}

CAF_TEST(without an outbox it waits for the next interval) {
  start();
  start_outbox();
  pass(10s);
  CAF_CHECK_EQUAL(outbox->batches.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
