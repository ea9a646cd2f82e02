#define CAF_SUITE actors.delivery.affected_topics
#include "test/support/unit_test.hpp"

#include "actors/delivery/affected_topics.hpp"

#include "test/support/mqtt_publisher.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using actors::affected_topics;
using strings = std::vector<std::string>;
using test::contains;

namespace {

struct fixture {
  affected_topics aut{1min};
  affected_topics::time_point now{1h};

  static actors::carried_message message(std::string topic, size_t bytes = 100) {
    return {messages::item_class::user_event, std::move(topic), bytes, 1};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(affected_topics_tests, fixture)

CAF_TEST(all topics of a cause are named in one line) {
  for (auto topic : {"sense1/b", "sense2/b", "sense1/b"}) aut.refused("not_authorized", message(topic));
  CAF_CHECK_EQUAL(aut.take(now),
                  strings{"3 messages were refused (not_authorized). Topics: sense1/b, sense2/b."});
  CAF_CHECK(aut.take(now).empty());
}

CAF_TEST(topics that are new do not bring those that are known into the log again) {
  aut.refused("not_authorized", message("a"));
  aut.take(now);
  now += 10s;
  for (auto topic : {"a", "b"}) aut.refused("not_authorized", message(topic));
  CAF_CHECK_EQUAL(aut.take(now), strings{"1 message was refused (not_authorized). Topic: b."});
}

CAF_TEST(topics that follow are named soon and those that are known a minute later) {
  aut.refused("not_authorized", message("a"));
  CAF_CHECK_EQUAL(aut.take(now), strings{"1 message was refused (not_authorized). Topic: a."});
  aut.refused("not_authorized", message("b"));
  now += 9s;
  CAF_CHECK(aut.take(now).empty());
  now += 1s;
  CAF_CHECK_EQUAL(aut.take(now), strings{"1 message was refused (not_authorized). Topic: b."});
  for (auto topic : {"a", "b"}) aut.refused("not_authorized", message(topic));
  now += 49s;
  CAF_CHECK(aut.take(now).empty());
  now += 1s;
  CAF_CHECK_EQUAL(aut.take(now), strings{"2 messages were refused (not_authorized). Topics: a, b."});
}

CAF_TEST(each cause has its lines) {
  aut.refused("not_authorized", message("a"));
  aut.postponed("quota_exceeded", message("b"));
  CAF_CHECK_EQUAL(aut.take(now).size(), 2u);
  aut.refused("topic_name_invalid", message("c"));
  CAF_CHECK_EQUAL(aut.take(now).size(), 1u);
}

CAF_TEST(what is too large is told with its size and the limit) {
  aut.refused("too_large", message("a", 300), 200);
  aut.refused("too_large", message("a", 400), 200);
  const auto lines = aut.take(now);
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK(contains(lines[0], "400 bytes"));
  CAF_CHECK(contains(lines[0], "200 at most"));
}

CAF_TEST(memory and lines are bounded however many topics there are) {
  for (int i = 0; i < 10'000; ++i)
    aut.refused("not_authorized", message(std::to_string(i) + std::string(1000, 'x')));
  const auto lines = aut.take(now);
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK(lines[0].size() < 5000);
  CAF_CHECK(contains(lines[0], "20 messages"));
  now += 60s;
  std::string more;
  for (const auto& x : aut.take(now)) more += x;
  CAF_CHECK(more.size() < 5000);
  CAF_CHECK(contains(more, "9980 messages"));
  CAF_CHECK(contains(more, "and others"));
  int said = 0;
  for (int i = 0; i < 3600; ++i, now += 1s) {
    aut.refused("not_authorized", message("t" + std::to_string(i)));
    said += static_cast<int>(aut.take(now).size());
  }
  CAF_CHECK(said < 100); // in an hour
}

CAF_TEST(at the end nothing is kept back) {
  aut.refused("not_authorized", message("a"));
  aut.take(now);
  aut.refused("not_authorized", message("b"));
  CAF_CHECK_EQUAL(aut.take_all().size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
