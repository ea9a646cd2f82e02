// event_generator: sends made-up user and log events by UDP, see generator.hpp. Prints one line of JSON at
// its end.
#include "bench/event_generator/generator.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <map>

namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void on_signal(int) { stop = true; }

} // namespace

int main(int argc, char** argv) {
  using namespace senseflow::bench;
  CLI::App app{"Sends made-up Sense events by UDP to this machine"};
  generator_options options;
  std::map<std::string, event_source> known;
  for (auto source : all_event_sources) known.emplace(to_string(source), source);
  std::vector<std::string> sources;
  double seconds = 10;
  app.add_option("--host", options.host, "where to: a loopback address")->capture_default_str();
  app.add_option("--user-port", options.user_port, "port of user events");
  app.add_option("--log-port", options.log_port, "port of log events");
  auto* rate =
      app.add_option("--rate", options.rate, "events per second (100; with --burst alone: one burst)");
  auto* burst = app.add_option("--burst", options.burst, "events sent together, back to back");
  auto* count = app.add_option("--count", options.count, "events in all; without: what --duration allows");
  auto* duration = app.add_option("--duration", seconds, "seconds, at most 3600")->capture_default_str();
  app.add_option("--sources", sources, "separated by commas; default all with a port")
      ->delimiter(',')
      ->check(CLI::IsMember{known});
  app.add_option("--hosts", options.hosts, "distinct origin hosts")->capture_default_str();
  app.add_option("--first-number", options.first_number, "number of the first event")->capture_default_str();
  app.add_option("--size", options.size, "bytes per event at least (not perf events)");
  CLI11_PARSE(app, argc, argv);

  options.sources.clear();
  for (const auto& name : sources) options.sources.push_back(known.at(name));
  if (sources.empty())
    for (auto source : all_event_sources)
      if (source == event_source::user ? options.user_port > 0 : options.log_port > 0)
        options.sources.push_back(source);
  if (!rate->count()) {
    if (burst->count()) {
      if (!count->count()) options.count = options.burst;
    } else {
      options.rate = 100;
    }
  }
  // An exact count must not be cut short by the default time.
  if (count->count() && !duration->count()) seconds = 3600;
  options.duration = std::chrono::milliseconds{static_cast<int64_t>(seconds * 1000)};

  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  try {
    std::cout << to_json(run_generator(options, stop)) << std::endl;
  } catch (const std::exception& e) {
    std::cerr << "event_generator: " << e.what() << '\n';
    return 1;
  }
}
