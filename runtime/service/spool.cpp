#include "runtime/service/spool.hpp"

#include "runtime/log.hpp"
#include "runtime/service/signals.hpp"
#include "runtime/wiring/options.hpp"

#include <atomic>
#include <future>
#include <optional>
#include <utility>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto patience = 10s;         ///< with a disk that says nothing
constexpr auto patience_unseen = 120s; ///< where it can't be seen whether it does
constexpr auto worth_a_line = 3s, further_lines = 5s;

using told = std::function<void(const std::string&)>;

std::string words(const std::string& directory, uint64_t events, std::optional<uint64_t> moved) {
  if (events == 0) return fmt::format("waiting for the disk of the spool {}", directory);
  return fmt::format("recovering {} events from the spool {}: {} MiB read so far", events, directory,
                     moved.value_or(0) >> 20);
}

/// Waits while the disk is at work (to check a large spool takes as long as to read it) and nobody wants the
/// process to stop. What it opens after that is closed again.
spool::opened open_patiently(worker_thread& hand, spool_options options, const told& progress) {
  auto opened = std::make_shared<std::promise<spool::opened>>();
  auto result = opened->get_future();
  const auto directory = options.directory;
  const auto events = std::make_shared<std::atomic<uint64_t>>(0);
  options.counted = [events](uint64_t n) { *events = n; };
  hand.run([options = std::move(options), opened] {
    try {
      opened->set_value(spool::open(options));
    } catch (...) {
      opened->set_exception(std::current_exception());
    }
  });
  const auto began = clock::now();
  auto latest = began; // sign of life
  std::optional<uint64_t> moved;
  auto next_line = began + worth_a_line, next_told = began + 1s;
  bool told_waiting = false;
  while (result.wait_for(100ms) != std::future_status::ready) {
    const auto now = clock::now();
    if (const auto by_now = hand.bytes_moved(); by_now != moved) {
      moved = by_now;
      latest = now;
    }
    const auto silent = std::chrono::duration_cast<std::chrono::seconds>(now - latest);
    spool::opened none;
    if (silent >= (moved ? patience : patience_unseen)) {
      none.problem = fmt::format("the disk of {} has not answered for {} s", directory, silent.count());
      return none;
    }
    if (stop_is_pending()) return none;
    if (progress && now >= next_told) {
      next_told = now + 1s;
      progress(words(directory, *events, moved));
    }
    const uint64_t n = *events;
    if (now < next_line || (n == 0 && told_waiting)) continue;
    log::info("{}", words(directory, n, moved));
    told_waiting = true;
    next_line = now + further_lines;
  }
  return result.get();
}

/// What follows from a spool that could not be opened; said in the log.
service_spool::state give_up(const spool::opened& x, const std::string& path, bool needed) {
  using state = service_spool::state;
  if (x.in_use)
    log::error(
        "the spool {} can't be used: {}. Two processes can't share one: stop the other one, or name another "
        "directory in delivery.spool.path.",
        path, x.problem);
  else if (x.newer)
    log::error(
        "{}. Start that version again to publish what is in it, or move the file away to start with an "
        "empty one.",
        x.problem);
  else if (needed)
    log::error(
        "the spool can't be used: {}. Name a directory that can be written in delivery.spool.path, or set "
        "delivery.mode to memory.",
        x.problem);
  else
    log::warn(
        "Continuing without a spool: {}. What waits for the broker stays in memory and is lost with the "
        "process. Name a directory that can be written in delivery.spool.path.",
        x.problem);
  return x.in_use || x.newer || needed ? state::unusable : state::none;
}

} // namespace

service_spool open_spool(const config::settings& settings, const told& progress) {
  using state = service_spool::state;
  const auto& s = settings.delivery;
  if (s.mode == config::delivery_mode::memory) return {};
  service_spool result{state::usable, std::make_shared<worker_thread>(), nullptr};
  const bool journal = s.mode == config::delivery_mode::journal;
  spool_options options;
  options.directory = s.spool.path;
  options.max_bytes = s.spool.max_bytes;
  options.min_free_bytes = s.spool.min_free_bytes;
  options.sync = journal && s.journal.sync;
  options.first_id = first_id_by_clock();
  options.ids_ahead = actors::id_reserve::ahead;
  auto opened = open_patiently(*result.hand, options, progress);
  if (!opened.warning.empty()) log::error("{}", opened.warning);
  result.value = std::move(opened.value);
  if (!result.value) {
    result.is = opened.problem.empty() ? state::stopped
                                       : give_up(opened, s.spool.path, journal || s.spool.path_given);
    return result;
  }
  uint64_t events = 0;
  for (const auto& g : result.value->found().groups) events += g.count;
  if (events > 0) log::info("the spool holds {} events of an earlier run; publishing them first", events);
  return result;
}

} // namespace senseflow::runtime
