#define CAF_SUITE system.chaos
#include "test/support/unit_test.hpp"

#include "bench/event_generator/sender.hpp"
#include "test/support/conservation.hpp"
#include "test/support/dice.hpp"
#include "test/support/silent_disk.hpp"
#include "test/support/small_disk.hpp"
#include "test/support/tcp_proxy.hpp"
#include "test/system/event_load.hpp"

#include <map>
#include <random>

// Everything fails at random while events come in, and in the end the books are exact. For that the
// subscriber must have seen whatever the broker has acknowledged, each once, whatever happens to the broker:
// - A broker that is killed takes what it has acknowledged and not yet delivered with it, and one that is
//   stopped in order delivers again what its subscriber had not acknowledged: neither is senseflow's doing.
//   So the connections of senseflow are frozen first (in the proxy), then the subscriber, connected to the
//   broker itself, takes what there is, then the broker goes. What is on its way from senseflow is lost
//   as ever.
// - After a kill nobody gets in before the subscriber has subscribed again.
// Freezing the broker and everything done to the network and to senseflow comes without such care.

using namespace senseflow;
using namespace senseflow::test;

namespace {

using clock_type = std::chrono::steady_clock;

struct fixture {
  temp_dir directory;
  small_disk disk{directory / "disk", 64u << 20};
  silent_disk silence{directory / "disk"};
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {}, true}};
  tcp_proxy network{broker.port()};
  subscriber sub{{broker.port(), "butler-sos/#", 1, {}, {}, {}, 5, "witness"}};
  witness seen{sub};
  system_config c;
  std::unique_ptr<senseflow_process> aut;
  std::map<std::string, uint64_t> hostile; ///< datagrams by class
  std::map<std::string, size_t> done;      ///< how often what was done
  clock_type::time_point until{};
  uint64_t seed = 0;

  fixture() {
    c.broker_port = network.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.sessions = c.app_names = true;
    c.polling_ms = 200;
    c.actors = "publishers: {count: 2}, "
               "supervision: {maxRestarts: 100000, initialDelay: 10, maxDelay: 50, pingInterval: 200, "
               "hangTimeout: 700}, scheduler: {threads: 4}, "
               "reconnect: {initialDelay: 20, maxDelay: 100}";
    // No minFreeBytes: a disk that is full to the last byte.
    c.more = "  delivery: {mode: journal, spool: {path: " + (directory / "disk/spool") +
             ", minFreeBytes: 0}, replay: {delay: 100}}\n  ledger: {interval: 200}\n";
    const auto* given = std::getenv("SENSEFLOW_SEED");
    seed = given != nullptr ? std::stoull(given) : std::random_device{}();
  }

  bool goes_on() const { return clock_type::now() < until; }

  /// The load goes on meanwhile, to its end at most.
  void pause(std::chrono::milliseconds x) const {
    const auto end = std::min(clock_type::now() + x, until);
    eventually([&] { return clock_type::now() >= end; }, x + 1s);
  }

  // --- inside the program ---------------------------------------------------------------------------

  void kill_actors(dice random) {
    const std::vector<std::string> names{"delivery/outbox",
                                         "delivery/spool",
                                         "delivery/ledger",
                                         "delivery/publisher-1",
                                         "delivery/publisher-2",
                                         "encoding/encoder",
                                         "encoding/encoder",
                                         "ingest/user-events",
                                         "ingest/log-events",
                                         "polling/sense1",
                                         "polling/sense2",
                                         "lookup/app-directory",
                                         "delivery/outbox",
                                         "delivery/spool",
                                         "delivery",
                                         "encoding",
                                         "lookup",
                                         "ingest",
                                         "polling"};
    while (goes_on()) {
      const auto calls = std::to_string(random.below(20)) + " ";
      const std::vector<std::string> ways{"crash ", "kill ", "crash-inside " + calls,
                                          "hang-inside " + std::to_string(random.below(1500)) + " " + calls};
      aut->control(ways[random.below(ways.size())] + names[random.below(names.size())]);
      ++done["actors killed"];
      pause(random.ms(10, 300));
    }
  }

  // --- around it ------------------------------------------------------------------------------------

  /// The broker has delivered all that it has acknowledged, and nothing more reaches it.
  void quiesce() {
    network.freeze();
    CAF_REQUIRE(sub.settle());
  }

  void subscriber_is_back(size_t connects_before) {
    CAF_REQUIRE(eventually([&] { return sub.connects() > connects_before; }));
    CAF_REQUIRE(sub.settle()); // it has subscribed, too
  }

  void stop_broker(dice& random) {
    quiesce();
    auto before = sub.connects();
    broker.stop();
    network.cut();
    network.thaw();
    pause(random.ms(0, 1200));
    broker.start();
    subscriber_is_back(before);
  }

  void kill_broker(dice& random) {
    quiesce();
    auto before = sub.connects();
    broker.kill();
    network.refuse();
    network.cut();
    network.thaw();
    pause(random.ms(0, 1200));
    broker.start();
    subscriber_is_back(before);
    network.accept();
  }

  void freeze_broker(dice& random) {
    broker.freeze();
    pause(random.ms(50, 1000));
    if (random.below(2) == 0) network.cut();
    broker.thaw();
  }

  void freeze_network(dice& random) {
    constexpr std::array ways{tcp_proxy::way::to_server, tcp_proxy::way::to_client, tcp_proxy::way::both};
    network.freeze(ways[random.below(ways.size())]);
    pause(random.ms(50, 1000));
    if (random.below(2) == 0) network.cut();
    network.thaw();
  }

  void refuse(dice& random) {
    network.refuse();
    if (random.below(2) == 0) network.cut();
    pause(random.ms(50, 1000));
    network.accept();
  }

  void fill_disk(dice& random) {
    if (!disk.mounted()) return;
    disk.fill();
    pause(random.ms(100, 2000));
    disk.free();
  }

  void silence_disk(dice& random) {
    silence.hang();
    pause(random.ms(100, 5000));
    silence.answer();
  }

  void send_hostile(dice& random) {
    bench::datagram_sender sender{"127.0.0.1"};
    std::vector<bench::outgoing> all;
    for (auto cls : event_classes) {
      auto port = cls == std::string{"userevent"} ? c.user_port : c.log_port;
      for (size_t n : {1u, 20u, 1400u, 9000u, 60'000u}) {
        all.push_back({port, random.bytes(n)});
        all.push_back({port, std::string(n, ';')});
        all.push_back({port, "/qseow-unheard-of/;" + random.bytes(n)});
        hostile[cls] += 3;
      }
    }
    CAF_REQUIRE(sender.send(all).empty());
  }

  void reload(dice& random) {
    c.polling_ms = static_cast<int>(random.ms(200, 400).count());
    aut->configure(random.below(3) == 0 ? "Butler-SOS: [" : c.text());
    aut->process().signal(SIGHUP);
  }

  void do_something(dice& random) {
    struct deed {
      const char* name;
      size_t weight;
      void (fixture::*run)(dice&);
    };
    constexpr std::array deeds{deed{"broker stopped", 2, &fixture::stop_broker},
                               deed{"broker killed", 2, &fixture::kill_broker},
                               deed{"broker frozen", 3, &fixture::freeze_broker},
                               deed{"network frozen", 4, &fixture::freeze_network},
                               deed{"connections refused", 2, &fixture::refuse},
                               deed{"disk full", 3, &fixture::fill_disk},
                               deed{"disk silent", 3, &fixture::silence_disk},
                               deed{"hostile datagrams", 2, &fixture::send_hostile},
                               deed{"reload", 2, &fixture::reload},
                               deed{"connections cut", 4, nullptr}};
    size_t total = 0;
    for (const auto& d : deeds) total += d.weight;
    auto pick = random.below(total);
    for (const auto& d : deeds) {
      if (pick >= d.weight) {
        pick -= d.weight;
        continue;
      }
      ++done[d.name];
      if (d.run != nullptr)
        (this->*d.run)(random);
      else
        network.cut();
      return;
    }
  }
};

/// What is wrong with the ledgers in the log; `count` of ledgers in all.
std::string unlawful_in(const std::string& log, size_t& count) {
  std::string result;
  for (auto at = log.find(" ledger {"); at != std::string::npos; at = log.find(" ledger {", at + 1)) {
    const auto book = nlohmann::json::parse(log.substr(at + 8, log.find('\n', at) - at - 8));
    ++count;
    for (const auto& [cls, line] : book.items()) result += unlawful(cls, line);
  }
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(chaos_tests, fixture)

CAF_TEST(whatever fails while events come in each of them arrives and the books are exact) {
  CAF_MESSAGE("SENSEFLOW_SEED=" << seed);
  if (!disk.mounted()) CAF_MESSAGE("the disk is not filled: nothing can be mounted here");
  bench::make_certificates(directory / "certs");
  bench::site_options o;
  o.servers = 2;
  o.certificates = directory / "certs";
  bench::site site{o};
  c.site = &site;
  c.certificates = directory / "certs";
  aut =
      std::make_unique<senseflow_process>(directory, c.text(), std::vector<std::string>{}, silence.wrapper());
  CAF_REQUIRE(aut->ready());

  until = clock_type::now() + (long_run() ? 180s : 22s);
  event_load events{c, 1000};
  std::thread killer{[this] { kill_actors(dice{seed + 1}); }};
  {
    dice random{seed};
    while (goes_on()) {
      do_something(random);
      if (aut->process().running()) aut->control("ledger");
      pause(random.ms(20, 400));
    }
  }
  killer.join();
  const auto sent = events.stop();
  CAF_REQUIRE_EQUAL(sent.refused, 0u);
  auto quiet = clock_type::now();
  CAF_CHECK(aut->at_rest(90s));
  CAF_MESSAGE("all at rest after " << std::chrono::duration<double>(clock_type::now() - quiet).count()
                                   << " s");
  CAF_CHECK(aut->process().running());
  CAF_CHECK(seen.ledger_goes_on());
  CAF_CHECK(sub.settle());
  seen.wait_for([](const witness&) { return true; });
  CAF_CHECK_EQUAL(seen.ledgers().wrong, "");
  auto memory = aut->peak_memory() >> 20;
  CAF_CHECK_EQUAL(aut->stop(), 0);

  auto log = aut->output();
  std::string deeds;
  for (const auto& [what, n] : done) deeds += ", " + what + " " + std::to_string(n);
  CAF_MESSAGE("events sent " << sent.total << deeds << ", ends of components in the log "
                             << occurrences(log, "; restarting in ") << ", most memory " << memory << " MiB");
  auto book = aut->ledger();
  for (auto cls : event_classes) {
    const auto& line = book[cls];
    const auto& got = seen.of(cls);
    CAF_MESSAGE(cls << ": " << line.dump() << ", duplicates " << got.duplicates);
    CAF_CHECK_EQUAL(violations(cls, book, got, sent_of(sent, cls), hostile[cls]), "");
    CAF_CHECK_EQUAL(line["kernelDrops"], 0);
    CAF_CHECK_EQUAL(got.numbers.size(), sent_of(sent, cls)); // nothing is lost
    CAF_CHECK_EQUAL(total_of(line["dropped"]), hostile[cls]);
  }
  size_t ledgers = 0;
  CAF_CHECK_EQUAL(unlawful_in(log, ledgers), "");
  CAF_CHECK_GREATER(ledgers, 10u);
  CAF_CHECK_EQUAL(occurrences(log, "does not balance"), 0u);
  CAF_CHECK_EQUAL(occurrences(log, "accounting fault"), 0u);
  CAF_CHECK_GREATER(occurrences(log, "; restarting in "),
                    done["actors killed"] / 2); // others were down already
  CAF_CHECK_LESS(memory, 300u * memory_factor); // 64 MiB of events at most, and the program
}

CAF_TEST_FIXTURE_SCOPE_END()
