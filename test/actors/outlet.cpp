#define CAF_SUITE actors.outlet
#include "test/support/unit_test.hpp"

#include "actors/outlet.hpp"

#include <algorithm>

using namespace senseflow;
using actors::outlet;

namespace {

messages::user_event event(std::string host, std::string message) {
  messages::user_event x;
  x.host = std::move(host);
  x.message = std::move(message);
  return x;
}

std::vector<std::string> texts(const messages::item_batch& batch) {
  std::vector<std::string> result;
  for (const auto& x : batch.items->user_events) result.push_back(x.message);
  return result;
}

using strings = std::vector<std::string>;

} // namespace

CAF_TEST(nothing leaves without demand) {
  outlet aut{1, 100};
  aut.push(event("a", "1"));
  CAF_CHECK(!aut.next());
  CAF_CHECK_EQUAL(aut.waiting(), 1u);
  aut.grant(1);
  CAF_CHECK(aut.next());
  CAF_CHECK(!aut.next());
}

CAF_TEST(a batch is as large as what waits but not larger than the grant or the limit) {
  outlet aut{1, 3};
  for (int i = 1; i <= 8; ++i) aut.push(event("a", std::to_string(i)));
  aut.grant(5);
  CAF_CHECK_EQUAL(texts(*aut.next()), (strings{"1", "2", "3"}));
  CAF_CHECK_EQUAL(texts(*aut.next()), (strings{"4", "5"}));
  CAF_CHECK(!aut.next());
  CAF_CHECK_EQUAL(aut.waiting(), 3u);
  CAF_CHECK_EQUAL(aut.on_the_way(), 5u);
  aut.grant(100);
  CAF_CHECK_EQUAL(texts(*aut.next()), (strings{"6"}));
  CAF_CHECK_EQUAL(texts(*aut.next()), (strings{"7", "8"}));
}

CAF_TEST(a small grant takes items of all classes in turn) {
  outlet aut{1, 100};
  aut.push(messages::health_sample{});
  aut.push(messages::availability_sample{});
  aut.push(messages::server_event{});
  aut.grant(2);
  auto first = aut.next();
  CAF_CHECK_EQUAL(first->items->health.size(), 1u);
  CAF_CHECK_EQUAL(first->items->availability.size(), 1u);
  CAF_CHECK_EQUAL(first->items->size(), 2u);
  aut.grant(1);
  auto second = aut.next();
  CAF_CHECK_EQUAL(second->items->server_events.size(), 1u);
  CAF_CHECK_EQUAL(aut.waiting(), 0u);
}

CAF_TEST(items of all origins leave in the order in which they came) {
  outlet aut{1, 7};
  for (int i = 0; i < 40; ++i) aut.push(event("host" + std::to_string(i % 5), std::to_string(i)));
  aut.grant(1000);
  std::vector<int> seen;
  while (auto batch = aut.next())
    for (const auto& text : texts(*batch)) seen.push_back(std::stoi(text));
  CAF_CHECK_EQUAL(seen.size(), 40u);
  CAF_CHECK(std::is_sorted(seen.begin(), seen.end()));
}

CAF_TEST(batches have ids that tell the source and count up) {
  outlet aut{7, 1};
  aut.push(event("a", "1"));
  aut.push(event("a", "2"));
  aut.grant(2);
  CAF_CHECK((aut.next()->id == messages::batch_id{7, 1}));
  CAF_CHECK((aut.next()->id == messages::batch_id{7, 2}));
}

CAF_TEST(what was accepted is forgotten) {
  outlet aut{1, 1};
  aut.push(event("a", "1"));
  aut.grant(1);
  auto batch = aut.next();
  CAF_CHECK(!aut.empty());
  aut.accepted(batch->id.number);
  CAF_CHECK(aut.empty());
  aut.accepted(batch->id.number);
  aut.accepted(99);
  CAF_CHECK(aut.empty());
}

CAF_TEST(after the loss of the consumer everything not accepted is sent again under the same ids) {
  outlet aut{1, 1};
  for (int i = 1; i <= 4; ++i) aut.push(event("a", std::to_string(i)));
  aut.grant(3);
  aut.next();
  aut.next();
  aut.next();
  aut.accepted(1);
  aut.consumer_lost();
  CAF_CHECK(!aut.next());
  aut.grant(10);
  auto first = aut.next();
  CAF_CHECK_EQUAL(first->id.number, 2u);
  CAF_CHECK_EQUAL(texts(*first), (strings{"2"}));
  auto second = aut.next();
  CAF_CHECK_EQUAL(second->id.number, 3u);
  auto third = aut.next();
  CAF_CHECK_EQUAL(third->id.number, 4u);
  CAF_CHECK_EQUAL(texts(*third), (strings{"4"}));
  CAF_CHECK(!aut.next());
}

CAF_TEST(what is accepted while it is being sent again is not sent again) {
  outlet aut{1, 1};
  for (int i = 1; i <= 4; ++i) aut.push(event("a", std::to_string(i)));
  aut.grant(4);
  for (int i = 1; i <= 4; ++i) aut.next();
  aut.consumer_lost();
  aut.grant(1);
  CAF_CHECK_EQUAL(texts(*aut.next()), (strings{"1"}));
  aut.accepted(2); // a late answer
  aut.grant(10);
  CAF_CHECK_EQUAL(aut.on_the_way(), 2u);
  CAF_CHECK_EQUAL(texts(*aut.next()), (strings{"3"}));
  CAF_CHECK_EQUAL(texts(*aut.next()), (strings{"4"}));
  CAF_CHECK(!aut.next());
}

CAF_TEST(an accepted batch says the same of all before it) {
  outlet aut{1, 1};
  for (int i = 1; i <= 4; ++i) aut.push(event("a", std::to_string(i)));
  aut.grant(4);
  for (int i = 1; i <= 4; ++i) aut.next();
  aut.accepted(3);
  CAF_CHECK_EQUAL(aut.on_the_way(), 1u);
}

CAF_TEST(what was not accepted can be taken away in order) {
  outlet aut{1, 2};
  for (auto x : {"1", "2", "3", "4", "5"}) aut.push(event("a", x));
  aut.grant(3);
  aut.next();
  aut.next();
  aut.accepted(1);
  auto rest = aut.take_all();
  CAF_REQUIRE_EQUAL(rest.size(), 3u);
  CAF_CHECK_EQUAL(rest[0].id.number, 2u); // as it was sent, so that it can be told from a new one
  CAF_CHECK_EQUAL(texts(rest[0]), (strings{"3"}));
  CAF_CHECK_EQUAL(texts(rest[1]), (strings{"4"}));
  CAF_CHECK_EQUAL(texts(rest[2]), (strings{"5"}));
  CAF_CHECK(aut.empty());
}

CAF_TEST(one that goes on behind another counts its batches on) {
  outlet former{7, 1};
  former.push(event("a", "1"));
  former.grant(1);
  former.next();
  CAF_CHECK((former.last_batch() == messages::batch_id{7, 1}));
  former.accepted(1);
  outlet aut{former.last_batch(), 1};
  aut.accepted(1); // late
  aut.push(event("b", "1"));
  aut.grant(1);
  CAF_CHECK((aut.next()->id == messages::batch_id{7, 2}));
  aut.accepted(2);
  CAF_CHECK(aut.empty());
}
