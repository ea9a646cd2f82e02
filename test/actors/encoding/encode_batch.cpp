#define CAF_SUITE actors.encoding.encode_batch
#include "test/support/unit_test.hpp"

#include "actors/encoding/encode_batch.hpp"

using namespace senseflow;
using namespace actors;
using messages::item_class;

namespace {

struct fixture {
  encoding_options options;
  messages::app_names apps;

  messages::encoded_batch encoded(const messages::item_batch& x) { return encode(x, options, apps); }

  static messages::item_batch batch() {
    messages::item_list items;
    for (auto id : {"goran", "excluded", "anna", "excluded"}) {
      messages::user_event e;
      e.host = "host";
      e.command = "Start session";
      e.user_directory = "LAB";
      e.user_id = id;
      items.user_events.push_back(std::move(e));
    }
    messages::health_sample h;
    h.server = "sense1";
    h.host = "192.0.2.1";
    h[messages::health_value::version] = {messages::scalar_kind::text, "12"};
    items.health.push_back(std::move(h));
    messages::availability_sample a;
    a.server = "sense1";
    items.availability.push_back(a);
    messages::server_event restart;
    restart.server = "sense1";
    items.server_events.push_back(restart);
    items.insights.push_back({messages::insight_kind::storm, true, "host", "storms/host", "{}", {}});
    messages::item_batch x;
    x.id = {3, 4};
    x.items = messages::shared<messages::item_list>{std::move(items)};
    return x;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(encode_batch_tests, fixture)

CAF_TEST(every item of a batch is in the answer as a publication or as ended) {
  options.user_events.exclude.add("LAB", "excluded");
  options.user_events.topics = {{{"all", false}, ""}, {{"start", false}, "Start session"}};
  options.health.base_topic = "base/";
  auto out = encoded(batch());
  CAF_CHECK((out.id == messages::batch_id{3, 4}));
  CAF_REQUIRE_EQUAL(out.publications.size(), 6u);
  CAF_CHECK_EQUAL(out.publications[0]->origin.str(), "sense1");
  CAF_CHECK_EQUAL(out.publications[1]->origin.str(), "host");
  CAF_CHECK_EQUAL(out.publications[1]->messages.size(), 2u);
  CAF_CHECK(out.publications[3]->cls == item_class::availability);
  CAF_CHECK(out.publications[4]->cls == item_class::server_event);
  CAF_CHECK(out.publications[5]->cls == item_class::insight_event);
  // One payload, not copied.
  CAF_CHECK(out.publications[1]->messages[0].payload.pointer() ==
            out.publications[1]->messages[1].payload.pointer());
  CAF_REQUIRE_EQUAL(out.ended.size(), 1u);
  CAF_CHECK(
      (out.ended[0] == messages::ended_items{item_class::user_event, "host", true, "excluded_user", 2}));
}

CAF_TEST(app names come from the table unless they are switched off) {
  options.user_events.topics = {{{"all", false}, ""}};
  apps.add("2933711d-6638-41d4-a2d2-6dd2d965208b", "Sales");
  auto x = batch();
  auto items = *x.items;
  items.user_events[0].context = "/app/2933711d-6638-41d4-a2d2-6dd2d965208b";
  x.items = messages::shared<messages::item_list>{std::move(items)};
  auto out = encoded(x);
  auto payload = out.publications[1]->messages[0].payload.str();
  CAF_CHECK(payload.find(R"("appName":"Sales")") != std::string::npos);
  options.app_names = false;
  auto after = encoded(x).publications[1]->messages[0].payload.str();
  CAF_CHECK(after.find("Sales") == std::string::npos);
}

CAF_TEST(events with an id carry it with the name of the node and those that ended are told) {
  options.node = "node1";
  options.user_events.exclude.add("LAB", "excluded");
  options.user_events.topics = {{{"named", false}, ""}, {{"documented", true}, ""}};
  auto x = batch();
  messages::item_list items = *x.items;
  uint64_t hash = 9;
  for (auto& e : items.user_events) e.id = {++hash, 1};
  items.user_events[2].id = {};
  x.items = messages::shared<messages::item_list>{std::move(items)};
  const auto out = encoded(x);
  CAF_REQUIRE_EQUAL(out.ended_events.size(), 2u);
  CAF_CHECK(out.ended_events[0] == messages::event_id({11, 1}));
  CAF_CHECK(out.ended_events[1] == messages::event_id({13, 1}));
  size_t with = 0;
  for (const auto& p : out.publications) {
    if (p->cls != item_class::user_event) continue;
    const auto documented = p->messages[1].payload.str();
    CAF_CHECK(p->messages[0].payload.str().find("eventId") == std::string::npos);
    if (p->from.empty()) {
      CAF_CHECK(documented.find("eventId") == std::string::npos);
      continue;
    }
    ++with;
    CAF_CHECK_EQUAL(p->from.node.str(), "node1");
    CAF_CHECK_EQUAL(p->from.event.str(), "000000000000000a-1");
    CAF_CHECK(documented.find("\"eventId\":\"000000000000000a-1\"}") != std::string::npos);
  }
  CAF_CHECK_EQUAL(with, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
