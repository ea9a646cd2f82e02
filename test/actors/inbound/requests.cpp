#define CAF_SUITE actors.inbound.requests
#include "test/support/unit_test.hpp"

#include "actors/inbound/requests.hpp"
#include "messages/text/iso_time.hpp"
#include "test/support/fake_actors.hpp"
#include "test/support/logged.hpp"
#include "test/support/node_facts.hpp"
#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace senseflow::actors;
using namespace std::chrono_literals;
using messages::heard_message;
using messages::request_command;
using messages::spoken_message;
using nlohmann::json;
namespace logging = senseflow::runtime::log;

namespace {

using said = std::shared_ptr<std::vector<spoken_message>>;
listener_actor::behavior_type fake_listener(listener_actor::pointer, said to) {
  return {answer_ping(),
          crash_on_request(),
          [to](const spoken_message& x) { to->push_back(x); },
          [](wake_atom) { test::unexpected(); },
          [](caf::tick_atom) { test::unexpected(); },
          [](caf::connect_atom) { test::unexpected(); }};
}

using polled = std::shared_ptr<std::vector<std::string>>;

sense_poller_actor::behavior_type fake_poller(sense_poller_actor::pointer, std::string server, polled to) {
  return {answer_ping(),
          crash_on_request(),
          [server, to](poll_atom) { to->push_back(server); },
          [](caf::tick_atom, uint32_t) { test::unexpected(); },
          [](const runtime::http_response&) { test::unexpected(); },
          [](retry_atom) { test::unexpected(); }};
}

again_taker::behavior_type fake_discovery(again_taker::pointer) {
  return {[](again_atom) { return uint64_t{3}; }};
}

struct fixture : test::actor_fixture {
  requests_options options;
  said answers = std::make_shared<std::vector<spoken_message>>();
  std::shared_ptr<requests_estate> own = std::make_shared<requests_estate>();
  std::shared_ptr<test::fake_outbox> outbox = std::make_shared<test::fake_outbox>();
  std::vector<std::function<void(const runtime::reload_fact&)>> reloads;
  /// Looked at until the last actor has ended.
  struct watched {
    runtime::facts now = test::healthy_node();
    runtime::status_keeper keeper;
  };
  std::shared_ptr<watched> node = std::make_shared<watched>();
  requests_actor aut;

  fixture() {
    for (size_t i = 0; i < messages::request_command_count; ++i)
      options.allow.insert(static_cast<request_command>(i));
    options.topics = {"x/senseflow/", "here", "x/senseflow/"};
    options.version = "1.2.3";
    options.started = caf::timestamp{caf::timespan{1'700'000'000'000'000'000}};
    options.level = logging::level::warn;
    options.most_per_second = 1000;
    options.look = [node = node] {
      test::pass(node->now, 1s);
      return node->keeper.add(node->now);
    };
    options.reload = [this](auto done) { reloads.push_back(done); };
    advance_time(1h); // no time is 0
    logging::set_threshold(options.level);
    named(names::listener, sys.spawn(fake_listener, answers));
    named(names::outbox, sys.spawn(test::fake_outbox_actor, outbox));
    start();
  }
  ~fixture() { logging::set_threshold(logging::level::info); }

  void start() {
    aut = named(names::requests, sys.spawn(requests, env, options, own));
    consume_messages();
  }
  void restart() {
    kill(names::requests);
    start();
  }
  int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(sched.clock().now().time_since_epoch())
        .count();
  }
  heard_message request(const std::string& command, const std::string& body = {}) {
    return {"x/senseflow/here/request/" + command, body, false, 1, {}, {}, {}, now_ms()};
  }
  bool send(const heard_message& x) { return ask<caf::ok_atom>(aut, x) == caf::ok_atom_v; }
  /// The answer of this moment.
  json answer_to(const heard_message& x) {
    const auto before = answers->size();
    CAF_CHECK(send(x));
    CAF_REQUIRE_EQUAL(answers->size(), before + 1);
    return last();
  }
  json answer_to(const std::string& command, const std::string& body = {}) {
    return answer_to(request(command, body));
  }
  json last() {
    const auto result = json::parse(answers->back().payload.str());
    CAF_CHECK_EQUAL(test::check_value("response", result), "");
    return result;
  }
  /// "" if it is no error.
  std::string error_of(const std::string& command, const std::string& body = {}) {
    const auto x = answer_to(command, body);
    if (x["status"] == "ok") return {};
    CAF_CHECK_EQUAL(x["data"], json::object());
    return x["error"];
  }
  bool unanswered(const heard_message& x, const std::string& reason) {
    const auto before = answers->size();
    const auto n = env->counters.value("requests_ignored_total", {{"reason", reason}});
    return send(x) && answers->size() == before &&
           env->counters.value("requests_ignored_total", {{"reason", reason}}) == n + 1;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(requests_tests, fixture)

CAF_TEST(a request is answered at its topic with its transaction and is logged) {
  test::logged lines;
  logging::set_threshold(logging::level::info);
  const auto x = answer_to("ping", R"({"transaction":"a\n1"})");
  CAF_CHECK_EQUAL(x["status"], "ok");
  CAF_CHECK_EQUAL(x["transaction"], "a\n1");
  CAF_CHECK_EQUAL(x["data"]["node"], "here");
  CAF_CHECK_EQUAL(x["data"]["version"], "1.2.3");
  CAF_CHECK_EQUAL(x["data"]["started"], "2023-11-14T22:13:20.000Z");
  CAF_CHECK_EQUAL(answers->back().topic, "x/senseflow/here/response/ping");
  CAF_CHECK_EQUAL(answers->back().correlation, "");
  CAF_CHECK_EQUAL(lines.lines(R"(request ping (transaction "a\n1") over MQTT: ok)").size(), 1u);
  CAF_CHECK_EQUAL(env->counters.value("requests_total", {{"command", "ping"}, {"result", "ok"}}), 1);
}

CAF_TEST(a response topic below the prefix and the correlation are used) {
  auto m = request("ping");
  m.response_topic = "x/senseflow/here/response/me";
  m.correlation = "c1";
  CAF_CHECK_EQUAL(answer_to(m)["status"], "ok");
  CAF_CHECK_EQUAL(answers->back().topic, m.response_topic);
  CAF_CHECK_EQUAL(answers->back().correlation, "c1");
}

CAF_TEST(a foreign response topic is refused and nothing is carried out) {
  auto m = request("reload", R"({"transaction":5})");
  m.response_topic = "x/senseflow/other/request/reload";
  const auto x = answer_to(m);
  CAF_CHECK_EQUAL(x["status"], "error");
  CAF_CHECK_EQUAL(x["transaction"], 5);
  CAF_CHECK_EQUAL(answers->back().topic, "x/senseflow/here/response/reload");
  CAF_CHECK(reloads.empty());
}

CAF_TEST(unknown commands and those that are not allowed are refused) {
  CAF_CHECK_EQUAL(error_of("restart"), "unknown command");
  CAF_CHECK_EQUAL(answers->back().topic, "x/senseflow/here/response/restart");
  CAF_CHECK_EQUAL(env->counters.value("requests_total", {{"command", "(unknown)"}, {"result", "error"}}), 1);
  options.allow = {request_command::ping};
  restart();
  CAF_CHECK_EQUAL(error_of("reload"), "not allowed: see requests.allow of the configuration");
  CAF_CHECK(reloads.empty());
  CAF_CHECK_EQUAL(error_of("ping"), "");
  CAF_CHECK_EQUAL(error_of("ping", "{\"a\":"), "the body is no valid JSON");
}

CAF_TEST(retained and old requests are left unanswered) {
  auto m = request("ping");
  m.retained = true;
  CAF_CHECK(unanswered(m, "retained"));
  m = request("ping");
  pass(options.max_age + 1ms);
  CAF_CHECK(unanswered(m, "too_old"));
  CAF_CHECK_EQUAL(error_of("ping"), "");
}

CAF_TEST(more requests than a second may have are left unanswered) {
  options.most_per_second = 3;
  restart();
  for (int i = 0; i < 3; ++i) CAF_CHECK_EQUAL(error_of("ping"), "");
  for (int i = 0; i < 1000; ++i) CAF_CHECK(send(request("ping")));
  CAF_CHECK_EQUAL(answers->size(), 3u);
  CAF_CHECK_EQUAL(env->counters.value("requests_ignored_total", {{"reason", "rate_limit"}}), 1000);
  pass(400ms);
  CAF_CHECK_EQUAL(error_of("ping"), "");
  CAF_CHECK(unanswered(request("ping"), "rate_limit"));
  pass(1h); // which is no credit
  for (int i = 0; i < 3; ++i) CAF_CHECK_EQUAL(error_of("ping"), "");
  CAF_CHECK(unanswered(request("ping"), "rate_limit"));
}

CAF_TEST(the status is that of the status page) {
  const auto x = answer_to("status");
  CAF_CHECK(x["data"].contains("verdict"));
  CAF_CHECK(answers->back().if_too_large.str().find("larger than the broker takes") != std::string::npos);
  options.look = nullptr;
  restart();
  CAF_CHECK_EQUAL(error_of("status"), "the status is not known");
}

CAF_TEST(the node is looked at whether or not somebody asks so that it is known since when what holds) {
  pass(1s);
  node->now.ledger_faults = 1;
  pass(1s);
  const auto then = node->now.at;
  for (int i = 0; i < 1000; ++i) pass(1s);
  CAF_CHECK(node->now.at == then + 1000s);
  CAF_CHECK_EQUAL(answer_to("status")["data"]["verdict"]["since"], messages::iso_time(then));
}

CAF_TEST(a reload is answered when it has ended also by a successor) {
  CAF_CHECK(send(request("reload", R"({"transaction":"r"})")));
  CAF_CHECK(answers->empty());
  CAF_REQUIRE_EQUAL(reloads.size(), 1u);
  CAF_CHECK_EQUAL(error_of("reload"), "another reload is under way");
  CAF_CHECK_EQUAL(answers->size(), 1u);
  restart(); // as a reload may do
  reloads.front()({{}, "applied", "Applied: settings: node."});
  consume_messages();
  CAF_CHECK_EQUAL(last()["transaction"], "r");
  CAF_CHECK_EQUAL(last()["data"]["result"], "applied");
  CAF_CHECK_EQUAL(last()["data"]["text"], "Applied: settings: node.");
  CAF_CHECK(send(request("reload")));
  reloads.back()({{}, "faulty", "line 1 is wrong"});
  consume_messages();
  CAF_CHECK_EQUAL(last()["error"], "line 1 is wrong");
  CAF_CHECK(send(request("reload")));
  reloads.pop_back(); // it never begins
  consume_messages();
  CAF_CHECK_EQUAL(last()["error"], "another reload has taken its place");
  const auto n = answers->size();
  reloads.back()({{}, "unchanged", "a late one, or of SIGHUP"});
  consume_messages();
  CAF_CHECK_EQUAL(answers->size(), n);
}

CAF_TEST(a reload that ends while nobody is there is answered by a successor and the next one can begin) {
  CAF_CHECK(send(request("reload")));
  kill(names::requests);
  reloads.front()({{}, "applied", "Applied: settings: logLevel."});
  start();
  pass(1s);
  CAF_REQUIRE_EQUAL(answers->size(), 1u);
  CAF_CHECK_EQUAL(last()["data"]["result"], "applied");
  CAF_CHECK(send(request("reload")));
  CAF_CHECK_EQUAL(reloads.size(), 2u);
  CAF_MESSAGE("unless that comes when whoever asked has gone");
  kill(names::requests);
  reloads.back()({{}, "applied", "Applied: settings: requests.enable."});
  advance_time(options.patience);
  start();
  pass(1s);
  CAF_CHECK_EQUAL(answers->size(), 1u);
  CAF_CHECK(send(request("reload")));
  CAF_CHECK_EQUAL(reloads.size(), 3u);
}

CAF_TEST(a reload that does not end is answered when its time is up) {
  CAF_CHECK(send(request("reload")));
  pass(options.patience);
  pass(1s);
  CAF_REQUIRE_EQUAL(answers->size(), 1u);
  CAF_CHECK_EQUAL(last()["error"], "the reload has not ended yet");
  CAF_CHECK_EQUAL(error_of("reload"), "another reload is under way"); // it still is
  reloads.front()({{}, "unchanged", "at last"});
  consume_messages();
  CAF_CHECK(send(request("reload")));
  CAF_CHECK_EQUAL(reloads.size(), 2u);
  options.reload = nullptr;
  restart();
  CAF_CHECK_EQUAL(error_of("reload"), "the configuration can't be reloaded");
}

CAF_TEST(the level of the log goes back by itself whatever happens meanwhile) {
  const auto x = answer_to("log-level", R"({"level":"debug","seconds":5})");
  CAF_CHECK_EQUAL(x["data"]["level"], "debug");
  CAF_CHECK_EQUAL(x["data"]["seconds"], 5);
  CAF_CHECK(logging::enabled(logging::level::debug));
  logging::set_threshold(options.level); // a reload does
  pass(1s);
  CAF_CHECK(logging::enabled(logging::level::debug));
  restart();
  pass(1s);
  CAF_CHECK(logging::enabled(logging::level::debug));
  pass(3s);
  pass(1s);
  CAF_CHECK(!logging::enabled(logging::level::info));
  CAF_CHECK(logging::enabled(logging::level::warn));
  CAF_CHECK_EQUAL(error_of("log-level", "debug"), "");
  stop(aut);
  CAF_CHECK(!logging::enabled(logging::level::info));
}

CAF_TEST(whoever commands can not hide it from the log) {
  options.level = logging::level::info;
  restart();
  const test::logged lines;
  logging::set_threshold(options.level);
  const auto told = [&](const std::string& text) { return lines.lines(text).size(); };
  CAF_CHECK_EQUAL(error_of("log-level", R"({"level":"error","transaction":"q"})"), "");
  CAF_CHECK(!logging::enabled(logging::level::warn));
  CAF_CHECK_EQUAL(
      told(
          R"(info: request log-level (level "error", transaction "q") over MQTT: ok, level error for 600 s)"),
      1u);
  CAF_CHECK_EQUAL(error_of("replay", R"({"class":"logevent","count":12})"), "");
  CAF_CHECK_EQUAL(told(R"(info: request replay (class "logevent", count "12") over MQTT: ok, events: 12)"),
                  1u);
  CAF_CHECK_EQUAL(error_of("poll-now", "b"), "this node polls no server of that name");
  CAF_CHECK_EQUAL(told(R"(warn: request poll-now (server "b") over MQTT: this node polls no server)"), 1u);
  auto kept = request("ping");
  kept.retained = true;
  CAF_CHECK(unanswered(kept, "retained"));
  CAF_CHECK_EQUAL(told("warn: request to x/senseflow/here/request/ping ignored: "), 1u);
}

CAF_TEST(a level that tells more than the configured one tells of its own request) {
  const test::logged lines;
  logging::set_threshold(options.level);
  const auto told = [&](const std::string& level) {
    return lines.lines("over MQTT: ok, level " + level + " for 600 s").size();
  };
  CAF_CHECK_EQUAL(error_of("log-level", "debug"), "");
  CAF_CHECK_EQUAL(told("debug"), 1u);
  CAF_CHECK_EQUAL(error_of("log-level", "error"), ""); // up to now there was more
  CAF_CHECK_EQUAL(told("error"), 1u);
  CAF_CHECK_EQUAL(error_of("ping"), "");
  CAF_CHECK_EQUAL(lines.lines("request ping").size(), 0u); // as configured
}

CAF_TEST(a level of the log has a name and an end) {
  CAF_CHECK(error_of("log-level", "loud").find("\"level\" must be") == 0);
  CAF_CHECK(error_of("log-level").find("\"level\" must be") == 0);
  for (const auto* bad : {"0", "3601", "-1", "\"long\""})
    CAF_CHECK(error_of("log-level", std::string{R"({"level":"debug","seconds":)"} + bad + "}")
                  .find("\"seconds\" must be") == 0);
  CAF_CHECK(!logging::enabled(logging::level::info));
}

CAF_TEST(all servers or one are polled now) {
  const auto seen = std::make_shared<std::vector<std::string>>();
  CAF_CHECK_EQUAL(error_of("poll-now"), "this node polls no server");
  for (const auto* name : {"a", "b"})
    named(std::string{"polling/"} + name, sys.spawn(fake_poller, name, seen));
  CAF_CHECK_EQUAL(answer_to("poll-now")["data"]["servers"], (json{"a", "b"}));
  CAF_CHECK_EQUAL(error_of("poll-now", "b"), "a round of polls is under way");
  pass(10ms);
  CAF_CHECK_EQUAL(*seen, (std::vector<std::string>{"a", "b"}));
  CAF_CHECK_EQUAL(answer_to("poll-now", "b")["data"]["servers"], json{"b"});
  consume_messages();
  pass(1ms);
  CAF_CHECK_EQUAL(seen->size(), 3u);
  pass(5ms);
  CAF_CHECK_EQUAL(error_of("poll-now", "c"), "this node polls no server of that name");
}

CAF_TEST(a snapshot is all that the broker retains and the next polls whole) {
  const auto before = env->asked_for_all.load();
  CAF_CHECK_EQUAL(answer_to("snapshot")["data"]["topics"], 7);
  CAF_CHECK_EQUAL(env->asked_for_all.load(), before + 1);
  kill(names::outbox);
  CAF_CHECK_EQUAL(error_of("snapshot"), "the outbox is being restarted");
  CAF_CHECK_EQUAL(error_of("replay", "userevent"), "the outbox is being restarted");
}

CAF_TEST(discovery is published again where there is any) {
  CAF_CHECK_EQUAL(error_of("rediscover"), "homeAssistant is not enabled");
  named(names::discovery, sys.spawn(fake_discovery));
  CAF_CHECK_EQUAL(answer_to("rediscover")["data"]["devices"], 3);
}

CAF_TEST(events of a class are replayed) {
  CAF_CHECK_EQUAL(answer_to("replay", R"({"class":"logevent","count":12})")["data"]["events"], 12);
  CAF_CHECK_EQUAL(answer_to("replay", "userevent")["data"]["events"], 100);
  CAF_REQUIRE_EQUAL(outbox->repeated.size(), 2u);
  CAF_CHECK(outbox->repeated.front() == (messages::repeat_events{messages::item_class::log_event, 12}));
  for (const auto* bad : {"", "health", "node", "x"})
    CAF_CHECK(error_of("replay", bad).find("\"class\" must be one of userevent, logevent, serverevent") == 0);
  CAF_CHECK(error_of("replay", R"({"class":"userevent","count":0})").find("\"count\" must be") == 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
