// pure_functions: parses and encodes COUNT events of a KIND, or looks for storms in them, or sums them up,
// over and over the same hundred, and nothing else: what callgrind and count_allocations are pointed at. The
// difference of two counts is that of the events.
#include "bench/event_generator/events.hpp"
#include "config/load.hpp"
#include "messages/folding/performance_digest.hpp"
#include "messages/folding/storm_folder.hpp"
#include "messages/items/app_names.hpp"
#include "messages/items/log_event.hpp"
#include "messages/items/user_event.hpp"
#include "messages/rules/user_agent.hpp"
#include "runtime/wiring/encoding.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace senseflow;

constexpr size_t distinct = 100;

/// Two topics an event; rules that match nothing, so that all are tried.
std::string configuration(size_t rules) {
  std::string text = R"(
Butler-SOS:
  mqttConfig: {enable: true, brokerHost: 127.0.0.1}
  userEvents: {enable: true}
  logEvents:
    source: {engine: {enable: true}, proxy: {enable: true}, repository: {enable: true},
             scheduler: {enable: true}, qixPerf: {enable: true}}
    sendToMQTT: {postTo: {baseTopic: true, subsystemTopics: false, sourceTopics: true}}
    enginePerformanceMonitor: {enable: true, monitorFilter: {allApps: {enable: true}}}
)";
  if (rules == 0) return text;
  text += "    categorise:\n      enable: true\n      rules:\n";
  for (size_t i = 0; i < rules; ++i)
    text +=
        "        - {logLevel: [INFO, WARN, ERROR], action: categorise, category: [{name: kind, value: k}], "
        "filter: [{type: so, value: 'not in any message " +
        std::to_string(i) + "'}]}\n";
  return text;
}

actors::encoding_options rules_of(size_t rules) {
  const auto loaded = config::load_text(configuration(rules), "pure_functions");
  if (!loaded) throw std::logic_error(to_string(loaded.faults.front()));
  return runtime::encoding_options(loaded.value);
}

std::vector<std::string> events(bench::event_source source) {
  std::vector<std::string> result;
  for (size_t i = 0; i < distinct; ++i) result.push_back(make_event(source, i, {"sense1", 400}));
  return result;
}

using work = std::function<size_t(const std::string& event)>; ///< returns something that depends on it

size_t messages_of(const messages::encoded& x) {
  const auto* const p = std::get_if<messages::publication>(&x);
  return p != nullptr ? p->messages.size() : 0;
}

work user_event(const actors::encoding_options& o) {
  return [&o](const std::string& bytes) {
    auto event = messages::parse_user_event(bytes);
    return messages_of(messages::encode_user_event(*event, o.user_events, {}));
  };
}

work log_event(const actors::encoding_options& o) {
  return [&o](const std::string& bytes) {
    auto event = messages::parse_log_event(bytes);
    return messages_of(messages::encode_log_event(*event, o.log_events, {}));
  };
}

size_t user_agent(const std::string& bytes) {
  return messages::parse_user_agent(messages::user_agent_text(bytes)).browser_name.size();
}

std::vector<messages::log_event> parsed(const std::vector<std::string>& all) {
  std::vector<messages::log_event> result;
  for (const auto& bytes : all) result.push_back(*messages::parse_log_event(bytes));
  return result;
}

/// Nothing but looking for storms, in events that are parsed already: 1 s or no time between two of them.
work storms(bool quiet) {
  return [all = parsed(events(bench::event_source::engine)), quiet, i = size_t{0},
          now = messages::storm_folder::time_point{} + std::chrono::hours(1),
          folder = messages::storm_folder{messages::storm_options{}}](const std::string&) mutable {
    if (quiet) now += std::chrono::seconds(1);
    return size_t{folder.folds(all[i++ % distinct], now, [](const auto&) { return true; })};
  };
}

/// Nothing but summing up performance events that are parsed already.
work digest() {
  return [all = parsed(events(bench::event_source::qix_perf)), i = size_t{0},
          sum = messages::performance_digest{messages::performance_digest_options{}}](
             const std::string&) mutable { return size_t{sum.digests(all[i++ % distinct], {})}; };
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Parses and encodes events, nothing else"};
  std::string kind;
  size_t count = 0;
  app.add_option("KIND", kind,
                 "user, user-agent, engine, proxy, repository, scheduler, qix-perf, rules-N, storm-quiet, "
                 "storm-folded or digest")
      ->required();
  app.add_option("COUNT", count, "events")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    const bool with_rules = kind.rfind("rules-", 0) == 0;
    const auto options = rules_of(with_rules ? std::stoul(kind.substr(6)) : 0);
    auto source = bench::event_source::proxy;
    for (auto x : bench::all_event_sources)
      if (to_string(x) == kind) source = x;
    if (kind == "user-agent") source = bench::event_source::user;
    work each = source == bench::event_source::user ? user_event(options) : log_event(options);
    if (kind == "user-agent") each = user_agent;
    if (kind == "storm-quiet" || kind == "storm-folded") each = storms(kind == "storm-quiet");
    if (kind == "digest") each = digest();
    const auto all = events(source);
    size_t sum = 0;
    for (size_t i = 0; i < count; ++i) sum += each(all[i % distinct]);
    std::cout << sum << std::endl;
  } catch (const std::exception& e) {
    std::cerr << "pure_functions: " << e.what() << '\n';
    return 1;
  }
}
