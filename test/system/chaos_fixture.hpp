// A program and its surroundings, to which everything happens at random while events come in.
#pragma once

#include "test/support/unit_test.hpp"

#include "bench/event_generator/sender.hpp"
#include "test/support/dice.hpp"
#include "test/support/silent_disk.hpp"
#include "test/support/small_disk.hpp"
#include "test/support/tcp_proxy.hpp"
#include "test/system/moody_broker.hpp"
#include "test/system/private_names.hpp"
#include "test/system/program_runs.hpp"

#include <fmt/chrono.h>

#include <ctime>
#include <map>
#include <random>
#include <set>

namespace senseflow::test {

using clock_type = std::chrono::steady_clock;

/// Why a datagram is dropped that is no event.
inline const std::set<std::string> no_event{"unknown_source", "too_large"};

struct chaos_fixture {
  uint64_t seed = std::random_device{}();
  temp_dir directory;
  private_names names{directory};
  small_disk disk{directory / "disk", 192u << 20}; ///< for what waits, if chaos will have it so
  silent_disk silence{directory / "disk"};
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {}, true}};
  tcp_proxy network{broker.port()};
  subscriber sub{{broker.port(), "butler-sos/#", 1, {}, {}, {}, 4, "witness"}};
  witness seen{sub};
  std::unique_ptr<bench::site> site;
  system_config c;
  std::unique_ptr<program_runs> runs;
  clock_type::time_point until{};

  std::atomic<bool> over{false};  ///< something is wrong
  std::atomic<size_t> ledgers{0}; ///< that have arrived

  std::mutex mutex;                   ///< guards all below
  std::map<std::string, size_t> done; ///< how often what was done
  std::string history;                ///< when what was done
  std::string trouble;

  chaos_fixture() {
    if (const auto* given = std::getenv("SENSEFLOW_SEED")) seed = std::stoull(given);
    bench::make_certificates(directory / "certs");
    bench::site_options o;
    o.servers = 2;
    o.certificates = directory / "certs";
    site = std::make_unique<bench::site>(o);
    c.site = site.get();
    c.certificates = directory / "certs";
    if (names.dns) {
      c.broker_host = "broker.example.com";
      names.dns->tell(c.broker_host, {"127.0.0.1"});
      names.dns->tell("events.example.com", {"127.0.0.1"});
      c.user_udp = "enableSourceValidation: true, allowedSources: ['127.0.0.1', events.example.com]";
    }
    c.broker_port = network.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.sessions = c.app_names = true;
    c.polling_ms = 200;
    configure(2);
    // No minFreeBytes: a disk that is full to the last byte.
    c.more = "  delivery: {mode: journal, spool: {path: " + (directory / "disk/spool") +
             ", minFreeBytes: 0}, replay: {delay: 100}}\n  ledger: {interval: 200}\n"
             "  shutdown: {drainTimeout: 2000}\n";
    auto wrapper = names.in_namespace;
    const auto libraries = silence.wrapper(binary_path("libscarce_memory.so"));
    wrapper.insert(wrapper.end(), libraries.begin(), libraries.end());
    runs = std::make_unique<program_runs>(directory, c, directory / "disk/spool", std::move(wrapper),
                                          (long_run() ? 200.0 : 1000.0) / slowdown);
  }

  void configure(size_t publishers) {
    c.actors = "publishers: {count: " + std::to_string(publishers) +
               "}, supervision: {maxRestarts: 100000, initialDelay: 10, maxDelay: 50, pingInterval: 200, "
               "hangTimeout: 700}, scheduler: {threads: 4}, reconnect: {initialDelay: 20, maxDelay: 100}";
  }

  bool goes_on() const { return !over && clock_type::now() < until; }

  /// The load goes on meanwhile, to its end at most.
  void pause(std::chrono::milliseconds x) const {
    const auto end = std::min(clock_type::now() + x, until);
    eventually([&] { return clock_type::now() >= end; }, x + 1s);
  }

  void did(const std::string& what) {
    std::lock_guard lock{mutex};
    ++done[what];
    history += fmt::format("{:%H:%M:%S} {}\n", fmt::gmtime(std::time(nullptr)), what);
  }

  static void require(bool x, const std::string& otherwise) {
    if (!x) throw std::runtime_error(otherwise);
  }

  struct deed {
    const char* name;
    size_t weight;
    void (chaos_fixture::*run)(dice&);
  };

  /// One after the other, until it is time or something is wrong.
  void do_at_random(const std::vector<deed>& deeds, std::chrono::milliseconds longest_pause, dice random) {
    size_t total = 0;
    for (const auto& d : deeds) total += d.weight;
    try {
      while (goes_on()) {
        auto pick = random.below(total);
        auto d = deeds.begin();
        while (pick >= d->weight) pick -= (d++)->weight;
        did(d->name);
        (this->*d->run)(random);
        pause(random.ms(20, static_cast<int>(longest_pause.count())));
      }
    } catch (const std::exception& e) {
      went_wrong(e);
    }
  }
  void went_wrong(const std::exception& e) {
    over = true;
    std::lock_guard lock{mutex};
    trouble += std::string{e.what()} + '\n';
  }

  // --- inside the program ---------------------------------------------------------------------------

  void provoke(const std::string& what, const std::string& who) {
    runs->with([&](auto& aut) { aut.control(what + " " + who); });
  }
  static std::string anybody(dice& random) {
    return random.of<std::string>(
        {"delivery/outbox", "delivery/spool", "delivery/ledger", "delivery/publisher-1",
         "delivery/publisher-2", "encoding/encoder", "encoding/encoder", "ingest/user-events",
         "ingest/log-events", "polling/sense1", "polling/sense2", "lookup/app-directory", "delivery/outbox",
         "delivery/spool", "delivery", "encoding", "lookup", "ingest", "polling"});
  }
  static std::string with_estate(dice& random) {
    return random.of<std::string>({"delivery/outbox", "delivery/outbox", "delivery/spool", "delivery/ledger",
                                   "encoding/encoder", "ingest/user-events", "ingest/log-events",
                                   "polling/sense1", "polling/sense2"});
  }
  static std::string calls(dice& random) { return std::to_string(random.below(20)); }

  void crash(dice& random) { provoke("crash", anybody(random)); }
  void kill(dice& random) { provoke("kill", anybody(random)); }
  void crash_inside(dice& random) { provoke("crash-inside " + calls(random), with_estate(random)); }
  void hang_inside(dice& random) {
    provoke("hang-inside " + std::to_string(random.below(1500)) + " " + calls(random), with_estate(random));
  }
  void starve(dice& random) {
    provoke("starve " + std::to_string(1 + random.below(60)) + " " + calls(random), with_estate(random));
  }

  // --- around it ------------------------------------------------------------------------------------

  /// The broker has delivered all that it has acknowledged, and nothing more reaches it.
  void quiesce() {
    network.freeze();
    require(sub.settle(), "the subscriber does not settle");
  }

  void subscriber_is_back(size_t connects_before) {
    require(eventually([&] { return sub.connects() > connects_before; }), "the subscriber is not back");
    require(sub.settle(), "the subscriber does not settle when it is back"); // it has subscribed, too
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

  void cut(dice&) { network.cut(); }

  /// Whatever happens to the program meanwhile, its ledger comes, and so do events.
  void leave_alone(dice& random) {
    const auto before = ledgers.load();
    require(eventually([&] { return ledgers > before || !goes_on(); }, 20s),
            "no ledger for 20 s though the broker is well");
    pause(random.ms(0, 3000));
  }

  /// Another one answers in its place.
  void be_rude(dice& random) {
    // None lets the program in: connections that end over its messages would bring them under suspicion.
    const auto answer = random.of<std::string>(
        {connack(5, 0x88, false, {}), connack(5, 0x87, false, {}), connack(4, 3, false, {}),
         moody_broker::dismissal(random), std::string("\x20\x03\x00", 3), random.bytes(1 + random.below(100)),
         "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"});
    network.set_gate([answer](const std::string&) { return answer; });
    network.cut();
    pause(random.ms(50, 1500));
    network.set_gate(nullptr);
    network.cut();
  }

  void silence_names(dice& random) {
    if (!names.dns) return;
    names.dns->silent("");
    pause(random.ms(500, 6000));
    names.dns->silent("", false);
  }

  // --- its machine, and its life --------------------------------------------------------------------

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

  void send(const std::vector<bench::outgoing>& all) {
    bench::datagram_sender sender{"127.0.0.1"};
    for (const auto& x : all) runs->count_hostile(x.port == c.user_port ? "userevent" : "logevent", 1);
    require(sender.send(all).empty(), "hostile datagrams were refused");
  }

  void send_hostile(dice& random) {
    std::vector<bench::outgoing> all;
    for (auto port : {c.user_port, c.log_port})
      for (size_t n : {1u, 20u, 1400u, 9000u, 60'000u})
        for (const auto& text :
             {random.bytes(n), std::string(n, ';'), "/qseow-unheard-of/;" + random.bytes(n)})
          all.push_back({port, text});
    send(all);
  }

  void flood(dice& random) {
    const auto port = random.one_in(2) ? c.user_port : c.log_port;
    send(std::vector<bench::outgoing>(5000 + random.below(25'000),
                                      {port, random.bytes(1 + random.below(500))}));
  }

  void reload(dice& random) {
    c.polling_ms = static_cast<int>(random.ms(200, 400).count());
    configure(1 + random.below(3));
    runs->with([&](auto& aut) {
      aut.configure(random.below(3) == 0 ? "Butler-SOS: [" : c.text());
      aut.process().signal(SIGHUP);
    });
  }

  void signal(dice& random) {
    const auto number = random.of<int>({SIGUSR1,   SIGUSR2, SIGALRM,  SIGVTALRM, SIGPROF,  SIGIO,   SIGPWR,
                                        SIGSTKFLT, SIGTSTP, SIGTTIN,  SIGTTOU,   SIGXCPU,  SIGPIPE, SIGXFSZ,
                                        SIGCHLD,   SIGURG,  SIGWINCH, SIGCONT,   SIGRTMIN, SIGRTMAX});
    runs->with([&](auto& aut) { aut.process().signal(number); });
  }

  void freeze_program(dice& random) {
    runs->with([&](auto& aut) { aut.process().signal(SIGSTOP); });
    pause(random.ms(50, 3000));
    runs->with([&](auto& aut) { aut.process().signal(SIGCONT); });
  }

  void end_with(program_runs::ending how, int promised) {
    const auto code = runs->end_and_start(how);
    require(code == promised, "it ended with " + std::to_string(code));
  }
  void stop_program(dice&) { end_with(program_runs::ending::stopped, 0); }
  void let_it_give_up(dice&) { end_with(program_runs::ending::given_up, 2); }
  void kill_program(dice&) { end_with(program_runs::ending::killed, 128 + SIGKILL); }

  // --- meanwhile ------------------------------------------------------------------------------------

  void look(clock_type::time_point began, std::vector<uint64_t>& memory) {
    uint64_t now = 0;
    const bool runs_still = runs->with([&](auto& aut) {
      aut.control("ledger");
      now = aut.memory() >> 20;
    });
    if (!runs_still) throw std::runtime_error(runs->how_it_ended());
    const auto minute = std::chrono::floor<std::chrono::minutes>(clock_type::now() - began).count();
    memory.resize(static_cast<size_t>(minute) + 1);
    memory.back() = std::max(memory.back(), now);
  }

  /// It is alive. Most memory it had in each minute, in MiB.
  std::vector<uint64_t> watch() {
    std::vector<uint64_t> memory;
    const auto began = clock_type::now();
    try {
      for (; goes_on(); pause(200ms)) {
        seen.wait_for([](const witness&) { return true; });
        ledgers = seen.ledgers().count;
        look(began, memory);
      }
    } catch (const std::exception& e) {
      went_wrong(e);
    }
    return memory;
  }
};

/// What is wrong with the ledgers in the log; `count` of ledgers in all.
inline std::string unlawful_in(const std::string& log, size_t& count) {
  std::string result;
  for (auto at = log.find(" ledger {"); at != std::string::npos; at = log.find(" ledger {", at + 1)) {
    const auto book = nlohmann::json::parse(log.substr(at + 8, log.find('\n', at) - at - 8));
    ++count;
    for (const auto& [cls, line] : book.items()) result += unlawful(cls, line);
  }
  return result;
}

/// Every event has arrived, in order, but those that the kernel dropped; what is no event was counted.
inline void check(const std::string& cls, const runs_account& x, const arrivals& got) {
  std::string drops;
  for (const auto& [reason, n] : x.dropped) drops += ", " + reason + " " + std::to_string(n);
  CAF_MESSAGE(cls << ": sent " << x.sent << ", hostile " << x.hostile << ", received " << x.received
                  << ", dropped by the kernel " << x.kernel_drops << ", recovered " << x.recovered
                  << ", published " << x.published << ", arrived " << got.numbers.size() << ", repeated "
                  << x.repeated << ", duplicates " << got.duplicates << drops);
  CAF_CHECK_EQUAL(x.sent + x.hostile, x.received + x.kernel_drops);
  CAF_CHECK_EQUAL(x.sent + x.hostile, got.numbers.size() + x.all_dropped() + x.kernel_drops);
  CAF_CHECK_LESS_OR_EQUAL(x.all_dropped(), x.hostile);
  for (const auto& [reason, n] : x.dropped)
    if (no_event.count(reason) == 0) CAF_ERROR("dropped, " << reason << ": " << n);
  CAF_CHECK_EQUAL(x.lost_before, 0u);
  CAF_CHECK_EQUAL(x.left, 0u);
  CAF_CHECK_EQUAL(got.detailed.size(), got.numbers.size());
  CAF_CHECK_EQUAL(got.strangers, 0u);
  CAF_CHECK_EQUAL(got.first_disorder, "");
  // Exactly, but for what a killed one did in its last moment.
  CAF_CHECK_LESS_OR_EQUAL(got.numbers.size(), x.published + x.left_by_kills);
  CAF_CHECK_LESS_OR_EQUAL(x.published, got.numbers.size() + x.found_after_kills);
  CAF_CHECK_LESS_OR_EQUAL(got.duplicates, x.repeated + x.left_by_kills + x.found_after_kills);
}

} // namespace senseflow::test
