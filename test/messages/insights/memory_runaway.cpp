#define CAF_SUITE messages.insights.memory_runaway
#include "test/support/unit_test.hpp"

#include "memory_ramps.hpp"
#include "messages/insights/memory_runaway.hpp"
#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

#include <memory>

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;
using messages::health_list;
using messages::health_value;
using messages::insights::findings;
using messages::insights::memory_runaway;
using messages::insights::moment;
using json = nlohmann::json;
using strings = std::vector<std::string>;

namespace {

struct fixture {
  messages::insights::memory_runaway_options options;
  std::unique_ptr<memory_runaway> aut;
  moment now{caf::timestamp{} + 20'000 * 24h, std::chrono::steady_clock::time_point{} + 1000h};
  findings found;
  strings apps{"app1", "app2"};
  std::string started = "20260101T040000.000Z";
  messages::polled_by by;

  fixture() {
    options.servers = {"sense1"};
    options.app_name = [](std::string_view id) { return id == "app3" ? "Sales" : ""; };
    start();
  }
  void start() { aut = std::make_unique<memory_runaway>(options); }

  static messages::json_scalar number(double x) { return {messages::scalar_kind::number, std::to_string(x)}; }
  messages::health_sample sample(double part) const {
    messages::health_sample x;
    x.server = "sense1";
    x.by = by;
    x[health_value::mem_committed] = number(part * memory_limit);
    x[health_value::mem_free] = number((1 - part) * memory_limit);
    x[health_value::started] = {messages::scalar_kind::text, started};
    auto& list = x[health_list::in_memory_docs];
    list.present = true;
    for (const auto& id : apps) list.items.push_back({messages::scalar_kind::text, id});
    return x;
  }
  void pass(std::chrono::milliseconds t) {
    now.wall += t;
    now.steady += t;
  }
  void tick() {
    found = {};
    aut->tick(now, found);
  }
  bool poll(double part) {
    pass(30s);
    messages::item_list items;
    items.health.push_back(sample(part));
    aut->observe(items, now);
    tick();
    return !found.alarms.empty();
  }
  json only() const {
    CAF_REQUIRE_EQUAL(found.insights.size(), 1u);
    CAF_CHECK_EQUAL(check_message("butler-sos/" + found.insights[0].topic, found.insights[0].payload, 1), "");
    return json::parse(found.insights[0].payload);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(memory_runaway_tests, fixture)

CAF_TEST(an alarm is raised two polls and more before the limit whatever the growth looks like) {
  size_t ramps = 0, latest = 1000;
  for (const auto& ramp : memory_ramps()) {
    start();
    size_t raised = 0;
    for (size_t i = 0; i < ramp.polls.size() && raised == 0; ++i)
      if (poll(ramp.polls[i])) raised = i + 1;
    const auto before = raised == 0 ? 0 : ramp.polls.size() - raised;
    if (before < 2) CAF_ERROR(ramp.name << ": " << before << " polls before the limit");
    latest = std::min(latest, before);
    ++ramps;
    pass(1h);
  }
  CAF_MESSAGE(ramps << " growths; the latest alarm came " << latest << " polls before the limit");
}

CAF_TEST(a quiet week has no alarm) {
  size_t polls = 0;
  double highest = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    start();
    quiet_engine engine{seed};
    for (int i = 0; i < 7 * 2880; ++i, ++polls) {
      const auto part = engine.next();
      highest = std::max(highest, part);
      if (poll(part)) {
        CAF_ERROR("seed " << seed << ": an alarm at poll " << i << ", with " << part);
        break;
      }
    }
    pass(1h);
  }
  CAF_MESSAGE(polls << " polls, up to " << highest * 100 << " % of the limit");
  CAF_CHECK(highest > 0.8);
}

CAF_TEST(the document says where it is going and which apps were loaded meanwhile) {
  for (int i = 0; i < 20; ++i) poll(0.4);
  apps.push_back("app3");
  for (const double x : {0.5, 0.6, 0.7}) poll(x);
  CAF_CHECK(poll(0.8));
  const auto x = only();
  CAF_CHECK_EQUAL(found.insights[0].topic, "health/sense1/memory");
  CAF_CHECK(!found.insights[0].event);
  CAF_CHECK_EQUAL(x["alarm"], true);
  CAF_CHECK_EQUAL(x["limit"], int64_t{65536} << 20);
  CAF_CHECK_EQUAL(x["used"], 80);
  CAF_CHECK(std::abs(x["exhaustedIn"].get<int>() - 60) <= 1);
  CAF_REQUIRE_EQUAL(x["apps"].size(), 1u);
  CAF_CHECK_EQUAL(x["apps"][0]["name"], "Sales");
  const auto& a = found.alarms.at(0);
  CAF_CHECK_EQUAL(std::string{a.id}, "memory_runaway");
  CAF_CHECK_EQUAL(a.subject, "sense1");
  CAF_CHECK(a.how == messages::insights::alarm::weight::critical);
  CAF_CHECK_EQUAL(
      a.text, "The engine of sense1 has 52429 of 65536 MB and grows by 13107 MB a minute: it will be full "
              "in 60 s. Loaded meanwhile: Sales.");
}

CAF_TEST(it is published when an alarm begins or
         ends and with each poll while it lasts and else now and then) {
  size_t quiet = 0;
  for (int i = 0; i < 20; ++i) {
    poll(0.4);
    quiet += found.insights.size();
  }
  CAF_CHECK_EQUAL(quiet, 10u); // every minute
  for (const double x : {0.5, 0.6, 0.7}) poll(x);
  CAF_CHECK_EQUAL(only()["alarm"], true);
  const auto since = only()["since"];
  double alarms = 0;
  for (const auto& c : found.counts) alarms += c.n;
  CAF_CHECK_EQUAL(alarms, 1);
  poll(0.8);
  CAF_CHECK_EQUAL(only()["since"], since);
  poll(0.5);
  poll(0.5);
  CAF_CHECK_EQUAL(only()["alarm"], true);
  CAF_CHECK(!poll(0.5)); // the third
  CAF_CHECK_EQUAL(only()["alarm"], false);
  CAF_CHECK(!only().contains("since"));
}

CAF_TEST(an engine that is full stays an alarm) {
  for (int i = 0; i < 5; ++i) poll(0.4);
  for (const double x : {0.5, 0.6, 0.7, 0.8, 0.9, 0.98}) poll(x);
  for (int i = 0; i < 50; ++i) CAF_CHECK(poll(0.98));
}

CAF_TEST(a restarted engine has no alarm and one that is not polled any more loses it) {
  for (int i = 0; i < 5; ++i) poll(0.4);
  for (const double x : {0.5, 0.6, 0.7, 0.8}) poll(x);
  started = "20260102T040000.000Z";
  apps = {"app9"};
  for (int i = 0; i < 3; ++i) poll(0.1);
  CAF_CHECK(found.alarms.empty());
  CAF_CHECK_EQUAL(only()["apps"].size(), 0u);
  for (const double x : {0.1, 0.3, 0.5, 0.7}) poll(x);
  CAF_CHECK_EQUAL(found.alarms.size(), 1u);
  pass(299s);
  tick();
  CAF_CHECK_EQUAL(found.alarms.size(), 1u);
  pass(2s);
  tick();
  CAF_CHECK(found.alarms.empty());
  CAF_CHECK_EQUAL(only()["alarm"], false);
  pass(1h);
  tick();
  CAF_CHECK(found.insights.empty());
}

CAF_TEST(a limit of the configuration counts and samples without memory do not ) {
  options.limit = memory_limit / 2;
  start();
  for (const double x : {0.1, 0.1, 0.15, 0.2, 0.25}) CAF_CHECK(!poll(x));
  CAF_CHECK(poll(0.35));
  CAF_CHECK_EQUAL(only()["used"], 70);
  messages::item_list items;
  items.health.push_back(sample(0.4));
  items.health.back()[health_value::mem_committed] = {};
  items.health.push_back(sample(0.4));
  items.health.back()[health_value::mem_committed] = {messages::scalar_kind::text, "much"};
  items.health.push_back(sample(0.4));
  items.health.back().server = "sense2"; // not asked for
  aut->observe(items, now);
  tick();
  CAF_CHECK(found.insights.empty());
}

CAF_TEST(with another owner it begins anew) {
  by = {"n1", 3};
  for (int i = 0; i < 5; ++i) poll(0.4);
  for (const double x : {0.5, 0.6, 0.7}) poll(x);
  by.epoch = 5;
  CAF_CHECK(!poll(0.8));
  CAF_CHECK_EQUAL(only()["epoch"], 5);
  CAF_CHECK_EQUAL(only()["node"], "n1");
}

CAF_TEST(with other settings what is known goes on) {
  for (int i = 0; i < 5; ++i) poll(0.4);
  for (const double x : {0.5, 0.6, 0.7}) poll(x);
  const auto former = std::move(aut);
  start();
  aut->inherit(*former);
  CAF_CHECK(poll(0.8));
  options.servers = {"sense2"};
  const auto last = std::move(aut);
  start();
  aut->inherit(*last);
  tick();
  CAF_CHECK(found.alarms.empty());
}

CAF_TEST(what can be no memory is left out) {
  const auto show = [&](const char* committed, const char* free) {
    auto x = sample(0.5);
    x[health_value::mem_committed].text = committed;
    x[health_value::mem_free].text = free;
    messages::item_list items;
    items.health.push_back(std::move(x));
    aut->observe(items, now);
    tick();
    return found.insights.size();
  };
  CAF_CHECK_EQUAL(show("1e300", "1"), 0u);
  CAF_CHECK_EQUAL(show("100", "1e15"), 0u);
  CAF_CHECK_EQUAL(show("1e11", "1e11"), 1u);
  CAF_CHECK_EQUAL(only()["committed"], 104'857'600'000'000'000);
}

CAF_TEST(names of apps are one line of an alarm and no more) {
  apps = {"app\n1"};
  for (int i = 0; i < 5; ++i) poll(0.4);
  apps = {"app\n1", "app\n2" + std::string(90, 'x'), "app3"};
  options.app_name = [](std::string_view id) {
    return id == "app3" ? "Sa\r\nles" + std::string(999, 's') : "";
  };
  const auto former = std::move(aut);
  start();
  aut->inherit(*former);
  for (const double x : {0.5, 0.6, 0.7}) poll(x);
  CAF_REQUIRE(poll(0.8));
  const auto& text = found.alarms.front().text;
  CAF_CHECK(text.find("Loaded meanwhile: app2xx") != std::string::npos);
  CAF_CHECK(text.find(", Salesss") != std::string::npos);
  CAF_CHECK(text.size() < 400);
}

CAF_TEST_FIXTURE_SCOPE_END()
