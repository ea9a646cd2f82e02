#define CAF_SUITE runtime.status.bottleneck
#include "test/support/unit_test.hpp"

#include "runtime/status/bottleneck.hpp"

#include "test/support/node_facts.hpp"

using namespace senseflow;
using namespace runtime;
using namespace std::chrono_literals;
using stage = bottleneck::stage;

namespace {

struct fixture {
  facts x = test::healthy_node();
  trends t;

  bottleneck now() const {
    const auto result = bottleneck_of(x, t);
    CAF_CHECK(!result.text.empty());
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(bottleneck_tests, fixture)

CAF_TEST(nothing is held up where nobody waits) {
  t.work["encoding/encoder"].busy = 0.3;
  t.work["delivery/publisher-1"].waited = 0.2;
  CAF_CHECK(now().where == stage::none);
  CAF_CHECK(now().setting.empty());
}

CAF_TEST(a backlog that is worked off is told) {
  auto& at = x.lines[static_cast<size_t>(messages::item_class::log_event)]["host1"].at;
  at[static_cast<size_t>(place::disk)] = 999;
  CAF_CHECK(now().setting.empty());
  at[static_cast<size_t>(place::disk)] = 22000;
  CAF_CHECK(now().where == stage::none);
  CAF_CHECK(now().text.find("22000 events") != std::string::npos);
  CAF_CHECK_EQUAL(now().setting, "delivery.replay.rate");
}

CAF_TEST(without a broker nothing else counts) {
  x.brokers[0].connected = false;
  t.work["encoding/encoder"].busy = 1;
  CAF_CHECK(now().where == stage::broker);
}

CAF_TEST(a full window is to be enlarged unless it is the broker that sets it or large already) {
  t.work["delivery/publisher-1"].waited = 0.9;
  t.work["ingest/log-events"].waited = 0.9; // which is why
  CAF_CHECK(now().where == stage::broker_window);
  CAF_CHECK_EQUAL(now().setting, "actors.publishers.window");
  x.brokers[0].window = 20;
  CAF_CHECK(now().where == stage::broker);
  CAF_CHECK(now().text.find("20 messages at a time") != std::string::npos);
  x.brokers[0].window = x.settings.window = 512;
  CAF_CHECK(now().where == stage::broker);
  CAF_CHECK(now().setting.empty());
}

CAF_TEST(a journal waits for its disk before anything else) {
  t.work["delivery/publisher-1"].waited = 0.9;
  t.work["delivery/spool"].waited = 0.9;
  CAF_CHECK(now().where == stage::broker_window); // overflow: the disk holds nobody up
  x.settings.mode = "journal";
  CAF_CHECK(now().where == stage::disk);
  CAF_CHECK_EQUAL(now().setting, "delivery.journal.maxDelay");
}

CAF_TEST(a disk that is slower than what arrives is told) {
  t.work["delivery/outbox"].refused = 0.8;
  t.work["delivery/spool"].waited = 0.7;
  CAF_CHECK(now().where == stage::disk);
}

CAF_TEST(an encoder without time is told) {
  t.work["encoding/encoder"].busy = 0.95;
  CAF_CHECK(now().where == stage::encoder);
  CAF_CHECK_EQUAL(now().setting, "actors.scheduler.threads");
}

CAF_TEST(datagrams that the kernel drops are told where all stages have room) {
  t.kernel_drops = 12.5;
  CAF_CHECK(now().where == stage::network);
  CAF_CHECK(now().text.find("12.5") != std::string::npos);
}

CAF_TEST(sources that wait though no stage is full want for processor time) {
  t.work["polling"].waited = 0.9;
  CAF_CHECK(now().where == stage::encoder);
}

CAF_TEST_FIXTURE_SCOPE_END()
