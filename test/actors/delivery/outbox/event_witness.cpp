#define CAF_SUITE actors.delivery.outbox.event_witness
#include "test/actors/delivery/outbox/store.hpp"

#include "actors/delivery/outbox/event_witness.hpp"

#include <set>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fake_witness : actors::event_witness {
  void settled(const messages::shared_text& event, bool published) override {
    told += event.str() + (published ? "+ " : "- ");
    settled_at.push_back(told_at);
  }
  void ended(const messages::event_id& event) override { told += to_text(event) + "! "; }
  void lost_some() override { told += "lost "; }
  bool published_elsewhere(const messages::shared_text& event) override {
    return elsewhere.erase(event.str()) > 0;
  }
  void broker(bool connected, time_point now) override {
    reachable = connected;
    told_at = now;
  }
  bool may_send(time_point) override { return allowed; }

  std::string told;
  std::set<std::string> elsewhere;
  bool reachable = false;
  bool allowed = true;
  time_point told_at{};
  std::vector<time_point> settled_at;
};

struct fixture : store_fixture {
  std::shared_ptr<fake_witness> witness = std::make_shared<fake_witness>();

  fixture() { options.events = witness; }
  void put_shared(store& s, const std::string& id, uint32_t expiry_s = 0) {
    auto x = publication(item_class::user_event, "a", id);
    x.from.event = id;
    x.messages[0].expiry_s = expiry_s;
    put(s, std::move(x));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_witness_tests, fixture)

CAF_TEST(the witness hears of the end of events that have an id) {
  store aut{*this};
  put_shared(aut, "1");
  put_shared(aut, "2");
  put_event(aut, "3");
  CAF_CHECK(!witness->reachable);
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK(witness->reachable);
  const auto sent = aut.take(0);
  CAF_REQUIRE_EQUAL(sent.size(), 3u);
  aut.settle(0, settle_all({sent[0]}, outcome::acknowledged));
  aut.settle(0, settle_all({sent[1]}, outcome::refused));
  aut.settle(0, settle_all({sent[2]}, outcome::acknowledged));
  CAF_CHECK_EQUAL(witness->told, "1+ 2- ");
  aut.publisher_died(0);
  CAF_CHECK(!witness->reachable);
}

CAF_TEST(an event whose time is over is over for all nodes) {
  store aut{*this};
  put_shared(aut, "1", 10);
  pass(11s);
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK(aut.take(0).empty());
  CAF_CHECK_EQUAL(witness->told, "1+ ");
}

CAF_TEST(the witness knows what time it is when an event ends) {
  store aut{*this};
  put_shared(aut, "1");
  aut.publisher_here(0, true, 10, {});
  const auto sent = aut.take(0);
  pass(5s);
  aut.settle(0, settle_all(sent, outcome::acknowledged));
  CAF_REQUIRE_EQUAL(witness->settled_at.size(), 1u);
  CAF_CHECK(witness->settled_at[0] == now);
}

CAF_TEST(what ended in the encoder is told once) {
  store aut{*this};
  messages::encoded_batch x;
  x.id = {1, 1};
  x.ended_events = {{255, 1}};
  CAF_CHECK(aut.accept(x));
  CAF_CHECK(aut.accept(x));
  CAF_CHECK_EQUAL(witness->told, "00000000000000ff-1! ");
}

CAF_TEST(what another node has published is filtered before it is sent) {
  store aut{*this};
  for (const auto* id : {"1", "2", "3"}) put_shared(aut, id);
  witness->elsewhere = {"1", "3"};
  aut.publisher_here(0, true, 10, {});
  const auto sent = aut.take(0);
  CAF_CHECK_EQUAL(payloads(sent), (strings{"2"}));
  CAF_CHECK_EQUAL(line(item_class::user_event).filtered["published_by_another_node"], 2u);
  CAF_CHECK_EQUAL(witness->told, "");
  aut.settle(0, settle_all(sent, outcome::acknowledged));
  CAF_CHECK(line(item_class::user_event).at_rest());
  CAF_CHECK_EQUAL(aut.bytes(), 0u);
}

CAF_TEST(a backlog waits while it is not known what others have published) {
  store aut{*this};
  put_shared(aut, "1");
  std::string other = "b";
  while (messages::lane_of(other, store::lane_count) == messages::lane_of("a", store::lane_count))
    other += "b";
  put_event(aut, "2", other);
  put(aut, publication(item_class::health, "a", "state"));
  witness->allowed = false;
  aut.publisher_here(0, true, 10, {});
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"state", "2"}));
  witness->allowed = true;
  CAF_CHECK_EQUAL(payloads(aut.take(0)), (strings{"1"}));
}

CAF_TEST(what came back over a lost connection is looked at again) {
  store aut{*this};
  put_shared(aut, "1");
  aut.publisher_here(0, true, 10, {});
  aut.settle(0, settle_all(aut.take(0), outcome::returned));
  witness->elsewhere = {"1"};
  pass(5s);
  CAF_CHECK(aut.take(0).empty());
  CAF_CHECK_EQUAL(line(item_class::user_event).filtered["published_by_another_node"], 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
