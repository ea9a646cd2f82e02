#define CAF_SUITE system.service_manager
#include "test/support/unit_test.hpp"

#include "runtime/udp/bind.hpp"

#include "test/support/conservation.hpp"
#include "test/support/notify_socket.hpp"
#include "test/system/event_load.hpp"

#include <optional>

using namespace senseflow;
using namespace senseflow::test;

namespace {

/// The program as systemd starts it, but for systemd.
struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  system_config c;
  notify_socket manager{directory / "notify"};
  std::vector<std::string> variables{"NOTIFY_SOCKET=" + manager.path()};
  std::vector<runtime::bound_udp> sockets; ///< handed over

  fixture() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
  }

  /// As a socket unit does: the names say which is which.
  void open_sockets(size_t buffer) {
    for (auto port : {c.log_port, c.user_port}) {
      runtime::udp_options o;
      o.host = "127.0.0.1";
      o.port = port;
      o.receive_buffer_bytes = buffer;
      sockets.push_back(runtime::bind_udp(o));
      CAF_REQUIRE_EQUAL(sockets.back().error, "");
    }
    variables.insert(variables.end(), {"LISTEN_FDS=2", "LISTEN_FDNAMES=log-events:user-events"});
  }

  std::unique_ptr<senseflow_process> start() const {
    std::vector<std::string> wrapper{"env"};
    wrapper.insert(wrapper.end(), variables.begin(), variables.end());
    // Only a process that is there has a number.
    wrapper.insert(wrapper.end(), {"sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"});
    std::vector<int> descriptors;
    for (const auto& x : sockets) descriptors.push_back(x.fd.get());
    return std::make_unique<senseflow_process>(directory, c.text(), std::vector<std::string>{}, wrapper,
                                               "senseflow", descriptors);
  }

  bench::generator_options events(uint64_t n, double rate) const {
    bench::generator_options g;
    g.user_port = c.user_port;
    g.log_port = c.log_port;
    g.hosts = 10;
    g.count = n;
    g.rate = rate;
    return g;
  }
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(service_manager_tests, fixture)

CAF_TEST(it is told when the service is ready reloads and stops) {
  auto aut = start();
  CAF_REQUIRE(holds(manager.wait_for("READY=1"), "STATUS=Running: "));
  for (const auto* what : {"receiving user events", "receiving log events"})
    CAF_CHECK(occurrences(aut->output(), what) == 1); // not ready before
  CAF_CHECK_EQUAL(manager.count("WATCHDOG"), 0u);

  auto seen = manager.messages().size();
  aut->configure("Butler-SOS: 1\n");
  aut->process().signal(SIGHUP);
  CAF_CHECK(holds(manager.wait_for("RELOADING=1", seen), "MONOTONIC_USEC="));
  CAF_CHECK(holds(manager.wait_for("READY=1", seen),
                  "The last reload was refused: " + (directory / "senseflow.yaml")));
  seen = manager.messages().size();
  aut->configure(c.text());
  aut->process().signal(SIGHUP);
  const auto ready = manager.wait_for("READY=1", seen);
  CAF_CHECK(holds(ready, "Running") && !holds(ready, "refused"));

  CAF_CHECK_EQUAL(aut->stop(), 0);
  CAF_CHECK_NOT_EQUAL(manager.wait_for("STOPPING=1"), "");
}

CAF_TEST(it is told what was wrong with a configuration that nothing could be started with) {
  c.broker_host = "''";
  auto aut = start();
  CAF_CHECK_EQUAL(aut->process().wait(20s).value_or(-1), 1);
  CAF_CHECK(holds(manager.wait_for("STATUS="), "brokerHost"));
  CAF_CHECK_EQUAL(manager.count("READY=1"), 0u);
}

CAF_TEST(while it drains the log and the manager are told what is left) {
  c.more = "  delivery: {mode: memory}\n  shutdown: {drainTimeout: 3000}\n";
  auto aut = start();
  CAF_REQUIRE(aut->ready());
  broker.freeze();
  bench::send_burst(events(0, 0), 100);
  CAF_REQUIRE(eventually([&] {
    const auto book = aut->ledger_now();
    return book["userevent"]["received"].get<int>() + book["logevent"]["received"].get<int>() == 100;
  }));
  const auto seen = manager.messages().size();
  CAF_CHECK(aut->stop() >= 0);
  CAF_CHECK(aut->says("draining: 100 events left, up to "));
  CAF_CHECK(holds(manager.wait_for("EXTEND_TIMEOUT_USEC=", seen), "STOPPING=1"));
  CAF_CHECK_NOT_EQUAL(manager.wait_for("STATUS=Stopping: 100 events left, up to ", seen), "");
  broker.thaw();
}

CAF_TEST(the watchdog is not told that all is well while an encoder hangs) {
  c.actors = "supervision: {pingInterval: 300}";
  variables.emplace_back("WATCHDOG_USEC=400000");
  auto aut = start();
  CAF_REQUIRE(aut->ready());
  CAF_REQUIRE(eventually([&] { return manager.count("WATCHDOG=1") > 5; }));
  aut->control("hang " + std::to_string(2000 + 2000 * slowdown) + " encoding/encoder");
  CAF_REQUIRE(aut->says("encoding/encoder has not responded for"));
  CAF_CHECK(
      eventually([&] { return manager.wait_for("WATCHDOG=1", manager.messages().size(), 800ms).empty(); }));
  CAF_CHECK(aut->says("all components respond again"));
  CAF_CHECK_NOT_EQUAL(manager.wait_for("WATCHDOG=1", manager.messages().size()), "");
  CAF_CHECK_EQUAL(aut->stop(), 0);
}

CAF_TEST(with sockets that are handed over no datagram is lost while the program is replaced) {
  constexpr uint64_t all = 10'000;
  constexpr double rate = 2'000;
  open_sockets(16u << 20);
  subscriber sub{{broker.port(), "butler-sos/#", 1}};
  witness seen{sub};
  auto aut = start();
  CAF_REQUIRE(aut->ready());
  CAF_CHECK(aut->says("receiving user events on UDP port " + std::to_string(c.user_port)));
  CAF_CHECK_EQUAL(occurrences(aut->output(), "KiB, handed over by the service manager"), 2u);
  std::atomic<bool> stop{false};
  bench::generator_summary sent;
  std::thread load{[&] { sent = bench::run_generator(events(all, rate), stop); }};
  std::map<std::string, uint64_t> received;
  uint64_t dropped = 0;
  const auto add_up = [&] {
    for (auto cls : event_classes) {
      received[cls] += aut->ledger()[cls]["received"].get<uint64_t>();
      dropped += aut->ledger()[cls]["kernelDrops"].get<uint64_t>() + total_of(aut->ledger()[cls]["dropped"]);
    }
  };
  for (uint64_t part = 1; part <= 2; ++part) {
    CAF_CHECK(seen.wait_for_distinct(part * all / 4));
    CAF_CHECK_EQUAL(aut->stop(), 0);
    add_up();
    aut = start();
    CAF_CHECK(aut->ready()); // a signal that comes before ends it at once
  }
  load.join();
  CAF_REQUIRE_EQUAL(sent.total, all);
  CAF_CHECK(seen.wait_for_distinct(all, 20s));
  CAF_CHECK(aut->at_rest(10s));
  CAF_CHECK_EQUAL(aut->stop(), 0);
  add_up();
  CAF_CHECK_EQUAL(received["userevent"] + received["logevent"], all);
  CAF_CHECK_EQUAL(dropped, 0u);
  CAF_CHECK_EQUAL(seen.distinct(), all);
}

CAF_TEST(a socket that differs from the configuration is used and that is said) {
  open_sockets(100'000);
  const auto bound = c.user_port;
  c.user_port = free_udp_port();
  auto aut = start();
  CAF_REQUIRE(aut->ready());
  CAF_CHECK(aut->says(
      "handed over for UDP port " + std::to_string(c.user_port) + " is bound to port " +
      std::to_string(bound) + " instead of " + std::to_string(c.user_port) +
      ", has a receive buffer of 100000 bytes instead of 8388608. What the socket unit says counts"));
  CAF_CHECK_EQUAL(aut->stop(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
