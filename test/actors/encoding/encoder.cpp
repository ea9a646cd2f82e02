#define CAF_SUITE actors.encoding.encoder
#include "actors/encoding/encoder.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace actors;
using messages::item_class;

namespace {

struct fixture : test::actor_fixture {
  std::shared_ptr<encoder_options> options = std::make_shared<encoder_options>();
  std::shared_ptr<app_table> apps = std::make_shared<app_table>();
  encoder_actor aut;

  std::shared_ptr<encoder_rules> rules = std::make_shared<encoder_rules>();

  void start() {
    rules->store(*options);
    aut = named(names::encoder(0), sys.spawn(encoder, "encoder-1", rules, apps));
  }

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
    messages::item_batch x;
    x.id = {3, 4};
    x.settled_below = 2;
    x.items = messages::shared<messages::item_list>{std::move(items)};
    return x;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(encoder_tests, fixture)

CAF_TEST(every item of a batch is in the answer as a publication or as ended) {
  options->user_events.exclude.add("LAB", "excluded");
  options->user_events.topics = {{{"all", false}, ""}, {{"start", false}, "Start session"}};
  options->health.base_topic = "base/";
  start();
  auto out = ask<messages::encoded_batch>(aut, batch());
  CAF_CHECK((out.id == messages::batch_id{3, 4}));
  CAF_CHECK_EQUAL(out.settled_below, 2u);
  CAF_REQUIRE_EQUAL(out.publications.size(), 5u);
  CAF_CHECK_EQUAL(out.publications[0]->origin.str(), "sense1");
  CAF_CHECK_EQUAL(out.publications[1]->origin.str(), "host");
  CAF_CHECK_EQUAL(out.publications[1]->messages.size(), 2u);
  CAF_CHECK(out.publications[3]->cls == item_class::availability);
  CAF_CHECK(out.publications[4]->cls == item_class::server_event);
  // One payload, not copied.
  CAF_CHECK(out.publications[1]->messages[0].payload.pointer() ==
            out.publications[1]->messages[1].payload.pointer());
  CAF_REQUIRE_EQUAL(out.ended.size(), 1u);
  CAF_CHECK(
      (out.ended[0] == messages::ended_items{item_class::user_event, "host", true, "excluded_user", 2}));
}

CAF_TEST(the table of app names is the one of the moment) {
  options->user_events.topics = {{{"all", false}, ""}};
  start();
  messages::app_names names;
  names.add("2933711d-6638-41d4-a2d2-6dd2d965208b", "Sales");
  apps->store(std::move(names));
  auto x = batch();
  auto items = *x.items;
  items.user_events[0].context = "/app/2933711d-6638-41d4-a2d2-6dd2d965208b";
  x.items = messages::shared<messages::item_list>{std::move(items)};
  auto out = ask<messages::encoded_batch>(aut, x);
  auto payload = out.publications[1]->messages[0].payload.str();
  CAF_CHECK(payload.find(R"("appName":"Sales")") != std::string::npos);
  options->app_names = false;
  rules->store(*options);
  auto after = ask<messages::encoded_batch>(aut, x).publications[1]->messages[0].payload.str();
  CAF_CHECK(after.find("Sales") == std::string::npos);
}

CAF_TEST(the rules are those of the moment) {
  options->user_events.topics = {{{"before", false}, ""}};
  start();
  auto topic = [&]() -> std::string {
    return ask<messages::encoded_batch>(aut, batch()).publications[1]->messages[0].topic.str();
  };
  auto before = topic();
  CAF_CHECK_EQUAL(before, "before");
  options->user_events.topics = {{{"after", false}, ""}};
  rules->store(*options);
  auto after = topic();
  CAF_CHECK_EQUAL(after, "after");
}

CAF_TEST_FIXTURE_SCOPE_END()
