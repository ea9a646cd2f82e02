#define CAF_SUITE actors.delivery.topic_quarantine
#include "test/support/unit_test.hpp"

#include "actors/delivery/topic_quarantine.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using actors::topic_quarantine;
using messages::item_class;
using message = actors::carried_message;

namespace {

struct fixture {
  topic_quarantine aut;
  topic_quarantine::time_point now{1h};

  static message event(std::string topic, size_t bytes = 100) {
    return {item_class::user_event, std::move(topic), bytes, 1};
  }
  static message health(std::string topic) { return {item_class::health, std::move(topic), 10, 1}; }

  std::optional<topic_quarantine::finding> end(const std::vector<message>& over) {
    return aut.connection_ended(over, now);
  }
  /// Twice over these, which makes them suspects.
  void suspect(const std::vector<message>& xs) {
    end(xs);
    end(xs);
  }
  /// The connection ends over it alone, as often as it takes.
  std::optional<topic_quarantine::finding> close_over(const message& x) {
    suspect({x, event("innocent")});
    aut.got_through(event("innocent"));
    for (int i = 0; i < 3; ++i)
      if (auto found = end({x})) return found;
    return std::nullopt;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(topic_quarantine_tests, fixture)

CAF_TEST(as long as connections last nothing is kept) {
  CAF_CHECK(!aut.active());
  CAF_CHECK(!aut.any_suspected(now));
  CAF_CHECK(!aut.set_aside(event("a"), now));
}

CAF_TEST(an end over several messages asks for care until each of them got through) {
  suspect({event("a"), event("b")});
  CAF_CHECK(aut.any_suspected(now));
  CAF_CHECK(!aut.set_aside(event("a"), now));
  aut.got_through(event("a"));
  CAF_CHECK(aut.any_suspected(now));
  aut.got_through(event("b"));
  CAF_CHECK(!aut.any_suspected(now));
  now += 60s;
  CAF_CHECK(!aut.any_suspected(now));
  CAF_CHECK(!aut.active());
}

CAF_TEST(a topic over which connections end alone is set aside and others are not ) {
  auto found = close_over(event("bad"));
  CAF_REQUIRE(found);
  CAF_CHECK_EQUAL(found->what.topic.str(), "bad");
  CAF_CHECK(found->kind.empty());
  CAF_CHECK(found->pause == 60s);
  CAF_CHECK(aut.set_aside(event("bad"), now));
  CAF_CHECK(!aut.set_aside(event("innocent"), now));
}

CAF_TEST(two ends alone are no proof) {
  suspect({event("a"), event("b")});
  end({event("a")});
  end({event("a")});
  CAF_CHECK(!aut.set_aside(event("a"), now));
  CAF_CHECK(aut.any_suspected(now));
}

CAF_TEST(where nothing else gets through a topic of events takes more ends and one of state does not ) {
  suspect({event("a"), event("b"), health("c")});
  for (int i = 0; i < 2; ++i) CAF_CHECK(!end({health("c")}));
  CAF_CHECK(end({health("c")}));
  for (int i = 0; i < 7; ++i) CAF_CHECK(!end({event("a")}));
  CAF_CHECK(end({event("a")}));
  for (int i = 0; i < 3; ++i) CAF_CHECK(!end({event("b")}));
  aut.others_got_through();
  CAF_CHECK(end({event("b")}));
}

CAF_TEST(ends over nothing acquit whoever was suspected) {
  suspect({event("a"), event("b")});
  end({event("a")});
  end({event("a")});
  end({});
  CAF_CHECK(!end({event("a")}));
  CAF_CHECK(!aut.set_aside(event("a"), now));
}

CAF_TEST(a refusal that is followed by the end is proof enough) {
  auto refused = event("bad");
  refused.reason = "not_authorized";
  auto found = end({refused, event("a"), event("b")});
  CAF_REQUIRE(found);
  CAF_CHECK_EQUAL(found->what.topic.str(), "bad");
  CAF_CHECK(!aut.any_suspected(now));
}

CAF_TEST(one end makes no suspects and a second one over the same topic does) {
  CAF_CHECK(!end({event("a"), event("b")}));
  CAF_CHECK(!aut.active());
  CAF_CHECK(!end({event("c")}));
  CAF_CHECK(!aut.active());
  CAF_CHECK(!end({event("d"), event("c")}));
  CAF_CHECK(aut.any_suspected(now));
}

CAF_TEST(a topic over which connections end for another reason each time is found if others get through) {
  const auto end_doubtfully = [&](const std::vector<message>& over) {
    return aut.connection_ended(over, now, true);
  };
  end_doubtfully({event("bad"), event("a")});
  end_doubtfully({event("bad"), event("b")});
  CAF_CHECK(!aut.any_suspected(now)); // it may be what the peer says
  end_doubtfully({event("bad"), event("c")});
  CAF_CHECK(aut.suspected(event("bad"), now));
  for (int i = 0; i < 5; ++i) CAF_CHECK(!end_doubtfully({event("bad")})); // nothing gets through
  aut.got_through(event("c"));
  const auto found = end_doubtfully({event("bad")});
  CAF_REQUIRE(found);
  CAF_CHECK_EQUAL(found->what.topic.str(), "bad");
  now += 60s;
  CAF_CHECK(!aut.set_aside(event("bad"), now));
  CAF_CHECK(end_doubtfully({event("bad")})); // known already
}

CAF_TEST(a refusal before an end for another reason is no proof) {
  auto refused = event("a");
  refused.reason = "not_authorized";
  CAF_CHECK(!aut.connection_ended({refused}, now, true));
  CAF_CHECK(!aut.set_aside(event("a"), now));
}

CAF_TEST(a broker that goes away under load costs care and nothing else) {
  for (int i = 0; i < 100; ++i) {
    suspect({event("a"), event("b")});
    CAF_CHECK(aut.any_suspected(now));
    aut.got_through(event("a")); // its messages get through between the ends
    CAF_CHECK(!end({event("a")}));
    aut.got_through(event("a"));
    aut.got_through(event("b"));
    now += 3s;
  }
}

CAF_TEST(a topic is tried again after a time that doubles up to an hour) {
  close_over(event("bad"));
  auto pause = 60s;
  for (int i = 0; i < 10; ++i) {
    now += pause - 1s;
    CAF_CHECK(aut.set_aside(event("bad"), now));
    now += 1s;
    CAF_CHECK(!aut.set_aside(event("bad"), now));
    CAF_CHECK(aut.any_suspected(now));
    auto found = end({event("bad")}); // known already
    CAF_REQUIRE(found);
    pause = std::min<std::chrono::seconds>(2 * pause, 3600s);
    CAF_CHECK(found->pause == pause);
  }
}

CAF_TEST(a topic that gets through again is no longer set aside) {
  close_over(event("bad"));
  now += 60s;
  CAF_CHECK(!aut.set_aside(event("bad"), now));
  aut.got_through(event("bad"));
  CAF_CHECK(!aut.set_aside(event("bad"), now));
  aut.got_through(event("innocent")); // which was suspected too
  now += 60s;
  CAF_CHECK(!aut.any_suspected(now));
  CAF_CHECK(!aut.active());
}

CAF_TEST(where smaller messages of the topic get through only those of the guilty size are set aside) {
  suspect({event("a", 100), event("a", 5000)});
  aut.got_through(event("a", 100));
  suspect({event("a", 5000), event("b")});
  for (int i = 0; i < 2; ++i) CAF_CHECK(!end({event("a", 5000)}));
  CAF_REQUIRE(end({event("a", 5000)}));
  CAF_CHECK(aut.set_aside(event("a", 5000), now));
  CAF_CHECK(aut.set_aside(event("a", 9000), now));
  CAF_CHECK(!aut.set_aside(event("a", 200), now));
}

CAF_TEST(when a smaller message is guilty too it is the topic whatever the size) {
  close_over(event("a", 5000));
  CAF_CHECK(!aut.set_aside(event("a", 200), now));
  suspect({event("a", 200)});
  CAF_REQUIRE(end({event("a", 200)})); // one end alone is enough by now
  CAF_CHECK(aut.set_aside(event("a", 1), now));
}

CAF_TEST(topics of a class that take turns are found as soon as one that is always the first) {
  suspect({health("h/1"), health("h/2"), health("h/3")});
  CAF_CHECK(!end({health("h/1")}));
  CAF_CHECK(!end({health("h/2")}));
  CAF_CHECK(end({health("h/3")}));
  CAF_CHECK(end({health("h/4")}));
  auto found = end({health("h/5")});
  CAF_REQUIRE(found);
  CAF_CHECK(!found->kind.empty());
  CAF_CHECK(!aut.any_suspected(now)); // the other suspects are left out too
  CAF_CHECK(aut.set_aside(health("h/1"), now));
}

CAF_TEST(when several topics of a class are guilty the whole class is set aside) {
  for (auto topic : {"h/1", "h/2"}) close_over(health(topic));
  CAF_CHECK(!aut.set_aside(health("h/4"), now));
  auto found = close_over(health("h/3"));
  CAF_REQUIRE(found);
  CAF_CHECK(!found->kind.empty());
  CAF_CHECK(aut.set_aside(health("h/4"), now));
  CAF_CHECK(!aut.set_aside(event("e"), now));
}

CAF_TEST(topics of a class that got through stay) {
  suspect({health("good"), health("h/1")});
  aut.got_through(health("good"));
  for (auto topic : {"h/1", "h/2", "h/3"}) close_over(health(topic));
  CAF_CHECK(aut.set_aside(health("h/4"), now));
  CAF_CHECK(!aut.set_aside(health("good"), now));
}

CAF_TEST(a class is tried again with one topic at a time) {
  for (auto topic : {"h/1", "h/2", "h/3"}) close_over(health(topic));
  now += 60s;
  CAF_CHECK(!aut.set_aside(health("h/4"), now));
  CAF_CHECK(aut.any_suspected(now));
  CAF_CHECK(aut.set_aside(health("h/5"), now));
  aut.got_through(health("h/4"));
  CAF_CHECK(!aut.set_aside(health("h/5"), now));
}

CAF_TEST(memory is bounded however many topics there are) {
  for (int i = 0; i < 30'000; ++i) close_over(event("t" + std::to_string(i)));
  CAF_CHECK(aut.active());
  size_t known = 0;
  for (int i = 0; i < 30'000; ++i) known += aut.set_aside(health("t" + std::to_string(i)), now);
  CAF_CHECK(known <= 10'000);
}

CAF_TEST(a suspect that does not come again is forgotten) {
  suspect({event("a"), event("b")});
  now += 60s;
  CAF_CHECK(!aut.any_suspected(now));
  CAF_CHECK(!aut.active());
}

CAF_TEST(what the node tells others of itself is a kind of its own) {
  const auto node = [](const std::string& topic) { return message{item_class::node, topic, 10, 1}; };
  for (const std::string site : {"", "site/"}) { // with a level in common
    for (int i = 0; i < 2; ++i)
      close_over(node(site + "homeassistant/device/" + std::to_string(i) + "/config"));
    const auto found = close_over(node(site + "homeassistant/device/2/config"));
    CAF_REQUIRE(found);
    CAF_CHECK_EQUAL(found->kind, "node below " + site + "homeassistant/device/");
    CAF_CHECK(found->line().find("all topics of class " + found->kind + " are left out") !=
              std::string::npos);
    CAF_CHECK(aut.set_aside(node(site + "homeassistant/device/3/config"), now));
    CAF_CHECK(!aut.set_aside(node(site + "butler-sos/senseflow/n1/ledger"), now));
    CAF_CHECK(!aut.set_aside(node("senseflow/n1/ledger"), now));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
