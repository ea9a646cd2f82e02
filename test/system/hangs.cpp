#define CAF_SUITE system.hangs
#include "test/support/unit_test.hpp"

#include "test/support/conservation.hpp"
#include "test/support/silent_disk.hpp"
#include "test/support/spool_file.hpp"
#include "test/support/stall_watch.hpp"
#include "test/system/event_load.hpp"

#include <random>

// A disk that does not answer, and threads that stay inside of what they share with others: the rest goes on,
// and in the end the books are exact.

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  silent_disk disk{directory / "disk"};
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {"max_queued_messages 0"}}};
  // Its session outlives its connection: what is counted is what the broker has taken.
  subscriber sub{{broker.port(), "butler-sos/#", 1, {}, {}, {}, 4, "witness"}};
  witness seen{sub};
  system_config c;
  std::string spool = disk.directory() + "/spool";

  fixture() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.actors = "reconnect: {initialDelay: 10, maxDelay: 100}";
    journal("");
  }

  void journal(const std::string& more) {
    c.more = "  delivery: {mode: journal, spool: {path: " + spool + "}, replay: {delay: 100}}\n" + more;
  }

  std::unique_ptr<senseflow_process> start() const {
    return std::make_unique<senseflow_process>(directory, c.text(), std::vector<std::string>{},
                                               disk.wrapper());
  }

  /// Published so far.
  size_t ledgers() const {
    size_t n = 0;
    for (const auto& [topic, count] : sub.counts())
      if (topic.rfind("/ledger") == topic.size() - 7) n += count;
    return n;
  }

  /// Twice is what may have been sent before a crash; lost is nothing.
  void nothing_is_lost(senseflow_process& aut, const bench::generator_summary& sent) {
    // What a receiver that is being replaced has left in its socket is nowhere yet.
    CAF_CHECK(eventually([&] {
      const auto book = aut.ledger_now();
      return book["userevent"]["received"].get<uint64_t>() + book["logevent"]["received"].get<uint64_t>() >=
             sent.total;
    }));
    CAF_CHECK(aut.at_rest(60s));
    CAF_CHECK(aut.process().running());
    CAF_CHECK(sub.settle());
    seen.wait_for([](const witness&) { return true; });
    CAF_CHECK_EQUAL(aut.stop(), 0);
    const auto book = aut.ledger();
    for (auto cls : event_classes) {
      CAF_MESSAGE(cls << ": " << book[cls].dump() << ", duplicates " << seen.of(cls).duplicates);
      CAF_CHECK_EQUAL(violations(cls, book, seen.of(cls), sent_of(sent, cls)), "");
      CAF_CHECK(book[cls]["dropped"].empty());
      CAF_CHECK_EQUAL(seen.of(cls).numbers.size(), sent_of(sent, cls));
    }
    CAF_CHECK_EQUAL(occurrences(aut.output(), "does not balance"), 0u);
  }
};

size_t threads_of(senseflow_process& aut) {
  std::ifstream file{"/proc/" + std::to_string(aut.process().pid()) + "/status"};
  for (std::string line; std::getline(file, line);)
    if (line.rfind("Threads:", 0) == 0) return std::stoul(line.substr(8));
  return 0;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(hang_tests, fixture)

CAF_TEST(in journal mode a disk that hangs stops nothing and is back at once when it answers) {
  auto aut = start();
  CAF_REQUIRE(aut->ready());
  event_load events{c, 200};
  CAF_REQUIRE(sub.wait_for_count(100));
  const auto threads = threads_of(*aut);

  disk.hang();
  CAF_CHECK(aut->says("the spool's disk has not answered for 2."));
  auto most = threads;
  for (const std::string who : {"delivery/spool", "delivery/outbox", "delivery/spool", "delivery"}) {
    CAF_REQUIRE(sub.wait_for_count(sub.count() + 200)); // they flow
    const auto ends = occurrences(aut->output(), who + " failed (");
    aut->control("crash " + who);
    CAF_REQUIRE(eventually([&] { return occurrences(aut->output(), who + " failed (") > ends; }));
    most = std::max(most, threads_of(*aut));
  }
  CAF_REQUIRE(events.go_on(long_run() ? 60s : 3s));
  CAF_REQUIRE(sub.wait_for_count(sub.count() + 200));
  most = std::max(most, threads_of(*aut));
  CAF_MESSAGE("threads: " << threads << ", and with a disk that hangs " << most);
  CAF_CHECK(most <= threads);

  CAF_CHECK(spooled_events(spool).size() < 300); // they went around it
  disk.answer();
  CAF_CHECK(aut->says("the spool's disk answers again, after "));
  broker.freeze();
  CAF_CHECK(eventually([&] { return spooled_events(spool).size() > 100; })); // it is used again
  broker.thaw();
  nothing_is_lost(*aut, events.stop());
  CAF_CHECK(spooled_events(spool).empty());
}

CAF_TEST(a program whose disk hangs stops in time and says what is lost) {
  c.more += "  shutdown: {drainTimeout: 2000}\n";
  auto aut = start();
  CAF_REQUIRE(aut->ready());
  broker.freeze(); // events must wait
  event_load events{c, 200};
  CAF_REQUIRE(eventually([&] { return spooled_events(spool).size() > 100; }));
  disk.hang();
  CAF_CHECK(aut->says("the spool's disk has not answered for 2."));
  const auto sent = events.stop();
  CAF_CHECK(eventually([&] {
    const auto book = aut->ledger_now();
    return book["userevent"]["received"].get<uint64_t>() + book["logevent"]["received"].get<uint64_t>() ==
           sent.total;
  }));
  const fair_stopwatch stop;
  CAF_CHECK_EQUAL(aut->stop(), 3);
  CAF_CHECK(stop.passed() + stop.stalled() > 7s); // drainTimeout, and 7 s more
  CAF_CHECK(stop.passed() < 15s * slowdown);
  CAF_CHECK(aut->says("what was not delivered can't be written to the spool: the disk has not answered"));
  CAF_CHECK(aut->says("the spool's disk does not answer: the spool is left as it is"));
  const auto book = aut->ledger();
  uint64_t sum = 0, lost = 0;
  for (auto cls : event_classes) {
    CAF_MESSAGE(cls << ": " << book[cls].dump());
    lost += book[cls]["dropped"].value("shutdown", uint64_t{0});
    sum += book[cls]["dropped"].value("unconfirmed", uint64_t{0}); // the disk has been asked to take it
    sum += book[cls]["published"].get<uint64_t>() + book[cls]["onDisk"].get<uint64_t>();
  }
  CAF_CHECK(lost > 0);
  CAF_CHECK_EQUAL(sum + lost, sent.total);

  disk.answer();
  broker.thaw();
  auto next = start(); // what had been written down
  CAF_CHECK(next->says("events of an earlier run"));
  CAF_REQUIRE(next->ready());
  CAF_CHECK(next->at_rest(20s));
  CAF_CHECK_EQUAL(next->stop(), 0);
}

CAF_TEST(a program whose disk hangs at the start does not start if it needs it and says why) {
  disk.hang();
  auto aut = start();
  CAF_CHECK(aut->says("waiting for the disk of the spool " + spool));
  CAF_CHECK_EQUAL(aut->process().wait(20s).value_or(-1), 1);
  CAF_CHECK(aut->says("the spool can't be used: the disk of " + spool + " has not answered for 10 s"));
}

CAF_TEST(a program that waits for its disk at the start can be stopped) {
  disk.hang();
  auto aut = start();
  CAF_CHECK(aut->says("waiting for the disk of the spool " + spool));
  CAF_CHECK_EQUAL(aut->stop(5s), 0);
  CAF_CHECK_EQUAL(occurrences(aut->output(), "receiving"), 0u);
}

CAF_TEST(a program whose disk hangs at the start runs without a spool if nobody asked for one) {
  c.more = "  delivery: {mode: overflow}\n"; // the default directory is below the working directory
  auto wrapper = disk.wrapper();
  wrapper.insert(wrapper.begin() + 1, {"-C", disk.directory()});
  wrapper[3] = "LD_PRELOAD=" + binary_path("libsilent_disk.so");
  disk.hang();
  senseflow_process aut{directory, c.text(), {}, wrapper};
  CAF_CHECK(aut.says("Continuing without a spool: the disk of spool has not answered for 10 s", 20s));
  CAF_REQUIRE(aut.ready());
  event_load events{c, 200};
  CAF_REQUIRE(sub.wait_for_count(100));
  nothing_is_lost(aut, events.stop());
}

CAF_TEST(whoever hangs or dies inside of what outlives it nothing is lost and the ledger keeps coming) {
  const auto* given = std::getenv("SENSEFLOW_SEED");
  const auto seed = given != nullptr ? std::stoull(given) : std::random_device{}();
  CAF_MESSAGE("SENSEFLOW_SEED=" << seed);
  std::mt19937_64 random{seed};
  const auto some = [&](int from, int to) { return std::uniform_int_distribution<int>{from, to}(random); };
  c.actors = "publishers: {count: 2}, scheduler: {threads: 4}, "
             "supervision: {maxRestarts: 100000, initialDelay: 10, maxDelay: 50, pingInterval: 100, "
             "hangTimeout: 300}, reconnect: {initialDelay: 10, maxDelay: 100}";
  journal("  ledger: {interval: 200}\n");
  auto aut = start();
  CAF_REQUIRE(aut->ready());
  event_load events{c, 500};
  CAF_REQUIRE(sub.wait_for_count(100));
  const auto threads = threads_of(*aut);
  const std::vector<std::string> names{"delivery/outbox",      "delivery/outbox",      "encoding/encoder",
                                       "ingest/user-events",   "ingest/log-events",    "delivery/spool",
                                       "delivery/publisher-1", "delivery/publisher-2", "delivery/ledger"};
  const auto until = std::chrono::steady_clock::now() + (long_run() ? 600s : 20s);
  bool silent = false;
  auto most = threads;
  for (size_t n = 0; std::chrono::steady_clock::now() < until; ++n) {
    const auto& who = names[n % names.size()];
    const auto calls = std::to_string(some(0, 20)) + " ";
    if (some(0, 2) > 0)
      aut->control("crash-inside " + calls + who);
    else if (who.find("publisher") == std::string::npos)
      aut->control("hang-inside " + std::to_string(some(10, 1500)) + " " + calls + who);
    if (n % 20 == 19) {
      silent = !silent;
      silent ? disk.hang() : disk.answer();
    }
    CAF_REQUIRE(events.go_on(std::chrono::milliseconds(some(20, 300))));
    most = std::max(most, threads_of(*aut));
  }
  disk.answer();
  const auto reports = ledgers();
  CAF_CHECK(eventually([&] { return ledgers() > reports + 2; }));
  const auto sent = events.stop();
  const auto log = aut->output();
  CAF_MESSAGE("events sent " << sent.total << ", failures " << occurrences(log, "; restarting in ")
                             << ", of these hangs " << occurrences(log, "is not responding")
                             << ", predecessors inside " << occurrences(log, "is still inside")
                             << ", threads " << threads << ", at most " << most);
  CAF_CHECK_GREATER(occurrences(log, "is still inside"), 0u);
  CAF_CHECK(most <= threads + 2); // connections of a publisher that is being replaced
  nothing_is_lost(*aut, sent);
}

CAF_TEST(what an actor holds that can not be stopped is counted) {
  journal("  shutdown: {drainTimeout: 2000}\n");
  auto aut = start();
  CAF_REQUIRE(aut->ready());
  broker.freeze();
  event_load events{c, 200};
  CAF_REQUIRE(eventually([&] { return aut->ledger_now()["logevent"]["inMemory"].get<int>() > 100; }));
  const auto sent = events.stop();
  CAF_CHECK(eventually([&] {
    const auto book = aut->ledger_now();
    return book["userevent"]["received"].get<uint64_t>() + book["logevent"]["received"].get<uint64_t>() ==
           sent.total;
  }));
  aut->control("hang-inside 60000 0 delivery/outbox");
  CAF_CHECK_EQUAL(aut->stop(), 3);
  CAF_CHECK(aut->says("delivery/outbox: what it held is lost (its predecessor is still inside)"));
  CAF_CHECK(aut->says("an actor could not be stopped; exiting without it"));
  const auto book = aut->ledger();
  uint64_t ended = 0;
  for (auto cls : event_classes) {
    CAF_MESSAGE(cls << ": " << book[cls].dump());
    CAF_CHECK(book[cls]["dropped"]["stuck"].get<uint64_t>() > 0);
    ended += book[cls]["published"].get<uint64_t>() + total_of(book[cls]["dropped"]) +
             book[cls]["onDisk"].get<uint64_t>();
  }
  CAF_CHECK_EQUAL(ended, sent.total);
  broker.thaw();
  auto next = start(); // it was in the journal all the same
  CAF_CHECK(next->says("events of an earlier run"));
  CAF_REQUIRE(next->ready());
  CAF_CHECK(next->at_rest(20s));
  CAF_CHECK_EQUAL(next->stop(), 0);
}

CAF_TEST(certificates on a disk that hangs keep the connection to the broker waiting and nothing else) {
  bench::make_certificates(disk.directory() + "/certs");
  const auto pki = [this](const std::string& name) { return disk.directory() + "/certs/" + name; };
  broker_options o;
  o.tls_certificate_file = pki("server.pem");
  o.tls_key_file = pki("server_key.pem");
  mosquitto_broker secure{o};
  subscriber_options s{secure.port(), "butler-sos/#", 1};
  s.tls_ca_file = pki("root.pem");
  subscriber here{s};
  c.broker_port = secure.port();
  c.mqtt = "tls: {enable: true, ca: " + pki("root.pem") + "}";
  c.more = "  delivery: {spool: {path: " + (directory / "spool") + "}}\n  shutdown: {drainTimeout: 2000}\n";
  auto aut = start();
  CAF_REQUIRE(aut->ready());
  disk.hang();
  const auto threads = threads_of(*aut);
  event_load events{c, 200};
  CAF_REQUIRE(here.wait_for_count(200));
  secure.stop();
  CAF_CHECK(aut->says("the TLS files can't be read: their disk does not answer. Retrying.", 30s));
  secure.start();
  CAF_REQUIRE(events.go_on(7s));
  CAF_CHECK(threads_of(*aut) <= threads + 2);
  CAF_CHECK(!aut->ledger_now().empty());
  CAF_CHECK_EQUAL(occurrences(aut->output(), "is not responding"), 0u);
  disk.answer();
  CAF_REQUIRE(here.wait_for_count(here.count() + 200, 30s));
  events.stop();
  CAF_CHECK(aut->at_rest(30s));

  disk.hang();
  secure.stop();
  CAF_CHECK_EQUAL(aut->stop(), 0);
  CAF_CHECK_EQUAL(occurrences(aut->output(), "does not balance"), 0u);
}

CAF_TEST(a stop does not wait for a client that is stuck over its certificates) {
  bench::make_certificates(disk.directory() + "/certs");
  bench::site_options so;
  so.servers = 2;
  so.certificates = disk.directory() + "/certs";
  bench::site site{so};
  c.site = &site;
  c.certificates = disk.directory() + "/certs";
  c.polling_ms = 4000; // the first polls come after what follows
  c.more = "  delivery: {spool: {path: " + (directory / "spool") + "}}\n  shutdown: {drainTimeout: 2000}\n";
  auto aut = start();
  CAF_REQUIRE(aut->ready());
  disk.hang();
  event_load events{c, 200};
  CAF_REQUIRE(events.go_on(5s));
  const auto sent = events.stop();
  CAF_CHECK(aut->at_rest(10s));
  CAF_CHECK_EQUAL(aut->stop(), 3);
  CAF_CHECK(aut->says("a thread could not be waited for; exiting without it"));
  const auto book = aut->ledger();
  for (auto cls : event_classes) CAF_CHECK_EQUAL(book[cls]["published"], sent_of(sent, cls));
}

CAF_TEST_FIXTURE_SCOPE_END()
