#define CAF_SUITE system.signals
#include "test/support/unit_test.hpp"

#include "test/support/rude_broker.hpp"
#include "test/support/spool_file.hpp"
#include "test/system/event_load.hpp"

#include <sys/inotify.h>

#include <optional>
#include <utility>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  system_config c;

  fixture() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
  }

  /// As in ps: R, S, D run; T is stopped, Z has ended.
  static char state(senseflow_process& aut) {
    std::ifstream file{"/proc/" + std::to_string(aut.process().pid()) + "/stat"};
    std::string text;
    std::getline(file, text);
    auto at = text.rfind(") ");
    return at == std::string::npos ? 'Z' : text.at(at + 2);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(signal_tests, fixture)

CAF_TEST(signals that mean nothing here neither end nor stop it and it can be told to stop after them) {
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  const std::vector<std::pair<int, std::string>> told{
      {SIGUSR1, "SIGUSR1"},     {SIGUSR2, "SIGUSR2"},         {SIGALRM, "SIGALRM"},
      {SIGVTALRM, "SIGVTALRM"}, {SIGPROF, "SIGPROF"},         {SIGIO, "SIGPOLL"},
      {SIGPWR, "SIGPWR"},       {SIGSTKFLT, "SIGSTKFLT"},     {SIGTSTP, "SIGTSTP"},
      {SIGTTIN, "SIGTTIN"},     {SIGTTOU, "SIGTTOU"},         {SIGXCPU, "SIGXCPU"},
      {SIGRTMIN, "SIGRTMIN+0"}, {SIGRTMIN + 3, "SIGRTMIN+3"}, {SIGRTMAX, "SIGRTMIN+30"}};
  for (const auto& [signal, name] : told) {
    CAF_MESSAGE(name);
    aut.process().signal(signal);
    CAF_CHECK(aut.says(name + " received; ignored"));
    CAF_CHECK(aut.process().running());
  }
  for (auto silent : {SIGPIPE, SIGXFSZ, SIGCHLD, SIGURG, SIGWINCH, SIGCONT}) aut.process().signal(silent);
  CAF_CHECK_NOT_EQUAL(state(aut), 'T');
  for (int i = 0; i < 100; ++i) aut.process().signal(SIGUSR2); // and does not fill the log
  aut.process().signal(SIGHUP);
  CAF_CHECK(aut.says("no changes to apply"));
  CAF_CHECK(occurrences(aut.output(), "SIGUSR2 received") <= 2);
  for (auto silent : {"SIGPIPE", "SIGXFSZ", "SIGCHLD", "SIGURG", "SIGWINCH", "SIGCONT"})
    CAF_CHECK_EQUAL(occurrences(aut.output(), silent), 0u);
  CAF_CHECK_EQUAL(aut.stop(), 0);
  CAF_CHECK(aut.says("SIGTERM received; draining for up to"));
}

CAF_TEST(a reload that is asked for while the configuration is being read for the first time comes right after) {
  std::string remarks; // makes reading it take its time
  while (remarks.size() < 3'000'000) remarks += "# a remark\n";
  auto events = ::inotify_init1(IN_CLOEXEC);
  std::ofstream{directory / "senseflow.yaml"};
  CAF_REQUIRE(::inotify_add_watch(events, (directory / "senseflow.yaml").c_str(), IN_CLOSE_NOWRITE) > 0);
  senseflow_process aut{directory, remarks + c.text()};
  char event[4096];
  CAF_REQUIRE(::read(events, event, sizeof event) > 0); // waits for the program to have it in memory
  aut.process().signal(SIGHUP);
  ::close(events);
  CAF_CHECK(aut.says("no changes to apply"));
  CAF_CHECK_EQUAL(aut.stop(), 0);
}

CAF_TEST(a stop lasts as long as drainTimeout says when the broker takes its time) {
  constexpr auto drain = 5000ms, last_answer = 4000ms;
  rude_broker slow;
  c.broker_port = slow.port();
  c.more = "  delivery: {mode: memory}\n  shutdown: {drainTimeout: 5000}\n";
  std::optional<std::chrono::steady_clock::time_point> first;
  slow.on_publish([&](const rude_broker::seen_message& m) {
    rude_broker::reaction x;
    if (m.packet.topic.find("event") == std::string::npos) return x;
    const auto now = std::chrono::steady_clock::now();
    if (!first) first = now;
    x.delay = std::chrono::duration_cast<std::chrono::milliseconds>(*first + last_answer - now);
    return x;
  });
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  bench::generator_options g;
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  bench::send_burst(g, 20);
  CAF_CHECK(eventually([&] { return aut.ledger_now()["userevent"]["inFlight"] > 0; }));
  CAF_CHECK_EQUAL(aut.stop(drain + 10s), 0);
  const auto book = aut.ledger();
  for (const auto* cls : {"userevent", "logevent"}) {
    CAF_CHECK_EQUAL(book[cls]["published"], book[cls]["received"]);
    CAF_CHECK(book[cls]["dropped"].empty());
  }
}

CAF_TEST(what the broker acknowledges while the program takes leave is no loss) {
  rude_broker late; // acknowledges no event before it hears the farewell
  c.broker_port = late.port();
  c.actors = "publishers: {count: 1}";
  c.more = "  delivery: {mode: memory}\n  shutdown: {drainTimeout: 1000}\n";
  std::string acknowledgements;
  bool farewell = false;
  late.on_publish([&](const rude_broker::seen_message& m) {
    rude_broker::reaction x;
    x.answer = farewell || m.packet.topic.find("event") == std::string::npos;
    if (!x.answer)
      acknowledgements += acknowledgement(mqtt_packet_type::puback, m.level, m.packet.id, 0);
    else if (m.packet.payload == "offline" && !std::exchange(farewell, true))
      late.send(acknowledgements);
    return x;
  });
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  bench::generator_options g;
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  bench::send_burst(g, 10);
  CAF_CHECK(eventually([&] {
    const auto book = aut.ledger_now();
    return book["userevent"]["inFlight"].get<int>() + book["logevent"]["inFlight"].get<int>() == 10;
  }));
  CAF_CHECK_EQUAL(aut.stop(), 0);
  const auto book = aut.ledger();
  for (const auto* cls : {"userevent", "logevent"}) {
    CAF_CHECK_EQUAL(book[cls]["published"], book[cls]["received"]);
    CAF_CHECK(book[cls]["dropped"].empty());
  }
}

CAF_TEST(a second wish to stop ends it at once) {
  c.more = "  delivery: {mode: memory}\n  shutdown: {drainTimeout: 60000}\n";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  broker.freeze();
  bench::generator_options g;
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  g.count = 600;
  std::atomic<bool> stop{false};
  bench::run_generator(g, stop);
  aut.process().signal(SIGTERM);
  CAF_CHECK(aut.says("SIGTERM received; draining for up to 60 s"));
  aut.process().signal(SIGTERM); // the same wish: some tools signal the process and its group
  aut.process().signal(SIGUSR2);
  CAF_CHECK(aut.says("SIGUSR2 received; ignored"));
  CAF_CHECK(aut.process().running());
  CAF_CHECK(eventually([&] {
    aut.process().signal(SIGINT);
    return !aut.process().running();
  }));
  CAF_CHECK_EQUAL(aut.process().wait().value_or(-1), 3);
  CAF_CHECK(aut.says("second signal: ending at once"));
  const auto book =
      aut.ledger(); // without a disk all of it is lost, but for what may have arrived, and counted
  auto unconfirmed = 0;
  for (const auto* cls : {"userevent", "logevent"}) {
    CAF_CHECK(book[cls]["dropped"].value("shutdown", 0) > 0);
    unconfirmed += book[cls]["dropped"].value("unconfirmed", 0);
    for (const auto* place : {"inSources", "inMemory", "inFlight", "onDisk"})
      CAF_CHECK_EQUAL(book[cls][place].get<int>(), 0);
  }
  CAF_CHECK(unconfirmed > 0);
  broker.thaw();
}

CAF_TEST(a second wish to stop leaves what waits to the next start) {
  c.more = "  shutdown: {drainTimeout: 60000}\n  delivery: {spool: {path: " + (directory / "spool") + "}}\n";
  bench::generator_options g;
  g.user_port = c.user_port;
  g.log_port = c.log_port;
  rude_broker silent; // takes connections, and acknowledges nothing
  silent.on_publish([](const auto&) { return rude_broker::reaction{false}; });
  c.broker_port = silent.port();
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.ready());
  bench::send_burst(g, 600);
  CAF_REQUIRE(eventually([&] {
    const auto book = aut.ledger_now();
    return book["userevent"]["received"].get<int>() + book["logevent"]["received"].get<int>() == 600;
  }));
  aut.process().signal(SIGTERM);
  CAF_CHECK(aut.says("SIGTERM received; draining for up to 60 s"));
  CAF_CHECK(eventually([&] {
    aut.process().signal(SIGINT);
    return !aut.process().running();
  }));
  CAF_CHECK_EQUAL(aut.process().wait().value_or(-1), 3);
  CAF_CHECK(aut.says("600 events wait on disk for the next start"));
  CAF_CHECK_EQUAL(spooled_events(directory / "spool").size(), 600u);
}

CAF_TEST_FIXTURE_SCOPE_END()
