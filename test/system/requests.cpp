#define CAF_SUITE system.requests
#include "test/support/unit_test.hpp"

#include "bench/event_generator/sender.hpp"
#include "test/support/free_port.hpp"
#include "test/support/http_get.hpp"
#include "test/support/mqtt_publisher.hpp"
#include "test/support/schema_check.hpp"
#include "test/system/event_load.hpp"
#include "test/system/own_site.hpp"

#include <algorithm>

using namespace senseflow;
using namespace senseflow::test;
using nlohmann::json;

namespace {

constexpr auto here = "butler-sos/senseflow/here/";
constexpr auto own_topic = "butler-sos/senseflow/here/response/of/rr"; ///< for answers

/// A node called here with a server, events, and all commands allowed.
struct fixture {
  temp_dir directory;
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {"max_queued_messages 0"}}};
  std::unique_ptr<bench::site> site;
  system_config c;
  std::string requests = "allow: [ping, status, reload, log-level, poll-now, snapshot, rediscover, replay]";
  std::string log_level = "info";

  fixture() {
    site = start_site(directory, c);
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.site = site.get();
    c.polling_ms = 60'000;
  }

  std::string text() const {
    auto x = c;
    x.more += "  node: here\n  logLevel: " + log_level + "\n  requests: {enable: true, " + requests + "}\n";
    return x.text();
  }
  std::unique_ptr<senseflow_process> start() const {
    auto aut = std::make_unique<senseflow_process>(directory, text());
    CAF_REQUIRE(aut->ready());
    // From now on it hears: the broker has granted its subscription.
    CAF_REQUIRE(
        eventually([&] { return occurrences(broker.log(), "here-") > 0 && !rr("ping").is_null(); }, 20s));
    return aut;
  }

  std::vector<std::string> with(const char* program, const std::string& command,
                                const std::string& body) const {
    std::vector<std::string> result{program, "-p", std::to_string(broker.port()),           "-q",
                                    "1",     "-t", std::string{here} + "request/" + command};
    if (body.empty())
      result.emplace_back("-n");
    else
      result.insert(result.end(), {"-m", body});
    return result;
  }

  /// What mosquitto_rr gets for its request; null if there is no answer. With MQTT 5, and a response topic of its own.
  json rr(const std::string& command, const std::string& body = {}) const {
    auto call = with("mosquitto_rr", command, body);
    call.insert(call.end(), {"-V", "5", "-W", "3", "-e", own_topic, "-D", "publish", "correlation-data",
                             "c-" + command, "-F", "%D|%r|%p"});
    child_process asks{call};
    asks.wait(10s);
    const auto out = asks.output();
    const auto start = "c-" + command + "|0|";
    if (out.compare(0, start.size(), start) != 0) return nullptr;
    const auto result = json::parse(out.substr(start.size()), nullptr, false);
    CAF_CHECK_EQUAL(check_value("response", result), "");
    return result;
  }
  /// The data of a good answer.
  json data(const std::string& command, const std::string& body = {}) const {
    const auto x = rr(command, body);
    CAF_MESSAGE(command << ": " << x.dump().substr(0, 200));
    CAF_REQUIRE(x.is_object() && x["status"] == "ok");
    return x["data"];
  }
  std::string error(const std::string& command, const std::string& body = {}) const {
    const auto x = rr(command, body);
    return x.is_object() && x.contains("error") ? x["error"].get<std::string>() : "no error but " + x.dump();
  }
  void publish(const std::string& command, const std::string& body,
               std::vector<std::string> more = {}) const {
    auto call = with("mosquitto_pub", command, body);
    call.insert(call.end(), more.begin(), more.end());
    child_process pub{call};
    CAF_REQUIRE(pub.wait() == 0);
  }
};

size_t count_of(const std::vector<received_message>& all, const std::string& topic) {
  return static_cast<size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& m) { return m.topic == topic; }));
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(requests_tests, fixture)

CAF_TEST(mosquitto_rr gets an answer to each command with its correlation) {
  const auto aut = start();
  subscriber seen{broker.port()};
  seen.knows(own_topic, "response");
  CAF_REQUIRE(seen.wait_for_topic("butler-sos/health/sense1/status"));

  const auto ping = data("ping");
  CAF_CHECK_EQUAL(ping["node"], "here");
  const auto status = data("status");
  CAF_CHECK_EQUAL(status["node"], "here");
  CAF_CHECK(status.contains("verdict") && status.contains("ledger"));

  CAF_MESSAGE("reload");
  CAF_CHECK_EQUAL(data("reload")["result"], "unchanged");
  log_level = "warn";
  aut->configure(text());
  const auto reloaded = data("reload");
  CAF_CHECK_EQUAL(reloaded["result"], "applied");
  CAF_CHECK_EQUAL(reloaded["text"], "Applied: settings: logLevel.");
  auto wrong = text();
  wrong.replace(wrong.find("brokerPort: "), 12, "brokerPort: x");
  aut->configure(wrong);
  CAF_CHECK(error("reload").find("brokerPort") != std::string::npos);
  log_level = "info";
  aut->configure(text());
  CAF_CHECK_EQUAL(data("reload")["result"], "applied"); // its own actor was replaced for the level
  CAF_CHECK(aut->says("requested over MQTT; reading"));

  CAF_MESSAGE("the log's level");
  CAF_CHECK_EQUAL(data("log-level", R"({"level":"debug","seconds":1})")["level"], "debug");
  CAF_CHECK(aut->says("the log level is the configured one again"));
  CAF_CHECK_EQUAL(data("log-level", R"({"level":"error","seconds":1})")["level"], "error");
  CAF_CHECK(
      aut->says(R"(request log-level (level "error", seconds "1") over MQTT: ok, level error for 1 s)"));
  CAF_CHECK(eventually([&] { return occurrences(aut->output(), "the configured one again") == 2; }, 20s));

  CAF_MESSAGE("polls");
  const auto polls = [&] { return aut->ledger_now()["health"]["received"].get<int>(); };
  const auto before = polls();
  CAF_CHECK_EQUAL(data("poll-now", "sense1")["servers"], json{"sense1"});
  CAF_CHECK(eventually([&] { return polls() == before + 1; }, 10s, 50ms));
  CAF_CHECK_EQUAL(error("poll-now", "sense2"), "this node polls no server of that name");

  CAF_MESSAGE("what is retained");
  seen.clear();
  CAF_CHECK(data("snapshot")["topics"] >= 2);
  for (const auto* topic : {"butler-sos/health/sense1", "butler-sos/health/sense1/status"})
    CAF_CHECK(seen.wait_for_topic(topic));

  CAF_MESSAGE("events");
  bench::generator_options g;
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  bench::send_burst(g, 60);
  CAF_REQUIRE(seen.wait_for([](const auto& all) { return count_of(all, "butler-sos/userevent") == 10; }));
  CAF_REQUIRE(aut->at_rest(20s));
  seen.clear();
  CAF_CHECK_EQUAL(data("replay", R"({"class":"userevent","count":4})")["events"], 4);
  CAF_CHECK_EQUAL(data("replay", R"({"class":"serverevent"})")["events"], 0);
  CAF_CHECK(seen.wait_for([](const auto& all) { return count_of(all, "butler-sos/userevent") == 4; }));
  CAF_CHECK(aut->at_rest(20s));

  CAF_MESSAGE("what can't be done");
  CAF_CHECK_EQUAL(error("rediscover"), "homeAssistant is not enabled");
  CAF_CHECK_EQUAL(error("restart"), "unknown command");
  CAF_CHECK_EQUAL(rr("ping", R"({"transaction":"t1"})")["transaction"], "t1");
  CAF_CHECK(aut->says(R"(request ping (transaction "t1") over MQTT: ok)"));

  CAF_CHECK(seen.settle());
  CAF_CHECK_EQUAL(aut->stop(), 0);
  const auto book = aut->ledger();
  CAF_CHECK_EQUAL(book["userevent"]["recovered"], 4);
  CAF_CHECK_EQUAL(occurrences(aut->output(), "does not balance"), 0u);
}

CAF_TEST(clients of MQTT 3.1.1 ask and are answered at fixed topics) {
  c.mqtt = "protocolVersion: '3.1.1'";
  senseflow_process aut{directory, text()};
  CAF_REQUIRE(aut.ready());
  subscriber_options o;
  o.port = broker.port();
  o.filter = std::string{here} + "response/#";
  subscriber seen{o};
  const auto answer = [&](const std::string& command, const std::string& body) {
    json result;
    const auto transaction = body.substr(body.find("\"t"));
    CAF_CHECK(eventually(
        [&] {
          publish(command, body, {"-V", "311"});
          return seen.wait_for(
              [&](const auto& all) {
                for (const auto& m : all)
                  if (m.topic == here + std::string{"response/"} + command &&
                      m.payload.find(transaction.substr(0, 4)) != std::string::npos) {
                    result = json::parse(m.payload);
                    CAF_CHECK(!m.retain);
                    CAF_CHECK_EQUAL(m.qos, 1);
                    CAF_CHECK_EQUAL(check_message(m.topic, m.payload, m.qos), "");
                  }
                return !result.is_null();
              },
              1s);
        },
        20s));
    return result;
  };
  CAF_CHECK_EQUAL(answer("ping", R"({"transaction":"t1"})")["data"]["node"], "here");
  CAF_CHECK_EQUAL(answer("restart", R"({"transaction":"t2"})")["status"], "error");
  CAF_CHECK_EQUAL(answer("status", R"({"transaction":"t3"})")["data"]["node"], "here");
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a retained request does nothing and a foreign response topic is refused) {
  requests = "allow: [ping, reload]";
  publish("reload", "{}", {"-r"});
  const auto aut = start();
  CAF_CHECK(aut->says("request to butler-sos/senseflow/here/request/reload ignored: the broker has kept it"));
  publish("reload", "{}", {"-r", "-V", "5"}); // while it listens
  publish("reload", std::string(70'000, 'x'));
  CAF_CHECK(aut->says("a message to butler-sos/senseflow/here/request/reload was dropped: it has more than"));
  CAF_CHECK_EQUAL(error("status"), "not allowed: see requests.allow of the configuration");
  CAF_CHECK_EQUAL(occurrences(aut->output(), "requested over MQTT"), 0u);

  subscriber seen{broker.port()};
  for (const auto* foreign :
       {"elsewhere", "butler-sos/senseflow/there/request/reload", "butler-sos/senseflow/here/status"})
    publish("reload", R"({"transaction":"foreign"})",
            {"-V", "5", "-D", "publish", "response-topic", foreign});
  const auto refused = std::string{here} + "response/reload";
  CAF_CHECK(seen.wait_for([&](const auto& all) { return count_of(all, refused) == 3; }));
  for (const auto& m : seen.messages()) {
    if (m.topic == refused)
      CAF_CHECK(m.payload.find("the response topic is not allowed") != std::string::npos);
    CAF_CHECK(m.topic != "elsewhere" && m.topic != "butler-sos/senseflow/there/request/reload");
  }
  CAF_CHECK_EQUAL(occurrences(aut->output(), "requested over MQTT"), 0u);
  CAF_CHECK_EQUAL(aut->stop(), 0);
}

CAF_TEST(two nodes answer each at its own topic) {
  const auto aut = start();
  temp_dir elsewhere;
  auto other = c;
  other.user_port = free_udp_port();
  other.log_port = free_udp_port();
  other.more += "  node: there\n  requests: {enable: true}\n";
  senseflow_process second{elsewhere, other.text()};
  CAF_REQUIRE(second.ready());
  subscriber_options o;
  o.port = broker.port();
  o.filter = "butler-sos/senseflow/+/response/#";
  subscriber seen{o};
  const auto asked = [&] {
    child_process pub{{"mosquitto_pub", "-p", std::to_string(broker.port()), "-t",
                       "butler-sos/senseflow/there/request/ping", "-m", "", "-q", "1"}};
    pub.wait();
    return seen.wait_for_topic("butler-sos/senseflow/there/response/ping", 1s);
  };
  CAF_CHECK(eventually(asked, 20s));
  publish("ping", "");
  CAF_CHECK(seen.wait_for_topic("butler-sos/senseflow/here/response/ping"));
  for (const auto& m : seen.messages())
    CAF_CHECK_EQUAL(json::parse(m.payload)["data"]["node"],
                    m.topic.find("/there/") == std::string::npos ? "here" : "there");
  CAF_CHECK_EQUAL(aut->stop(), 0);
  CAF_CHECK_EQUAL(second.stop(), 0);
}

CAF_TEST(page message and answer say the same since when something holds) {
  const auto admin = free_port();
  c.more = "  homeAssistant: {enable: true}\n  admin: {enable: true, port: " + std::to_string(admin) + "}\n";
  const auto aut = start();
  subscriber seen{broker.port()};
  seen.knows(own_topic, "response");
  bench::datagram_sender{"127.0.0.1"}.send({{c.user_port, "no event"}}); // which is lost
  const auto lost = [](const json& x) -> json {
    for (const auto& one : x.value("conditions", json::array()))
      if (one["id"] == "events_lost") return one["since"];
    return nullptr;
  };
  json page;
  CAF_REQUIRE(eventually([&] {
    page = json::parse(http_get(admin, "/health").body, nullptr, false);
    return page.is_object() && !lost(page).is_null();
  }));
  json message;
  CAF_REQUIRE(seen.wait_for(
      [&](const auto& all) {
        for (const auto& m : all)
          if (m.topic == std::string{here} + "health") message = json::parse(m.payload, nullptr, false);
        return message.is_object() && !lost(message).is_null();
      },
      30s));
  const auto answer = data("status");
  CAF_CHECK_EQUAL(lost(answer), lost(page));
  CAF_CHECK_EQUAL(lost(message), lost(page));
  CAF_CHECK_EQUAL(answer["verdict"]["since"], page["since"]);
  CAF_CHECK_EQUAL(message["since"], page["since"]);
  CAF_CHECK_EQUAL(aut->stop(), 0);
}

CAF_TEST(a thousand requests a second leave the events lossless and the node as it was) {
  requests = "allow: [ping, status, snapshot, poll-now], maxPerSecond: 10";
  const auto aut = start();
  subscriber seen{broker.port()};
  seen.knows(own_topic, "response");
  const auto memory_before = aut->memory();
  publisher flood{options_for(broker.port())};
  CAF_REQUIRE(flood.connect());
  const auto began = std::chrono::steady_clock::now();
  uint64_t asked = 0;
  const char* const commands[] = {"ping", "status", "snapshot", "poll-now"};
  {
    event_load load{c, 200.0};
    const auto so_far = [&] {
      return static_cast<uint64_t>(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() * 1000);
    };
    CAF_CHECK(eventually(
        [&] {
          while (asked < std::min<uint64_t>(so_far(), 5000) &&
                 flood.client->publish(asked + 1,
                                       {std::string{here} + "request/" + commands[asked % 4], "", 1},
                                       {}) == runtime::publish_result::sent)
            ++asked;
          flood.client->take_events();
          return asked == 5000;
        },
        60s));
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    CAF_MESSAGE(asked << " requests in " << seconds << " s");
    const auto& sent = load.stop();
    CAF_CHECK(aut->at_rest(30s));
    const auto book = aut->ledger_now();
    for (const auto* cls : {"userevent", "logevent"}) {
      CAF_CHECK_EQUAL(book[cls]["received"], sent_of(sent, cls));
      CAF_CHECK_EQUAL(book[cls]["published"], sent_of(sent, cls));
      CAF_CHECK_EQUAL(book[cls]["dropped"].size(), 0u);
    }
    CAF_CHECK(seen.settle(30s));
    const auto all = seen.messages();
    CAF_CHECK_EQUAL(count_of(all, "butler-sos/userevent"), sent_of(sent, "userevent"));
    CAF_CHECK_EQUAL(count_of(all, "butler-sos/logevent"), sent_of(sent, "logevent"));
    size_t answers = 0;
    for (const auto* x : commands) answers += count_of(all, std::string{here} + "response/" + x);
    CAF_MESSAGE(answers << " answers");
    CAF_CHECK(answers >= 10);
    CAF_CHECK(static_cast<double>(answers) <= 10 * (seconds + 3) + 10);
  }
  CAF_CHECK(aut->memory() < memory_before + (uint64_t{30} << 20) * memory_factor);
  CAF_CHECK(eventually([&] { return rr("ping").is_object(); }, 20s)); // when its turn has come again
  CAF_CHECK_EQUAL(aut->stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
