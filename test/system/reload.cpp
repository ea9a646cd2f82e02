#define CAF_SUITE system.reload
#include "test/system/reload_fixture.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(reload_tests, reload_fixture)

CAF_TEST(everything that can change does so under load and no event is lost or out of order) {
  bench::make_certificates(directory / "certs");
  bench::site_options o;
  o.servers = 3;
  o.certificates = directory / "certs";
  bench::site site{o};
  auto server = [&](size_t n) {
    const auto& e = site.endpoints()[n - 1];
    return std::pair{e.name, "127.0.0.1:" + std::to_string(e.port)};
  };
  c.servers = {server(1), server(2)};
  c.certificates = directory / "certs";
  c.sessions = c.app_names = true;
  c.polling_ms = 200;
  start();
  event_load events{c};
  CAF_REQUIRE(arrives("butler-sos/health/sense1"));
  CAF_REQUIRE(arrives(everything));

  CAF_MESSAGE("servers");
  c.servers = {server(2), server(3)};
  reload(c.text(), applied);
  CAF_CHECK(aut->says("servers: +sense3, -sense1"));
  CAF_CHECK(arrives("butler-sos/health/sense3"));
  CAF_CHECK(arrives("butler-sos/health/sense2"));
  auto gone = sub.count("butler-sos/health/sense1");
  CAF_CHECK(arrives("butler-sos/health/sense3"));
  CAF_CHECK(arrives("butler-sos/health/sense3"));
  CAF_CHECK(sub.count("butler-sos/health/sense1") <= gone + 1);

  CAF_MESSAGE("polling interval");
  c.polling_ms = 150;
  reload(c.text(), applied);
  CAF_CHECK(aut->says("servers: ~sense2, ~sense3"));
  CAF_CHECK(arrives("butler-sos/health/sense2"));

  CAF_MESSAGE("tags and rules");
  auto tagged = [&] {
    auto text = replaced(c.text(), "  userEvents:\n    enable: true\n",
                         "  userEvents:\n    enable: true\n    tags: [{name: site, value: after}]\n");
    return replaced(text, "  logEvents:\n",
                    "  logEvents:\n    categorise: {enable: true, rules: [], ruleDefault: {enable: true, "
                    "category: [{name: kind, value: reloaded}]}}\n");
  };
  reload(tagged(), applied);
  CAF_CHECK(arrives(everything, R"("after")"));
  CAF_CHECK(arrives(log_topic, R"("reloaded")"));

  CAF_MESSAGE("encoder");
  for (auto window : {"300", "1", "2000", "1000"}) {
    c.actors = std::string{"encoders: {window: "} + window + "}";
    reload(tagged(), applied);
    auto n = sub.count();
    CAF_CHECK(sub.wait_for_count(n + 500));
  }

  CAF_MESSAGE("publishers");
  for (auto count : {"3", "1", "2"}) {
    c.actors =
        std::string{"reconnect: {initialDelay: 10, maxDelay: 100}, publishers: {count: "} + count + "}";
    reload(tagged(), applied);
    auto n = sub.count();
    CAF_CHECK(sub.wait_for_count(n + 500));
  }

  CAF_MESSAGE("limits of the ports");
  c.user_udp = "rateLimit: {enable: true, maxMessagesPerMinute: 1000000}, enableSourceValidation: true, "
               "allowedSources: [127.0.0.1]";
  reload(tagged(), applied);
  CAF_CHECK(arrives(everything, R"("after")"));
  CAF_CHECK(arrives(log_topic));

  CAF_MESSAGE("connections to the broker");
  c.mqtt = "keepAlive: 40";
  c.actors = "encoders: {window: 500}, reconnect: {initialDelay: 10, maxDelay: 100}";
  reload(tagged(), applied);
  CAF_CHECK(eventually([&] { return occurrences(aut->output(), "connected to the MQTT broker") >= 2; }));
  CAF_CHECK(arrives(everything));

  CAF_MESSAGE("another base topic: what is only told when it changes is told again");
  reload(replaced(tagged(), "baseTopic: butler-sos/", "baseTopic: other/"), applied);
  CAF_CHECK(sub.wait_for_topic("other/health/sense2/status"));
  CAF_CHECK(arrives("other/health/sense3"));
  CAF_CHECK(arrives("other/userevent"));
  auto told = sub.count("butler-sos/health/sense2/status");
  reload(tagged(), applied);
  CAF_CHECK(eventually([&] { return sub.count("butler-sos/health/sense2/status") > told; }));

  CAF_MESSAGE("certificates");
  std::filesystem::copy(directory / "certs", directory / "renewed", std::filesystem::copy_options::recursive);
  c.certificates = directory / "renewed";
  reload(tagged(), applied);
  CAF_CHECK(arrives("butler-sos/health/sense2"));
  CAF_CHECK(arrives("butler-sos/health/sense3"));

  CAF_MESSAGE("many reloads in a row");
  for (int i = 0; i < 20; ++i) {
    c.polling_ms = 200 + i;
    c.user_udp = "rateLimit: {enable: true, maxMessagesPerMinute: " + std::to_string(1000000 + i) + "}";
    c.actors = "encoders: {window: " + std::to_string(500 + i % 3) +
               "}, publishers: {count: " + std::to_string(1 + i % 2) + "}";
    c.mqtt = "keepAlive: " + std::to_string(40 + i / 10);
    c.servers = i % 2 == 0 ? std::vector{server(1)} : std::vector{server(2), server(1), server(3)};
    aut->configure(c.text());
    aut->process().signal(SIGHUP);
    auto n = sub.count();
    CAF_CHECK(sub.wait_for_count(n + 20));
  }
  CAF_CHECK(arrives(everything));
  CAF_CHECK(arrives("butler-sos/health/sense2"));

  auto sent = events.stop();
  CAF_MESSAGE("events sent: " << sent.total << " in " << sent.seconds << " s");
  CAF_CHECK(eventually(
      [&] {
        aut->control("ledger");
        if (!aut->says("ledger {")) return false;
        auto book = aut->ledger();
        return book["userevent"]["published"].get<uint64_t>() +
                   book["logevent"]["published"].get<uint64_t>() ==
               sent.total;
      },
      20s));
  CAF_CHECK_EQUAL(aut->stop(), 0);
  auto book = aut->ledger();
  for (auto name : {"userevent", "logevent"}) {
    CAF_MESSAGE(name << ": " << book[name].dump());
    CAF_CHECK(book[name]["dropped"].empty());
    CAF_CHECK_EQUAL(book[name]["inFlight"], 0);
  }
  CAF_CHECK_EQUAL(occurrences(aut->output(), "does not balance"), 0u);
  CAF_CHECK_EQUAL(occurrences(aut->output(), "did not end in time"), 0u);
  CAF_CHECK_EQUAL(occurrences(aut->output(), "; restarting in "), 0u);

  // Each event at least once, and for the first time after all earlier ones of its host.
  std::set<std::string> distinct;
  std::map<std::string, uint64_t> newest;
  size_t arrived = 0, out_of_order = 0;
  for (const auto& m : sub.messages()) {
    auto topic = m.topic.rfind("other/", 0) == 0 ? "butler-sos/" + m.topic.substr(6) : m.topic;
    if (topic != everything && topic != log_topic) continue;
    ++arrived;
    if (!distinct.insert(m.payload).second) continue;
    auto at = m.payload.find("event ");
    if (at == std::string::npos) continue; // a performance event has no message
    auto number = std::stoull(m.payload.substr(at + 6, 6));
    auto& last = newest[topic + nlohmann::json::parse(m.payload)["host"].get<std::string>()];
    if (number < last) ++out_of_order;
    last = std::max<uint64_t>(last, number);
  }
  CAF_MESSAGE("duplicates: " << arrived - distinct.size() << ", hosts and topics: " << newest.size());
  CAF_CHECK_EQUAL(distinct.size(), sent.total);
  CAF_CHECK(newest.size() >= 20);
  CAF_CHECK_EQUAL(out_of_order, 0u);
}

CAF_TEST(a faulty file changes nothing and says why) {
  start();
  reload("Butler-SOS:\n  mqttConfig: {enable: true, brokerHost: 127.0.0.1, brokerPort: 99999}\n"
         "  userEvents: {enable: perhaps}\n",
         "nothing was changed");
  CAF_CHECK(aut->says("senseflow.yaml:2:65: Butler-SOS.mqttConfig.brokerPort is 99999"));
  CAF_CHECK(aut->says("senseflow.yaml:3:24: Butler-SOS.userEvents.enable is 'perhaps'"));
  reload("Butler-SOS: [", "nothing was changed");
  reload("Butler-SOS:\n  mqttConfig: {enable: false}\n", "mqttConfig.enable is not true");
  CAF_CHECK_EQUAL(occurrences(aut->output(), applied), 0u);
  bench::generator_options g;
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  g.count = 60;
  std::atomic<bool> stop{false};
  bench::run_generator(g, stop);
  CAF_CHECK(sub.wait_for_topic(everything));
  reload(c.text(), "no changes to apply");
  CAF_CHECK_EQUAL(aut->stop(), 0);
}

CAF_TEST(what needs a restart is named and the rest is applied) {
  start();
  auto next = c;
  next.user_port = free_udp_port();
  next.user_udp = "rateLimit: {enable: true, maxMessagesPerMinute: 6}";
  next.actors = "scheduler: {threads: 3}, outbox: {highWatermark: 70}, encoders: {batchMaxItems: 7}";
  next.more = "  logLevel: debug\n  logJson: true\n";
  reload(next.text(), applied);
  auto port = std::to_string(c.user_port), wished = std::to_string(next.user_port);
  for (const auto& x :
       {"userEvents.udpServerConfig.portUserActivityEvents (runs with " + port + ", the file says " + wished,
        std::string{"actors.scheduler.threads (runs with 0, the file says 3"},
        std::string{"actors.outbox.highWatermark (runs with 80, the file says 70"},
        std::string{"actors.encoders.batchMaxItems (runs with 100, the file says 7"},
        std::string{"logJson (runs with false, the file says true"}})
    CAF_CHECK(aut->says("needs a restart: " + x));
  CAF_CHECK_EQUAL(occurrences(aut->output(), "needs a restart: "), 5u);
  CAF_CHECK(aut->says("settings: logEvents.udpServerConfig.rateLimit.enable, "
                      "logEvents.udpServerConfig.rateLimit.maxMessagesPerMinute, logLevel, "));

  CAF_REQUIRE(aut->says("ingest/user-events was replaced"));
  CAF_REQUIRE(aut->says("ingest/log-events was replaced"));
  bench::generator_options g; // to the port that is still the one
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  g.count = 60;
  std::atomic<bool> stop{false};
  bench::run_generator(g, stop);
  CAF_CHECK(eventually([&] {
    aut->control("ledger");
    if (!aut->says("ledger {")) return false;
    auto book = aut->ledger();
    return book["userevent"]["received"].get<int>() + book["logevent"]["received"].get<int>() == 60;
  }));
  CAF_CHECK_EQUAL(aut->stop(), 0);
  auto book = aut->ledger();
  CAF_CHECK_EQUAL(book["logevent"]["published"], 6);
  CAF_CHECK(book["logevent"]["dropped"].contains("rate_limit"));
}

CAF_TEST(ports that are switched off are closed and opened again) {
  start({"--loglevel", "info"});
  auto off = replaced(c.text(), "  userEvents:\n    enable: true\n", "  userEvents:\n    enable: false\n");
  reload(off + "  logLevel: debug\n", applied);
  // The command line's level wins again.
  CAF_CHECK_EQUAL(occurrences(aut->output(), "logLevel"), 0u);
  CAF_CHECK(eventually([&] { // nobody holds the port any more
    auto fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = htons(c.user_port);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto free = ::bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0;
    ::close(fd);
    return free;
  }));
  reload(c.text(), applied);
  CAF_CHECK(eventually([&] { return occurrences(aut->output(), "receiving user events") == 2; }));
  for (int i = 0; i < 5; ++i) { // faster than ports close
    reload(off, applied);
    reload(c.text(), applied);
  }
  event_load events{c};
  CAF_CHECK(arrives(everything));
  events.stop();
  CAF_CHECK_EQUAL(aut->stop(), 0);
}

CAF_TEST(what waits for a broker that is away goes to the one of the new configuration) {
  c.actors = "reconnect: {initialDelay: 10, maxDelay: 100}";
  start();
  broker.stop();
  CAF_REQUIRE(aut->says("Reconnecting."));
  bench::generator_options g;
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  g.count = 600;
  std::atomic<bool> stop{false};
  bench::run_generator(g, stop);
  CAF_REQUIRE(eventually([&] {
    aut->control("ledger");
    if (!aut->says("ledger {")) return false;
    auto book = aut->ledger();
    size_t waiting = 0;
    for (auto name : {"userevent", "logevent"})
      for (auto place : {"inMemory", "onDisk"}) waiting += book[name][place].get<size_t>();
    return waiting == 600;
  }));

  mosquitto_broker other{{true, {}, {}, {}, {}, {}, false, {"max_queued_messages 0"}}};
  subscriber there{other.port()};
  c.broker_port = other.port();
  c.actors += ", encoders: {window: 500}";
  reload(c.text(), applied);
  CAF_CHECK(there.wait_for([&](const auto& all) {
    std::set<std::string> distinct;
    for (const auto& m : all)
      if (m.topic == everything || m.topic == log_topic) distinct.insert(m.payload);
    return distinct.size() == 600;
  }));
  CAF_CHECK_EQUAL(aut->stop(), 0);
  auto book = aut->ledger();
  for (auto name : {"userevent", "logevent"}) {
    CAF_CHECK_EQUAL(book[name]["published"], book[name]["received"]);
    CAF_CHECK(book[name]["dropped"].empty());
  }
}

CAF_TEST(a terminal that is closed ends the program and a signal from it does not ) {
  auto file = directory / "senseflow.yaml", output = directory / "output";
  std::ofstream{file} << c.text();
  auto said = [&] {
    std::ostringstream text;
    text << std::ifstream{output}.rdbuf();
    return text.str();
  };
  int terminal = -1;
  const auto program = binary_path("senseflow");
  auto pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) {
    ::dup2(::open(output.c_str(), O_CREAT | O_WRONLY, 0600), STDOUT_FILENO);
    if (::chdir(directory.path().c_str()) != 0) ::_exit(98);
    ::execl(program.c_str(), "senseflow", "-c", file.c_str(), nullptr);
    ::_exit(99);
  }
  CAF_REQUIRE(pid > 0);
  CAF_CHECK(eventually([&] { return occurrences(said(), "connected to the MQTT broker") == 1; }));
  ::kill(pid, SIGHUP);
  CAF_CHECK(eventually([&] { return occurrences(said(), "no changes to apply") == 1; }));
  ::close(terminal);
  int status = 0;
  CAF_CHECK(eventually([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }));
  CAF_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CAF_CHECK_EQUAL(occurrences(said(), "stopped"), 1u);
  if (!WIFEXITED(status)) ::kill(pid, SIGKILL);
}

CAF_TEST(a log file that was moved away is made anew by a reload) {
  const auto logs = directory / "logs";
  c.more = "  fileLogging: true\n  logDirectory: " + logs + "\n";
  start();
  const auto file = std::filesystem::directory_iterator(logs)->path();
  std::filesystem::rename(file, directory / "moved");
  reload(c.text(), "no changes to apply");
  CAF_CHECK(eventually([&] {
    std::ifstream in(file);
    return std::string{std::istreambuf_iterator<char>(in), {}}.find("no changes to apply") !=
           std::string::npos;
  }));
  CAF_CHECK_EQUAL(aut->stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
