#define CAF_SUITE runtime.service.watch
#include "test/support/unit_test.hpp"

#include "runtime/service/watch.hpp"

#include "test/support/logged.hpp"
#include "test/support/notify_socket.hpp"
#include "test/support/temp_dir.hpp"

#include <optional>

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;
using messages::item_class;
using runtime::place;

namespace {

struct fixture {
  temp_dir directory;
  notify_socket manager{directory / "notify"};
  variable socket{"NOTIFY_SOCKET", manager.path()};
  actors::context env;
  std::shared_ptr<runtime::service_ports> ports = std::make_shared<runtime::service_ports>();
  runtime::service_watch_options options;
  logged log;

  runtime::udp_opened open(const std::string& receiver, const std::string& host) {
    runtime::udp_options o;
    o.host = host;
    return runtime::service_ports::opener(ports, receiver)(o);
  }
  void answer() { env.signs.alive("encoding/encoder", std::chrono::steady_clock::now()); }
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(watch_tests, fixture)

CAF_TEST(the service is ready when each port is open or known not to be and says which is not ) {
  options.receivers = {"user-events", "log-events"};
  runtime::service_manager link;
  runtime::service_watch aut{link, env, *ports, options};
  const auto first = open("user-events", "127.0.0.1");
  CAF_CHECK_EQUAL(manager.wait_for("READY=1", 0, 300ms), "");
  open("log-events", "192.0.2.1");
  const auto ready = manager.wait_for("READY=1");
  CAF_CHECK(holds(ready, "STATUS=Running: 0 items published, 0 events waiting."));
  CAF_CHECK(holds(ready, "192.0.2.1 is not an address of this machine"));
}

CAF_TEST(a port that nothing is known of does not hold up the service for ever) {
  options.receivers = {"user-events"};
  options.port_patience = 200ms;
  runtime::service_manager link;
  runtime::service_watch aut{link, env, *ports, options};
  CAF_CHECK_NOT_EQUAL(manager.wait_for("READY=1"), "");
}

CAF_TEST(a reload is told with its end and with what was wrong until the next one) {
  runtime::service_manager link;
  runtime::service_watch aut{link, env, *ports, options};
  CAF_REQUIRE_NOT_EQUAL(manager.wait_for("READY=1"), "");
  auto seen = manager.messages().size();
  aut.reloading();
  aut.reloaded("f.yaml:3:5 is wrong", {});
  CAF_CHECK_NOT_EQUAL(manager.wait_for("RELOADING=1", seen), "");
  CAF_CHECK(holds(manager.wait_for("READY=1", seen), "The last reload was refused: f.yaml:3:5 is wrong"));
  seen = manager.messages().size();
  aut.reloading();
  aut.reloaded("", {});
  const auto ready = manager.wait_for("READY=1", seen);
  CAF_CHECK(holds(ready, "STATUS=Running"));
  CAF_CHECK(!holds(ready, "refused"));
}

CAF_TEST(its figures are told from time to time) {
  options.status_interval = 100ms;
  runtime::service_manager link;
  runtime::service_watch aut{link, env, *ports, options};
  CAF_REQUIRE_NOT_EQUAL(manager.wait_for("READY=1"), "");
  env.book.received(item_class::user_event, "sense1", 1);
  env.book.recovered(item_class::user_event, "sense1", 1); // found on disk
  CAF_CHECK_NOT_EQUAL(manager.wait_for("STATUS=Running: 0 items published, 2 events waiting."), "");
  env.book.moved(item_class::user_event, "sense1", place::source, place::flight, 1);
  env.book.published(item_class::user_event, "sense1", true);
  CAF_CHECK_NOT_EQUAL(manager.wait_for("STATUS=Running: 1 items published, 1 events waiting."), "");
}

CAF_TEST(while it stops what is left is told once a second and more time is asked for) {
  env.book.received(item_class::user_event, "sense1", 3);
  env.book.received(item_class::health, "sense1", 5); // state: only its newest value counts
  runtime::service_manager link;
  std::optional<runtime::service_watch> aut{std::in_place, link, env, *ports, options};
  CAF_REQUIRE_NOT_EQUAL(manager.wait_for("READY=1"), "");
  aut->stopping(10s);
  const auto first = manager.wait_for("STOPPING=1");
  CAF_CHECK(holds(first, "STATUS=Stopping: 3 events left"));
  CAF_CHECK(holds(first, "EXTEND_TIMEOUT_USEC=15000000"));
  const auto seen = manager.messages().size();
  env.book.dropped(item_class::user_event, "sense1", place::source, "shutdown", 1);
  const auto next = manager.wait_for("EXTEND_TIMEOUT_USEC=15000000", seen);
  CAF_CHECK(holds(next, "STATUS=Stopping: 2 events left, up to "));
  CAF_CHECK(!holds(next, "STOPPING=1"));
  env.book.dropped(item_class::user_event, "sense1", place::source, "shutdown", 2);
  CAF_CHECK_NOT_EQUAL(manager.wait_for("STATUS=Stopping: 0 events left", seen), "");
  aut.reset();
  CAF_CHECK(!log.lines("draining: 2 events left, up to ").empty());
  CAF_CHECK(log.lines("draining: 0 events").empty());
}

CAF_TEST(the watchdog hears nothing while a component does not answer) {
  const variable interval{"WATCHDOG_USEC", "100000"};
  options.silence = 400ms;
  answer();
  runtime::service_manager link;
  runtime::service_watch aut{link, env, *ports, options};
  CAF_CHECK(eventually([&] {
    answer();
    return manager.count("WATCHDOG=1") > 10;
  }));
  CAF_CHECK(eventually([&] { return !log.lines("encoding/encoder has not responded for 0 s").empty(); }));
  CAF_CHECK(
      eventually([&] { return manager.wait_for("WATCHDOG=1", manager.messages().size(), 300ms).empty(); }));
  const auto seen = manager.messages().size();
  answer();
  CAF_CHECK_NOT_EQUAL(manager.wait_for("WATCHDOG=1", seen), "");
  CAF_CHECK_EQUAL(log.lines("all components respond again").size(), 1u);
}

CAF_TEST(the watchdog is kept quiet during the stop which has limits of its own) {
  const variable interval{"WATCHDOG_USEC", "100000"};
  options.silence = 1ms;
  answer();
  runtime::service_manager link;
  runtime::service_watch aut{link, env, *ports, options};
  CAF_REQUIRE(eventually([&] { return !log.lines("has not responded").empty(); }));
  const auto seen = manager.messages().size();
  aut.stopping(10s);
  CAF_CHECK_NOT_EQUAL(manager.wait_for("WATCHDOG=1", seen), "");
}

CAF_TEST_FIXTURE_SCOPE_END()
