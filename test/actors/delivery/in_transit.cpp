#define CAF_SUITE actors.delivery.in_transit
#include "actors/delivery/in_transit.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using actors::in_transit;
using messages::outcome;

namespace {

using settlements = std::vector<messages::settlement>;
using topics = std::vector<std::string>;

struct fixture {
  in_transit aut;
  in_transit::time now{};

  /// One message a letter, the letter being its topic; capitals go with QoS 0.
  void add(uint64_t id, const std::string& letters, uint64_t arrived_before = 0) {
    messages::publication p;
    for (auto c : letters)
      p.messages.push_back({std::string(1, c), "payload", uint8_t(std::isupper(c) ? 0 : 1), false});
    aut.add({id, messages::shared<messages::publication>{std::move(p)}, 0, arrived_before});
  }
  void send(size_t n) {
    while (n-- > 0) {
      CAF_REQUIRE(aut.next());
      aut.left();
    }
  }
  topics unproven() {
    topics result;
    for (const auto& x : aut.unproven(now))
      result.push_back(x.topic.str() + (x.reason.empty() ? "" : " " + x.reason));
    return result;
  }
};

const messages::message_outcome arrived{outcome::acknowledged}, returned{outcome::returned},
    waiting{outcome::not_sent};

} // namespace

CAF_TEST_FIXTURE_SCOPE(in_transit_tests, fixture)

CAF_TEST(messages leave in order and their publication is settled with the last of them) {
  add(1, "ab");
  add(2, "c");
  CAF_CHECK_EQUAL(aut.next()->message().topic.str(), "a");
  send(3);
  CAF_CHECK(!aut.next());
  aut.acknowledged(2, now);
  CAF_CHECK(aut.take_settled().empty());
  aut.acknowledged(1, now);
  CAF_CHECK((aut.take_settled() == settlements{{1}}));
  CAF_CHECK_EQUAL(aut.on_the_way(), 1u);
}

CAF_TEST(a publication that comes back tells which of its messages have arrived) {
  add(1, "abcd");
  send(3);
  aut.acknowledged(2, now);
  aut.failed(1, now);
  CAF_CHECK((aut.take_settled() ==
             settlements{{1, outcome::returned, {}, {returned, arrived, returned, waiting}}}));
  CAF_CHECK(!aut.next());
  CAF_CHECK_EQUAL(aut.on_the_way(), 0u);
}

CAF_TEST(a refusal belongs to its message and the others count as delivered) {
  add(1, "abc");
  send(2);
  CAF_CHECK_EQUAL(aut.refused(2, "not_authorized", now)->str(), "b");
  aut.acknowledged(1, now);
  aut.refused("too_large");
  CAF_CHECK(
      (aut.take_settled() ==
       settlements{{1,
                    outcome::acknowledged,
                    {},
                    {arrived, {outcome::refused, "not_authorized"}, {outcome::refused, "too_large"}}}}));
}

CAF_TEST(what was acknowledged in an earlier attempt is not sent again) {
  add(1, "abc");
  send(3);
  aut.acknowledged(2, now);
  aut.failed(1, now);
  CAF_CHECK((aut.take_settled() == settlements{{1, outcome::returned, {}, {returned, arrived, returned}}}));
  add(1, "abc", 0b010);
  aut.return_unsent(); // nothing has left this time
  CAF_CHECK((aut.take_settled() == settlements{{1, outcome::not_sent, {}, {waiting, arrived, waiting}}}));
  add(1, "abc", 0b010);
  send(1);
  CAF_CHECK_EQUAL(aut.next()->message().topic.str(), "c");
  send(1);
  CAF_CHECK(!aut.next());
  aut.refused(4, "not_authorized", now);
  aut.refused(5, "not_authorized", now);
  const auto settled = aut.take_settled();
  CAF_REQUIRE_EQUAL(settled.size(), 1u);
  CAF_CHECK(settled[0].result == outcome::acknowledged); // one of its topics took it
}

CAF_TEST(what was only written does not count as acknowledged) {
  add(1, "Ab");
  send(2);
  aut.acknowledged(1, now);
  aut.acknowledged(2, now);
  CAF_CHECK((aut.take_settled() == settlements{{1, outcome::written, {}, {{outcome::written}, arrived}}}));
  aut.connected(0); // and so does what the broker takes with QoS 0 only
  add(2, "b");
  send(1);
  aut.acknowledged(3, now);
  CAF_CHECK((aut.take_settled() == settlements{{2, outcome::written}}));
}

CAF_TEST(what is proven is not why the connection ends) {
  add(1, "ABc");
  send(3);
  aut.acknowledged(1, now);
  aut.acknowledged(2, now);
  aut.proven(1);
  CAF_CHECK((unproven() == topics{"B", "c"}));
  aut.connected(2, false);
  add(2, "d");
  send(1);
  aut.acknowledged(4, now);
  CAF_CHECK((unproven() == topics{"c", "d"}));
  aut.proven(4);
  CAF_CHECK((unproven() == topics{"c"}));
}

CAF_TEST(what ends after its publication is settled does not count) {
  add(1, "ab");
  send(2);
  aut.failed(1, now);
  aut.take_settled();
  add(1, "ab");
  send(2);
  aut.acknowledged(2, now);
  aut.acknowledged(1, now);
  CAF_CHECK(!aut.refused(2, "late", now));
  CAF_CHECK(aut.take_settled().empty());
  CAF_CHECK_EQUAL(aut.on_the_way(), 2u);
}

CAF_TEST(what has not left goes back or waits in its old place) {
  add(1, "ab");
  add(2, "c");
  add(3, "d");
  send(3);
  aut.unsent(3);
  aut.unsent(2);
  aut.return_unsent();
  CAF_CHECK((aut.take_settled() == settlements{{2, outcome::not_sent}, {3, outcome::not_sent}}));
  CAF_CHECK_EQUAL(aut.next()->message().topic.str(), "b");
}

CAF_TEST(a connection may have ended over what was sent after all that was acknowledged) {
  add(1, "abCdEf");
  send(6);
  aut.acknowledged(3, now); // written
  aut.acknowledged(1, now);
  aut.acknowledged(5, now); // written
  CAF_CHECK((unproven() == topics{"b", "C", "d", "E", "f"}));
  aut.acknowledged(4, now);
  CAF_CHECK((unproven() == topics{"b", "E", "f"}));
  aut.failed(6, now);
  CAF_CHECK((unproven() == topics{"b", "E", "f"}));
  aut.connected(2);
  CAF_CHECK(unproven().empty());
}

CAF_TEST(a message that was refused at the end is to blame first) {
  add(1, "ab");
  add(2, "c");
  send(3);
  aut.refused(1, "not_authorized", now);
  CAF_CHECK((unproven() == topics{"a not_authorized", "b", "c"}));
  aut.acknowledged(2, now); // the broker goes on
  CAF_CHECK((unproven() == topics{"c"}));
}

CAF_TEST(what was written long before the end is not to blame) {
  add(1, "A");
  send(1);
  aut.acknowledged(1, now);
  now += 5s;
  CAF_CHECK(unproven().empty());
}

CAF_TEST(over a connection without acknowledgements nothing is proven and little is remembered) {
  aut.connected(0);
  add(1, std::string(1000, 'a'));
  send(1000);
  for (uint64_t i = 1; i <= 1000; ++i) aut.acknowledged(i, now);
  CAF_CHECK_EQUAL(aut.unproven(now).size(), 256u);
  CAF_CHECK_EQUAL(int(aut.unproven(now).front().qos), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
