#define CAF_SUITE system.crashes
#include <caf/test/unit_test.hpp>

#include "test/system/system_fixture.hpp"

#include <atomic>
#include <set>
#include <thread>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {"max_queued_messages 0"}}};
  subscriber sub{broker.port()};
  system_config c;

  fixture() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
  }
};

/// Events at a steady rate, until told to stop.
class load {
public:
  explicit load(const system_config& c)
      : thread_([this, c] {
          bench::generator_options g;
          g.user_port = c.user_port;
          g.log_port = c.log_port;
          g.rate = 1000;
          g.hosts = 10;
          g.duration = 60s;
          summary_ = bench::run_generator(g, stop_);
        }) {}
  ~load() {
    if (thread_.joinable()) stop();
  }
  bench::generator_summary stop() {
    stop_ = true;
    thread_.join();
    return summary_;
  }

private:
  std::atomic<bool> stop_{false};
  bench::generator_summary summary_;
  std::thread thread_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(crash_tests, fixture)

CAF_TEST(each kind of actor can die under load and no event is lost) {
  bench::make_certificates(directory / "certs");
  bench::site_options o;
  o.servers = 2;
  o.certificates = directory / "certs";
  bench::site site{o};
  c.site = &site;
  c.certificates = directory / "certs";
  c.sessions = c.app_names = true;
  c.polling_ms = 200;
  c.actors =
      "encoders: {count: 2}, publishers: {count: 2}, "
      "supervision: {maxRestarts: 1000, initialDelay: 10, maxDelay: 100}, reconnect: {initialDelay: 10, "
      "maxDelay: 100}";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("connected to the MQTT broker"));
  CAF_REQUIRE(aut.says("receiving user events"));
  CAF_REQUIRE(aut.says("receiving log events"));
  load events{c};
  CAF_REQUIRE(sub.wait_for_count(100));

  size_t killed = 0;
  for (auto how : {"crash", "kill"})
    for (auto who :
         {"delivery/outbox", "delivery/publisher-1", "delivery/publisher-2", "encoding/pool",
          "encoding/encoder-1", "encoding/encoder-2", "ingest/user-events", "ingest/log-events",
          "polling/sense1", "polling/app-directory", "delivery", "encoding", "ingest", "polling"}) {
      CAF_MESSAGE(how << " " << who);
      aut.control(std::string{how} + " " + who);
      ++killed;
      // Restarted, and messages keep coming: the next one goes only then.
      CAF_REQUIRE(eventually([&] {
        return occurrences(aut.output(), std::string{who} + " ended (") >=
               (how == std::string{"crash"} ? 1u : 2u);
      }));
      auto n = sub.count();
      CAF_REQUIRE(sub.wait_for_count(n + 500));
    }
  auto sent = events.stop();
  CAF_MESSAGE("killed " << killed << " actors over " << sent.seconds << " s, events sent: " << sent.total);

  CAF_CHECK(eventually(
      [&] {
        aut.control("ledger");
        if (!aut.says("ledger {")) return false;
        auto book = aut.ledger();
        return book["userevent"]["published"].get<uint64_t>() +
                   book["logevent"]["published"].get<uint64_t>() ==
               sent.total;
      },
      20s));
  CAF_CHECK(aut.process().running());
  CAF_CHECK_EQUAL(aut.stop(), 0);
  auto book = aut.ledger();
  for (auto c : {"userevent", "logevent"}) {
    CAF_MESSAGE(c << ": " << book[c].dump());
    CAF_CHECK(book[c]["dropped"].empty());
    CAF_CHECK_EQUAL(book[c]["inFlight"], 0);
  }
  CAF_CHECK_EQUAL(occurrences(aut.output(), "does not balance"), 0u);
  // Each event at least once on its main topic; twice only what a dying publisher had not seen acknowledged.
  std::set<std::string> distinct;
  size_t arrived = 0;
  for (const auto& m : sub.messages())
    if (m.topic == "butler-sos/userevent" || m.topic == "butler-sos/logevent") {
      ++arrived;
      distinct.insert(m.payload);
    }
  CAF_MESSAGE("duplicates: " << arrived - distinct.size());
  CAF_CHECK_EQUAL(distinct.size(), sent.total);
}

CAF_TEST(an actor that fails more often than the intensity ends the process with a clear message) {
  c.actors = "supervision: {maxRestarts: 1, initialDelay: 10, maxDelay: 20}";
  senseflow_process aut{directory, c.text()};
  CAF_REQUIRE(aut.says("receiving user events"));
  std::optional<int> code;
  for (int i = 0; i < 20 && !code; ++i) {
    try {
      aut.control("crash encoding/pool");
    } catch (const std::exception&) { // it has ended
    }
    code = aut.process().wait(300ms);
  }
  CAF_REQUIRE(code);
  CAF_CHECK_EQUAL(*code, 2);
  CAF_CHECK(aut.says("encoding gives up"));
  CAF_CHECK(aut.says("the program gives up"));
}

CAF_TEST_FIXTURE_SCOPE_END()
