#define CAF_SUITE system.rude_soak
#include "test/support/unit_test.hpp"

#include "test/support/free_port.hpp"
#include "test/system/event_load.hpp"
#include "test/system/moody_broker.hpp"
#include "test/system/private_names.hpp"

#include <algorithm>
#include <filesystem>

// Two brokers, one of which moves from address to address, do every rude thing at random while events come
// in and servers are polled. Then they are rude in one way for ever, then well-behaved; and in the end every
// event has been published or counted with its reason. In the midst the program is stopped and started again.
//
// By hand, for ten minutes: SENSEFLOW_LONG=1. Random choices repeat with SENSEFLOW_SEED.

using namespace senseflow;
using namespace senseflow::test;

namespace {

using clock_type = std::chrono::steady_clock;
using mood = moody_broker::mood;

/// Of the process, as the kernel counts them.
struct footprint {
  size_t memory_mib = 0, threads = 0, descriptors = 0;

  explicit footprint(pid_t pid) {
    const auto proc = "/proc/" + std::to_string(pid);
    const auto entries = [&](const char* what) {
      const std::filesystem::directory_iterator all{proc + "/" + what};
      return static_cast<size_t>(std::distance(begin(all), end(all)));
    };
    threads = entries("task");
    descriptors = entries("fd");
    std::ifstream file{proc + "/status"};
    for (std::string line; std::getline(file, line);)
      if (line.rfind("VmRSS:", 0) == 0) memory_mib = std::stoull(line.substr(6)) >> 10;
  }
  std::string text() const {
    return std::to_string(memory_mib) + " MiB, " + std::to_string(threads) + " threads, " +
           std::to_string(descriptors) + " descriptors";
  }
};

/// Received is what has become of it, for each class.
std::string unbalanced(const nlohmann::json& classes) {
  std::string result;
  for (const auto& [cls, line] : classes.items()) {
    auto out =
        line.at("published").get<uint64_t>() + total_of(line.at("filtered")) + total_of(line.at("dropped"));
    for (auto place : {"inSources", "inMemory", "inFlight", "onDisk"}) out += line.at(place).get<uint64_t>();
    if (line.at("received").get<uint64_t>() + line.at("recovered").get<uint64_t>() != out)
      result += cls + ": " + line.dump() + "\n";
  }
  return result;
}

/// Causes with more than one line in a minute and publisher: lines of warnings and errors that differ in
/// figures and in what is quoted only. `minutes` have begun.
std::string too_often(const std::string& log, size_t minutes, size_t& causes) {
  std::map<std::string, size_t> counts;
  std::istringstream in{log};
  size_t trouble = 0, connected = 0;
  for (std::string line; std::getline(in, line);) {
    auto at = line.find(" warn");
    if (at == std::string::npos) at = line.find(" error");
    if (line.find("connected to the MQTT broker") != std::string::npos) ++connected;
    if (at == std::string::npos || line.find("ledger {") != std::string::npos) continue;
    ++trouble;
    line.erase(0, at);
    if (const auto first = line.find('"'), last = line.rfind('"'); first != last)
      line.erase(first, last - first);
    if (const auto suffix = line.find(" more since the last such line)"); suffix != std::string::npos)
      line.erase(line.rfind('(', suffix));
    line.erase(
        std::remove_if(line.begin(), line.end(), [](unsigned char c) { return std::isdigit(c) || c == ' '; }),
        line.end());
    ++counts[line];
  }
  causes = counts.size();
  std::string result;
  for (const auto& [cause, n] : counts)
    if (n > 2 * minutes) result += std::to_string(n) + " x " + cause + "\n";
  if (connected > trouble + 2) result += std::to_string(connected) + " x connected\n";
  return result;
}

struct fixture {
  uint64_t seed = std::random_device{}();
  temp_dir directory;
  private_names names{directory};
  taken_messages taken;
  std::unique_ptr<moody_broker> wanderer, settled; ///< the first one moves, if there are names
  std::unique_ptr<bench::site> site;
  system_config c;
  std::unique_ptr<senseflow_process> aut;
  std::map<std::string, uint64_t> sent, published, acknowledged, dropped; ///< by class, over all runs
  uint64_t next_number = 0;
  std::map<std::string, size_t> done; ///< how often what was done
  int addresses = 1;
  clock_type::time_point started{};

  fixture() {
    if (const auto* given = std::getenv("SENSEFLOW_SEED")) seed = std::stoull(given);
    wanderer = std::make_unique<moody_broker>(seed + 1, taken, "127.0.0.1");
    settled = std::make_unique<moody_broker>(seed + 2, taken, "127.0.0.1");
    bench::make_certificates(directory / "certs");
    bench::site_options o;
    o.servers = 3;
    o.certificates = c.certificates = directory / "certs";
    site = std::make_unique<bench::site>(o);
    c.site = site.get();
    c.sessions = c.app_names = true;
    c.polling_ms = 1000;
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.broker_port = (*wanderer)->port();
    dice r{seed};
    c.mqtt = std::string("protocolVersion: '") + r.of<std::string>({"auto", "5", "3.1.1"}) +
             "', qos: {events: " + (r.one_in(4) ? "2" : "1") +
             "}, brokers: [{host: 127.0.0.1, port: " + std::to_string((*settled)->port()) + "}]";
    c.actors = long_run() ? "publishers: {count: 2, ackTimeout: 10000}, "
                            "reconnect: {initialDelay: 500, maxDelay: 8000}"
                          : "publishers: {count: 2, ackTimeout: 2000}, "
                            "reconnect: {initialDelay: 50, maxDelay: 1000}";
    c.more = "  delivery: {memory: {maxBytes: 8388608}, spool: {path: " + (directory / "spool") +
             "}, replay: {delay: 100}}\n  ledger: {interval: 500}\n  shutdown: {drainTimeout: 2000}\n";
  }

  std::string configuration() {
    auto text = c.text();
    if (!names.dns) return text;
    names.dns->tell("broker.example.com", {"127.0.0.1"});
    const std::string host = "brokerHost: ";
    return text.replace(text.find(host), host.size() + 9, host + "broker.example.com");
  }

  void both(const std::function<void(moody_broker&)>& f) {
    f(*wanderer);
    f(*settled);
  }
  void be(mood m) {
    both([&](auto& b) { b.be(m); });
  }

  static void pause(std::chrono::milliseconds x) {
    const auto until = clock_type::now() + x;
    eventually([&] { return clock_type::now() >= until; }, x + 1s);
  }

  void start() {
    aut = std::make_unique<senseflow_process>(directory, configuration(), std::vector<std::string>{},
                                              names.in_namespace);
    started = clock_type::now();
    CAF_REQUIRE(aut->says("receiving user events") && aut->says("receiving log events"));
  }

  /// Something rude beyond a single connection or message.
  void do_something(dice& r) {
    auto& b = r.one_in(2) ? *wanderer : *settled;
    switch (r.below(8)) {
    case 0:
      ++done["silent"];
      b->silence(true);
      pause(r.ms(50, long_run() ? 20'000 : 3000));
      b->silence(false);
      break;
    case 1:
      ++done["not there"];
      b->stop_listening();
      if (r.one_in(2)) b->end(moody_broker::ending::rst);
      pause(r.ms(50, 1500));
      b->listen();
      break;
    case 2:
      ++done["all dismissed"];
      b->send(moody_broker::dismissal(r));
      if (!r.one_in(3)) b->end(r.one_in(2) ? moody_broker::ending::fin : moody_broker::ending::rst);
      break;
    case 3:
      ++done["nonsense to all"];
      b->send(moody_broker::nonsense(r, r.one_in(2) ? 5 : 4));
      break;
    case 4: {
      if (!names.dns) break;
      ++done["moved"];
      const auto address = "127.0.0." + std::to_string(1 + r.below(3));
      (*wanderer)->move(address, c.broker_port);
      names.dns->tell("broker.example.com", {address});
      if (r.one_in(2)) (*wanderer)->end(moody_broker::ending::fin);
      break;
    }
    default:
      ++done["grudges"];
      b.bear_a_grudge(r);
    }
    pause(r.ms(20, 600));
  }

  void be_rude(dice& r, std::chrono::seconds for_so_long) {
    be(mood::random);
    const auto until = clock_type::now() + for_so_long * slowdown;
    while (clock_type::now() < until) {
      do_something(r);
      CAF_REQUIRE(aut->process().running());
    }
  }

  size_t connections() const { return (*wanderer)->so_far().accepted + (*settled)->so_far().accepted; }

  /// Connections within the second half of `for_so_long`, in which the broker is rude in one way.
  void back_off(mood m, const char* name, std::chrono::seconds for_so_long,
                std::chrono::milliseconds longest) {
    be(m);
    pause(for_so_long / 2);
    const auto before = connections();
    pause(for_so_long / 2);
    const auto n = connections() - before;
    CAF_MESSAGE(name << ": " << n << " connections in " << (for_so_long / 2).count() << " s");
    // Two publishers try two brokers each, then wait; the delay varies by a fifth.
    const auto rounds = for_so_long / 2 / (longest * 4 / 5) + 1;
    CAF_CHECK_LESS_OR_EQUAL(n, static_cast<size_t>(2 * 2 * rounds));
  }

  void end(bench::generator_summary s) {
    for (std::string cls : event_classes) sent[cls] += sent_of(s, cls);
    next_number += s.total;
  }

  /// What it counted goes to the totals; what is on disk must be found by the next run.
  uint64_t stop() {
    const auto began = clock_type::now();
    CAF_CHECK_EQUAL(aut->stop(), 0);
    const auto took = clock_type::now() - began;
    CAF_MESSAGE("stopped within " << std::chrono::duration<double>(took).count() << " s");
    CAF_CHECK(took < 8s * slowdown); // drainTimeout, and what comes behind it
    const auto book = aut->ledger();
    uint64_t on_disk = 0;
    for (std::string cls : event_classes) {
      const auto& line = book[cls];
      CAF_MESSAGE(cls << ": " << line.dump());
      published[cls] += line["published"].get<uint64_t>();
      acknowledged[cls] += line["acknowledged"].get<uint64_t>();
      dropped[cls] += total_of(line["dropped"]);
      sent[cls] -= line["kernelDrops"].get<uint64_t>();
      on_disk += line["onDisk"].get<uint64_t>();
    }
    check_log();
    return on_disk;
  }

  void check_log() {
    const auto log = aut->output();
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(clock_type::now() - started).count();
    size_t causes = 0, ledgers = 0;
    CAF_CHECK_EQUAL(too_often(log, static_cast<size_t>(minutes), causes), "");
    std::string wrong;
    for (auto at = log.find(" ledger {"); at != std::string::npos;
         at = log.find(" ledger {", at + 1), ++ledgers)
      wrong += unbalanced(nlohmann::json::parse(log.substr(at + 8, log.find('\n', at) - at - 8)));
    CAF_CHECK_EQUAL(wrong, "");
    CAF_CHECK_EQUAL(occurrences(log, "does not balance"), 0u);
    CAF_CHECK_EQUAL(occurrences(log, "; restarting in "), 0u);
    CAF_MESSAGE(causes << " causes of trouble in the log in " << minutes << " min, " << occurrences(log, "\n")
                       << " lines, " << ledgers << " ledgers");
    if (const auto* to = std::getenv("SENSEFLOW_KEEP_LOG"))
      std::ofstream{to, std::ios::app} << log << "-----\n";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(rude_soak_tests, fixture)

CAF_TEST(whatever brokers do every event is published or counted with its reason) {
  CAF_MESSAGE("SENSEFLOW_SEED=" << seed << ", " << c.mqtt);
  if (!names.dns) CAF_MESSAGE("no broker moves: " << names.problem);
  dice r{seed + 3};
  const auto rate = (long_run() ? 200.0 : 300.0) / slowdown;

  CAF_MESSAGE("a first run is stopped while its brokers are rude");
  start();
  {
    event_load load{c, rate};
    be_rude(r, long_run() ? 60s : 6s);
    end(load.stop());
  }
  const auto on_disk = stop();

  CAF_MESSAGE("a second run");
  be(mood::calm);
  start();
  CAF_REQUIRE(aut->says("connected to the MQTT broker", 20s));
  CAF_REQUIRE(aut->at_rest(90s));
  const footprint before{aut->process().pid()};
  const auto ledgers_before = taken.ledgers().size();
  event_load load{c, rate, next_number};
  be_rude(r, long_run() ? 150s : 10s);
  const footprint half{aut->process().pid()};
  if (long_run()) be_rude(r, 120s);

  static const std::vector<std::pair<mood, const char*>> ways{
      {mood::slams, "closes at once"},
      {mood::dismisses, "sends everybody away"},
      {mood::refuses, "refuses"},
      {mood::takes_one, "takes one message"},
      {mood::takes_nothing, "takes nothing"},
      {mood::remembers, "knows a session that never was"}};
  const auto first = r.below(ways.size());
  for (size_t i = 0; i < (long_run() ? ways.size() : 1); ++i) {
    const auto& [how, name] = ways[(first + i) % ways.size()];
    if (long_run())
      back_off(how, name, 40s, 8s);
    else
      back_off(how, name, 6s, 1s);
  }

  be(mood::calm);
  pause(1s); // events come in
  end(load.stop());
  const auto calm = clock_type::now();
  CAF_CHECK(aut->at_rest(long_run() ? 150s : 90s));
  CAF_MESSAGE("all at rest after " << std::chrono::duration<double>(clock_type::now() - calm).count()
                                   << " s");
  const auto ledgers_then = taken.ledgers().size();
  CAF_CHECK(eventually([&] { return taken.ledgers().size() > ledgers_then; }, 70s)); // it may be set aside
  CAF_CHECK_GREATER(ledgers_then, ledgers_before);
  const footprint after{aut->process().pid()};
  CAF_MESSAGE("before: " << before.text() << "\nhalf: " << half.text() << "\nafter: " << after.text()
                         << "\nmost: " << (aut->peak_memory() >> 20) << " MiB");
  CAF_CHECK_LESS_OR_EQUAL(after.threads, before.threads + 2);
  CAF_CHECK_LESS_OR_EQUAL(after.descriptors, before.descriptors + 8);
  CAF_CHECK_LESS_OR_EQUAL(after.memory_mib, before.memory_mib + 40 * memory_factor);
  CAF_CHECK_LESS(aut->peak_memory() >> 20, 160 * memory_factor);
  uint64_t recovered = 0;
  for (std::string cls : event_classes) recovered += aut->ledger_now()[cls]["recovered"].get<uint64_t>();
  CAF_CHECK_EQUAL(recovered, on_disk);
  CAF_CHECK_EQUAL(stop(), 0u);

  std::string deeds;
  for (const auto& [what, n] : done) deeds += ", " + what + " " + std::to_string(n);
  CAF_MESSAGE("connections " << connections() << deeds);
  for (std::string cls : event_classes) {
    const auto got = taken.of(cls);
    auto all = got.acknowledged;
    all.insert(got.seen.begin(), got.seen.end());
    CAF_MESSAGE(cls << ": sent " << sent[cls] << ", published " << published[cls]
                    << ", of these acknowledged " << acknowledged[cls] << ", dropped " << dropped[cls]
                    << ", acknowledged by the brokers " << got.acknowledged.size() << ", seen by them "
                    << all.size());
    CAF_CHECK_EQUAL(sent[cls], published[cls] + dropped[cls]);
    CAF_CHECK_LESS_OR_EQUAL(acknowledged[cls], got.acknowledged.size()); // else it has imagined some
    CAF_CHECK_LESS_OR_EQUAL(acknowledged[cls], published[cls]);
    // Nothing is missing but what has a reason, and what was written (QoS 0) to a connection that broke.
    CAF_CHECK_GREATER_OR_EQUAL(all.size() + dropped[cls] + (published[cls] - acknowledged[cls]), sent[cls]);
    CAF_CHECK_GREATER(published[cls], 0u);
  }
  std::string wrong;
  for (const auto& text : taken.ledgers()) wrong += unbalanced(nlohmann::json::parse(text).at("classes"));
  CAF_CHECK_EQUAL(wrong, "");
}

CAF_TEST_FIXTURE_SCOPE_END()
