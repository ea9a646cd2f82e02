#define CAF_SUITE system.probe
#include "test/support/unit_test.hpp"

#include "bench/event_generator/events.hpp"
#include "bench/event_generator/sender.hpp"
#include "test/support/free_port.hpp"
#include "test/system/probe_runs.hpp"
#include "test/system/system_fixture.hpp"

#include <atomic>
#include <thread>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture : probe_fixture {
  mosquitto_broker broker;
  const uint16_t user_port = free_udp_port();
  const std::string user_subject = "User events, UDP port " + std::to_string(user_port) + ": ";

  /// `more`: further entries of udpServerConfig.
  std::string user_events(const std::string& more = "") const {
    return "  userEvents: {enable: true, udpServerConfig: {serverHost: 127.0.0.1, portUserActivityEvents: " +
           std::to_string(user_port) + more + "}}\n";
  }
  size_t retained() const {
    subscriber s{broker.port()};
    s.settle();
    return s.count();
  }
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(probe_tests, fixture)

CAF_TEST(a site without fault is well and nothing is changed) {
  bench::site_options o;
  o.certificates = pki;
  bench::site site{o};
  const auto sense = at(site.endpoints().front().port);
  subscriber witness{broker.port()};
  witness.knows("base/senseflow/probed/probe"); // the command's, for itself
  const auto run = run_probe(
      directory, file(broker.port(), "",
                      user_events(", receiveBuffer: 65536") + certificates() +
                          "  userSessions: {enableSessionExtract: true}\n  appNames: {enableAppNameExtract: "
                          "true, hostIP: '" +
                          sense + "'}\n" +
                          servers({{"sense1", sense,
                                    "userSessions: {enable: true, host: '" + sense +
                                        "', virtualProxies: [{virtualProxy: /}, {virtualProxy: /hdr}]}"}})));
  CAF_CHECK_EQUAL(run.code, 0);
  CAF_CHECK_EQUAL(run.report.at("result"), "good");
  check(run, {});
  CAF_CHECK(has(run.text_of("Sense server sense1", "health"), "status 200"));
  CAF_CHECK(has(run.text_of("Sense server sense1", "sessions of /hdr"), "status 200"));
  CAF_CHECK(has(run.text_of("Sense repository", "app names"), " apps"));
  CAF_CHECK(has(run.text_of("MQTT broker", "publish"), "written and read"));
  CAF_CHECK(witness.wait_for_topic("base/senseflow/probed/probe"));
  CAF_CHECK_EQUAL(witness.count(), 1u);
  CAF_CHECK_EQUAL(retained(), 0u);
  CAF_CHECK(!std::filesystem::exists(directory / "spool"));
}

CAF_TEST(beside the running service the probe disturbs nothing and knows it) {
  const auto c = file(broker.port(), "", user_events());
  senseflow_process service{directory, c};
  CAF_REQUIRE(service.says("connected to the MQTT broker"));
  CAF_REQUIRE(service.says("receiving user events"));
  const auto run = run_probe(directory, c, {"--listen", "1"});
  CAF_CHECK_EQUAL(run.code, 0);
  check(run, {});
  CAF_CHECK(has(run.text_of("User events", "port"), "in use by senseflow"));
  CAF_CHECK(has(run.text_of("Spool", "lock"), "senseflow runs"));
  CAF_CHECK(has(run.text_of("MQTT broker", "node name"), "senseflow runs here"));
  CAF_CHECK_EQUAL(occurrences(service.output(), "connected to the MQTT broker"), 1u);
  CAF_CHECK_EQUAL(service.stop(), 0);
}

CAF_TEST(faults of this machine are told apart) {
  {
    const auto fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    own.sin_port = htons(user_port);
    CAF_REQUIRE_EQUAL(::bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
    check(run_probe(directory, file(broker.port(), "", user_events())), {user_subject + "port_taken"});
    ::close(fd);
  }
  // Who may do everything gets any buffer.
  check(run_probe(directory, file(broker.port(), "", user_events(", receiveBuffer: 1073741824")), {},
                  ::geteuid() == 0 ? std::vector<std::string>{"setpriv", "--bounding-set=-net_admin",
                                                              "--inh-caps=-net_admin"}
                                   : std::vector<std::string>{}),
        {user_subject + "receive_buffer"});
  check(run_probe(directory, file(broker.port(), "", "  delivery: {spool: {path: /proc/nowhere}}\n")),
        {"Spool and log: spool_unusable"});
  check(run_probe(directory, file(broker.port(), "",
                                  "  delivery: {spool: {path: " + (directory / "spool") +
                                      ", minFreeBytes: 1099511627776000}}\n")),
        {"Spool and log: disk_full"});
  const auto misspelt = run_probe(directory, file(broker.port(), "", user_events(", recieveBuffer: 1")));
  CAF_CHECK_EQUAL(misspelt.code, 1);
  CAF_CHECK(misspelt.found("Configuration", "configuration"));
}

CAF_TEST(what comes to the ports is told by sender and kind) {
  const auto log_port = free_udp_port();
  const auto with = [&](const std::string& more) {
    return file(broker.port(), "",
                user_events(more) +
                    "  logEvents:\n    udpServerConfig: {serverHost: 127.0.0.1, portLogEvents: " +
                    std::to_string(log_port) +
                    "}\n    source: {engine: {enable: true}, qixPerf: {enable: true}}\n"
                    "    enginePerformanceMonitor: {enable: true}\n");
  };
  const auto log_subject = "Log events, UDP port " + std::to_string(log_port) + ": ";
  check(run_probe(directory, with(""), {"--listen", "1"}),
        {user_subject + "nothing_arrives", log_subject + "nothing_arrives"});
  std::atomic<bool> done{false};
  std::thread sender{[&] {
    bench::datagram_sender to{"127.0.0.1"};
    while (!done) {
      to.send({{user_port, bench::make_user_event(1)},
               {user_port, "hello"},
               {log_port, bench::make_log_event(bench::event_source::engine, 1)},
               {log_port, bench::make_log_event(bench::event_source::scheduler, 1)},
               {log_port, bench::make_user_event(2)}});
      std::this_thread::sleep_for(50ms);
    }
  }};
  const auto open = run_probe(directory, with(""), {"--listen", "1"});
  const auto closed = run_probe(
      directory, with(", enableSourceValidation: true, allowedSources: [192.0.2.1]"), {"--listen", "1"});
  done = true;
  sender.join();
  check(open, {user_subject + "no_event", log_subject + "no_event", log_subject + "switched_off",
               log_subject + "no_performance_events"});
  CAF_CHECK(has(open.report.dump(), "send it to the port of the user events"));
  CAF_CHECK(closed.found("User events", "source_not_allowed"));
}

CAF_TEST(usage is told apart from what was found and progress is shown on a terminal only) {
  const auto code = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), binary_path("senseflow"));
    child_process p{arguments};
    return p.wait().value_or(-1);
  };
  CAF_CHECK_EQUAL(code({"probe"}), 2);
  CAF_CHECK_EQUAL(code({"probe", "--frobnicate"}), 2);
  CAF_CHECK_EQUAL(code({"probe", "-c", directory / "nowhere.yaml"}), 1);
  std::ofstream{directory / "p.yaml"} << file(free_port());
  const auto command = binary_path("senseflow") + " probe -c " + (directory / "p.yaml");
  child_process terminal{{"script", "-qec", command, "/dev/null"}};
  CAF_CHECK_EQUAL(terminal.wait().value_or(-1), 1);
  CAF_CHECK(has(terminal.output(), " looked at"));
  CAF_CHECK(has(terminal.output(), "What to do, the first thing first:"));
  child_process pipe{{"sh", "-c", command}};
  CAF_CHECK_EQUAL(pipe.wait().value_or(-1), 1);
  CAF_CHECK(has(pipe.output(), "What to do, the first thing first:"));
  CAF_CHECK(!has(pipe.output(), "looked at, waiting") && !has(pipe.output(), "\033"));
}

CAF_TEST_FIXTURE_SCOPE_END()
