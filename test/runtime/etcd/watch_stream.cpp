#define CAF_SUITE runtime.etcd.watch_stream
#include "test/support/unit_test.hpp"

#include "runtime/etcd/watch_stream.hpp"

#include <string>

using namespace senseflow;
using namespace senseflow::runtime;
using namespace std::chrono_literals;

namespace {

using kind = etcd_watch_event::kind;

struct fixture {
  etcd_watch_stream::clock::time_point now{};
  etcd_watch_stream stream{"/sf/", 11, 500ms, now};
  etcd_watch_stream::events events;

  void take(const std::string& bytes) { stream.take(bytes, now, events); }
  void created() { take("{\"result\":{\"header\":{\"revision\":\"10\"},\"created\":true}}\n"); }
  void progress(int revision) {
    take("{\"result\":{\"header\":{\"revision\":\"" + std::to_string(revision) +
         "\"},\"watch_id\":\"-1\"}}\n");
  }
  void put(int revision, int header) {
    take("{\"result\":{\"header\":{\"revision\":\"" + std::to_string(header) +
         "\"},\"events\":[{\"kv\":{\"key\":\"YQ==\",\"mod_revision\":\"" + std::to_string(revision) +
         "\"}}]}}\n");
  }
  int64_t last_revision() const { return events.back().revision; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(watch_stream, fixture)

CAF_TEST(it asks for progress at once and a second after each answer) {
  CAF_CHECK(stream.outgoing(now).find("\"start_revision\":\"10\"") != std::string::npos);
  CAF_CHECK_EQUAL(stream.outgoing(now), "");
  created();
  CAF_CHECK(stream.has_to_ask(now));
  CAF_CHECK_EQUAL(stream.outgoing(now), "{\"progress_request\":{}}\n");
  now += 2s;
  CAF_CHECK_EQUAL(stream.outgoing(now), ""); // one question at a time
  progress(10);
  CAF_CHECK_EQUAL(stream.outgoing(now), "");
  now += 1s;
  CAF_CHECK_EQUAL(stream.outgoing(now), "{\"progress_request\":{}}\n");
}

CAF_TEST(an answer about progress counts when no change came before the next) {
  created();
  progress(20); // ahead of what is still to come
  CAF_CHECK_EQUAL(last_revision(), 10);
  put(15, 20);
  CAF_CHECK_EQUAL(last_revision(), 15); // not the header's
  progress(20);
  CAF_CHECK_EQUAL(last_revision(), 15);
  progress(22);
  CAF_CHECK_EQUAL(last_revision(), 20);
  progress(22);
  CAF_CHECK_EQUAL(last_revision(), 22);
}

CAF_TEST(changes of the revision before the first are left out) {
  created();
  put(10, 12);
  CAF_CHECK(events.empty());
  put(11, 12);
  CAF_REQUIRE_EQUAL(events.size(), 1u);
  CAF_CHECK(events[0].what == kind::changes && events[0].changes.size() == 1);
}

CAF_TEST(silence ends it once) {
  now += 499ms;
  stream.check(now, events);
  CAF_CHECK(events.empty());
  created();
  now += 2999ms;
  stream.check(now, events);
  CAF_CHECK(events.empty());
  take("{"); // any byte is a sign of life
  now += 3s;
  stream.check(now, events);
  CAF_REQUIRE_EQUAL(events.size(), 1u);
  CAF_CHECK(events[0].what == kind::ended && events[0].error == etcd_error::unavailable);
  CAF_CHECK(stream.over());
  stream.check(now + 10s, events);
  progress(12);
  CAF_CHECK_EQUAL(events.size(), 1u);
}

CAF_TEST(a watch that is never created ends) {
  now += 500ms;
  stream.check(now, events);
  CAF_REQUIRE_EQUAL(events.size(), 1u);
  CAF_CHECK(events[0].error == etcd_error::unavailable);
}

CAF_TEST(a line that does not end is given up by its age) {
  created();
  for (int i = 0; i < 40 && !stream.over(); ++i) {
    take("x");
    now += 1s;
    stream.check(now, events);
  }
  CAF_REQUIRE(stream.over());
  CAF_CHECK(events.back().error == etcd_error::unusable);
}

CAF_TEST(and by its length) {
  created();
  const std::string piece(1u << 20, 'x');
  for (int i = 0; i < 65 && !stream.over(); ++i) take(piece);
  CAF_REQUIRE(stream.over());
  CAF_CHECK(events.back().error == etcd_error::unusable);
}

CAF_TEST(a cancelled watch ends though its stream stays open and lines after that count no more) {
  created();
  take("{\"result\":{\"canceled\":true,\"compact_revision\":\"9\"}}\n{\"result\":{\"watch_id\":\"-1\"}}\n");
  CAF_REQUIRE_EQUAL(events.size(), 1u);
  CAF_CHECK(events[0].what == kind::ended && events[0].error == etcd_error::compacted);
}

CAF_TEST(garbage ends it) {
  created();
  take("garbage\n");
  CAF_REQUIRE_EQUAL(events.size(), 1u);
  CAF_CHECK(events[0].error == etcd_error::unusable);
}

CAF_TEST_FIXTURE_SCOPE_END()
