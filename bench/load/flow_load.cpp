// flow_load: sends events to a running senseflow (or bare_loop) by UDP, subscribes to what it publishes, and
// prints one line of JSON: what arrived, how late, and what that cost the program. Costs are those of a window
// in the middle, per event that arrived in it; the start (warm-up) and the end don't count.
#include "bench/event_generator/generator.hpp"
#include "bench/load/allocation_reader.hpp"
#include "bench/load/arrivals.hpp"
#include "bench/load/process_figures.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <future>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace senseflow;
using namespace std::chrono_literals;
using json = nlohmann::ordered_json;
using steady = std::chrono::steady_clock;

struct settings {
  uint16_t broker_port = 0;
  pid_t program = 0, broker = 0;
  bench::generator_options events;
  uint64_t outstanding = 0;  ///< > 0: so many events on their way at any time, instead of a rate
  uint64_t publications = 2; ///< messages an event becomes
  uint64_t expected = 0;     ///< events that come besides: a backlog
  double warm_up = 1, seconds = 10, patience = 10;
  std::string counts; ///< file of count_allocations
  size_t sites = 0;   ///< how many places in the code to name
  bool each_second = false;
};

/// Everything that only grows, at one moment.
struct moment {
  steady::time_point at = steady::now();
  uint64_t messages = 0;
  bench::process_figures program, broker;
  bench::machine_figures machine;
  double own_cpu = 0;
  bench::allocation_figures allocations;
};

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class measurement {
public:
  explicit measurement(const settings& s)
      : settings_(s), seen_(s.broker_port, {"butler-sos/userevent/#", "butler-sos/logevent/#"}) {
    if (!s.counts.empty()) counts_.emplace(s.counts);
  }

  json run() {
    auto load = settings_.events;
    const auto length = settings_.warm_up + settings_.seconds;
    // A burst or a fixed count: all of it is measured, however long it takes.
    const bool all = load.count > 0;
    load.duration = all ? 1h : std::chrono::milliseconds{std::llround(length * 1000)};
    if (settings_.outstanding > 0) load.allowed = [this] { return allowed(); };
    const auto drops_before = drops();
    const auto start = steady::now();
    const auto wall_start = bench::arrivals::wall_clock::now();
    const auto after = [&](double seconds) { return std::chrono::microseconds{std::llround(seconds * 1e6)}; };
    if (all)
      seen_.measure(wall_start, wall_start + 1h);
    else
      seen_.measure(wall_start + after(settings_.warm_up), wall_start + after(length));
    std::atomic<bool> stop{false};
    std::optional<moment> begin;
    if (all) begin = now();
    auto sending = std::async(std::launch::async, [&] { return bench::run_generator(load, stop); });
    if (!all) {
      wait_until(start + after(settings_.warm_up));
      begin = now();
    }
    if (!all) wait_until(start + after(length));
    auto end = now();
    const auto sent = sending.get();
    const auto wanted = (sent.total + settings_.expected) * settings_.publications;
    const auto complete = wait_for(wanted);
    if (all) end = now();

    json out;
    out["events"] = sent.total;
    out["sent_per_second"] = rounded(sent.seconds > 0 ? double(sent.total) / sent.seconds : 0);
    if (sent.refused > 0) out["refused_by_the_kernel"] = sent.refused;
    out["missing"] = complete ? 0 : double(wanted - seen_.messages()) / double(settings_.publications);
    out["unexpected"] = seen_.messages() > wanted ? seen_.messages() - wanted : 0; // repetitions
    out["kernel_drops"] = drops() - drops_before;
    add_costs(out, *begin, end);
    add_latency(out);
    const auto memory = bench::memory_figures::of(settings_.program);
    out["memory_mb"] = {{"now", rounded(memory.now)}, {"peak", rounded(memory.peak)}};
    return out;
  }

private:
  moment now() const {
    moment x;
    x.messages = seen_.messages();
    x.program = bench::process_figures::of(settings_.program);
    if (settings_.broker != 0) x.broker = bench::process_figures::of(settings_.broker);
    if (counts_) x.allocations = counts_->read();
    x.machine = bench::machine_figures::now();
    x.own_cpu = own_cpu_seconds();
    return x;
  }

  /// Called on the generator's thread only. What was lost is not on its way: nothing arrives for a while.
  uint64_t allowed() {
    const auto messages = seen_.messages();
    if (messages != arrived_) {
      arrived_ = messages;
      arrived_at_ = steady::now();
    } else if (steady::now() - arrived_at_ > 200ms) {
      given_up_ += settings_.outstanding;
      arrived_at_ = steady::now();
    }
    return messages / settings_.publications + settings_.outstanding + given_up_;
  }

  uint64_t drops() const {
    uint64_t sum = 0;
    for (auto port : {settings_.events.user_port, settings_.events.log_port})
      if (port != 0) sum += bench::kernel_drops(port);
    return sum;
  }

  void wait_until(steady::time_point end) {
    while (settings_.each_second && steady::now() + 1s < end) {
      std::this_thread::sleep_for(1s);
      tell_second();
    }
    std::this_thread::sleep_until(end);
  }

  /// As long as something comes.
  bool wait_for(uint64_t messages) {
    auto last = seen_.messages();
    const auto patience = std::chrono::milliseconds{std::llround(settings_.patience * 1000)};
    for (auto since = steady::now(); seen_.messages() < messages;) {
      if (steady::now() - since > patience) return false;
      std::this_thread::sleep_for(2ms);
      if (const auto n = seen_.messages(); n != last) {
        last = n;
        since = steady::now();
      }
      if (settings_.each_second && steady::now() - told_ >= 1s) tell_second();
    }
    return true;
  }

  void tell_second() {
    told_ = steady::now();
    std::cout << json{{"second", ++seconds_told_}, {"messages", seen_.messages()}}.dump() << std::endl;
  }

  void add_costs(json& out, const moment& begin, const moment& end) const {
    const auto events = double(end.messages - begin.messages) / double(settings_.publications);
    const auto seconds = std::chrono::duration<double>(end.at - begin.at).count();
    const auto used = end.program - begin.program;
    out["seconds"] = rounded(seconds);
    out["events_per_second"] = rounded(events / seconds);
    const auto cores = [&](double cpu) { return rounded(cpu / seconds); };
    const auto own = end.own_cpu - begin.own_cpu;
    const auto broker = end.broker.cpu_seconds - begin.broker.cpu_seconds;
    const auto busy = end.machine.busy - begin.machine.busy;
    // Ticks of 10 ms on one side, nanoseconds on the other: never below nothing.
    const auto others = std::max(0.0, busy - used.cpu_seconds - own - broker);
    out["cores"] = {{"program", cores(used.cpu_seconds)},
                    {"broker", cores(broker)},
                    {"load_and_subscriber", cores(own)},
                    {"others", cores(others)},
                    {"stolen", cores(end.machine.stolen - begin.machine.stolen)},
                    {"of", std::thread::hardware_concurrency()}};
    if (events <= 0) return; // nothing to divide by: left out
    out["cpu_seconds_per_100000"] = rounded(used.cpu_seconds / events * 100'000);
    add_switches(out, used, events);
    if (counts_) add_allocations(out, end.allocations - begin.allocations, events);
  }

  static void add_switches(json& out, const bench::process_figures& used, double events) {
    const auto all = used.all_threads();
    out["switches_per_event"] = {{"voluntary", rounded(double(all.voluntary) / events)},
                                 {"involuntary", rounded(double(all.involuntary) / events)}};
    auto& threads = out["threads"] = json::object();
    for (const auto& [name, x] : used.threads)
      threads[name] = {{"voluntary_per_event", rounded(double(x.voluntary) / events)},
                       {"cpu_seconds_per_100000", rounded(x.cpu_seconds / events * 100'000)}};
  }

  void add_allocations(json& out, const bench::allocation_figures& x, double events) const {
    const auto per_event = [&](int64_t n) { return rounded(double(n) / events); };
    out["allocations_per_event"] = {{"own", per_event(x.calls - x.paho())},
                                    {"paho", per_event(x.paho())},
                                    {"large", per_event(x.large)},
                                    {"bytes", per_event(x.bytes)}};
    auto& libraries = out["allocations_by_library"] = json::object();
    for (const auto& [path, n] : x.libraries)
      libraries[path.empty() ? "program" : path.substr(path.rfind('/') + 1)] = per_event(n);
    if (settings_.sites == 0) return;
    std::vector<std::pair<int64_t, bench::allocation_figures::place>> sites;
    for (const auto& [place, n] : x.sites) sites.emplace_back(n, place);
    std::sort(sites.rbegin(), sites.rend());
    if (sites.size() > settings_.sites) sites.resize(settings_.sites);
    auto& list = out["allocation_sites"] = json::array();
    for (const auto& [n, place] : sites) {
      auto frames = json::array();
      for (const auto& [path, address] : place) frames.push_back({{"library", path}, {"address", address}});
      list.push_back({{"per_event", per_event(n)}, {"frames", frames}});
    }
  }

  void add_latency(json& out) const {
    const auto latency = seen_.latency();
    const auto ms = [](std::chrono::microseconds x) { return double(x.count()) / 1000; };
    out["latency_ms"] = {{"p50", ms(latency.quantile(0.5))},
                         {"p99", ms(latency.quantile(0.99))},
                         {"p99.9", ms(latency.quantile(0.999))},
                         {"max", ms(latency.max())}};
  }

  /// Four digits are more than a measurement is worth.
  static double rounded(double x) {
    if (x == 0 || !std::isfinite(x)) return 0;
    const auto unit = std::pow(10, std::floor(std::log10(std::abs(x))) - 3);
    return unit < 1 ? std::round(x / unit) / std::round(1 / unit) : std::round(x / unit) * unit;
  }

  const settings& settings_;
  bench::arrivals seen_;
  std::optional<bench::allocation_reader> counts_;
  steady::time_point told_ = steady::now();
  int seconds_told_ = 0;
  uint64_t arrived_ = 0, given_up_ = 0; // of `allowed`
  steady::time_point arrived_at_ = steady::now();
};

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Sends events to a running senseflow and measures what arrives, and what that costs"};
  settings s;
  auto& g = s.events;
  g.size = 400;
  g.hosts = 1;
  std::map<std::string, bench::event_source> known;
  for (auto source : bench::all_event_sources) known.emplace(to_string(source), source);
  std::vector<std::string> sources{"user"};
  app.add_option("--broker-port", s.broker_port, "of the broker that it publishes to")->required();
  app.add_option("--program", s.program, "its process")->required();
  app.add_option("--broker", s.broker, "the broker's process");
  app.add_option("--user-port", g.user_port, "where it takes user events");
  app.add_option("--log-port", g.log_port, "where it takes log events");
  app.add_option("--rate", g.rate, "events per second; 0: as fast as possible");
  app.add_option("--outstanding", s.outstanding, "instead of a rate: events on their way at any time");
  app.add_option("--burst", g.burst, "events sent together, back to back")->capture_default_str();
  app.add_option("--count", g.count, "events in all: all of them are the window, without a warm-up");
  app.add_option("--sources", sources, "of events, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember{known})
      ->capture_default_str();
  app.add_option("--hosts", g.hosts, "distinct origins")->capture_default_str();
  app.add_option("--size", g.size, "bytes per event at least")->capture_default_str();
  app.add_option("--first-number", g.first_number, "number of the first event")->capture_default_str();
  app.add_option("--publications", s.publications, "messages that an event becomes")->capture_default_str();
  app.add_option("--expected", s.expected, "events that come besides")->capture_default_str();
  app.add_option("--warm-up", s.warm_up, "seconds before the window")->capture_default_str();
  app.add_option("--seconds", s.seconds, "length of the window")->capture_default_str();
  app.add_option("--patience", s.patience, "seconds to wait in the end while nothing arrives")
      ->capture_default_str();
  app.add_option("--counts", s.counts, "file of count_allocations");
  app.add_option("--sites", s.sites, "name so many places in the code that allocate most");
  app.add_flag("--each-second", s.each_second, "also print a line each second");
  CLI11_PARSE(app, argc, argv);
  g.sources.clear();
  for (const auto& name : sources) g.sources.push_back(known.at(name));
  if (s.outstanding > 0) g.rate = 0;
  try {
    std::cout << measurement{s}.run().dump() << std::endl;
  } catch (const std::exception& e) {
    std::cerr << "flow_load: " << e.what() << '\n';
    return 1;
  }
}
