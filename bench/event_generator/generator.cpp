#include "bench/event_generator/generator.hpp"

#include "bench/event_generator/sender.hpp"

#include <nlohmann/json.hpp>

#include <sys/prctl.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <thread>

namespace senseflow::bench {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

/// Above 10,000/s a wake-up per event would cost more than the sending: several share one.
constexpr nanoseconds shortest_sleep{100'000};
constexpr nanoseconds longest_sleep{100'000'000}; // looks at `stop` this often
constexpr nanoseconds held_sleep{1'000'000};      // while more is due than is allowed
constexpr uint64_t built_at_once = 1024;          // bounds memory and keeps the times in the events fresh

class event_stream {
public:
  explicit event_stream(const generator_options& options) : options_(options), sender_(options.host) {}

  uint64_t made() const { return made_; }
  const generator_summary& summary() const { return summary_; }

  void send(uint64_t count) {
    for (; count > 0; count -= std::min(count, built_at_once)) send_part(std::min(count, built_at_once));
  }

private:
  void send_part(uint64_t count) {
    datagrams_.clear();
    event_options event;
    event.size = options_.size;
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t index = made_ + i;
      const auto source = source_of(index);
      event.host = "sense" + std::to_string(index / options_.sources.size() % options_.hosts + 1);
      event.time = std::chrono::system_clock::now();
      datagrams_.push_back({source == event_source::user ? options_.user_port : options_.log_port,
                            make_event(source, options_.first_number + index, event)});
    }
    for (uint64_t i = 0; i < count; ++i) ++sent_of(made_ + i);
    const auto refused = sender_.send(datagrams_);
    for (auto i : refused) --sent_of(made_ + i);
    summary_.total += count - refused.size();
    summary_.refused += refused.size();
    made_ += count;
  }

  event_source source_of(uint64_t index) const { return options_.sources[index % options_.sources.size()]; }

  uint64_t& sent_of(uint64_t index) { return summary_.sent[static_cast<size_t>(source_of(index))]; }

  const generator_options& options_;
  datagram_sender sender_;
  std::vector<outgoing> datagrams_;
  uint64_t made_ = 0;
  generator_summary summary_;
};

/// Number of events that must have left after `elapsed`: whole bursts, the first at once.
uint64_t due(const generator_options& o, nanoseconds elapsed) {
  if (o.rate <= 0) return UINT64_MAX;
  const double bursts =
      std::floor(std::chrono::duration<double>(elapsed).count() * o.rate / double(o.burst) + 1e-9);
  return (static_cast<uint64_t>(bursts) + 1) * o.burst;
}

/// When the event after `made` ones is due.
nanoseconds due_time(const generator_options& o, uint64_t made) {
  return nanoseconds{static_cast<int64_t>(std::ceil(double(made / o.burst * o.burst) / o.rate * 1e9))};
}

} // namespace

std::string validate(const generator_options& o) {
  const auto has_user = std::count(o.sources.begin(), o.sources.end(), event_source::user) > 0;
  const auto has_log =
      std::any_of(o.sources.begin(), o.sources.end(), [](auto s) { return s != event_source::user; });
  if (o.sources.empty()) return "no sources: name at least one";
  if (has_user && o.user_port == 0) return "user events need a user port";
  if (has_log && o.log_port == 0) return "log events need a log port";
  if (!(o.rate >= 0 && o.rate <= 1e6)) return "the rate must be 0 to 1,000,000 events per second";
  if (o.burst == 0 || o.burst > 1'000'000) return "a burst must have 1 to 1,000,000 events";
  if (o.hosts == 0) return "there must be at least one host";
  if (o.size > 60'000) return "the size must be 60,000 bytes at most";
  if (o.duration.count() < 1 || o.duration > std::chrono::hours{1}) return "the duration must be 1 ms to 1 h";
  return {};
}

generator_summary run_generator(const generator_options& options, const std::atomic<bool>& stop) {
  if (auto fault = validate(options); !fault.empty()) throw std::invalid_argument(fault);
  // Nanoseconds, of this thread only; the default of 50 µs blurs the pace.
  ::prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
  event_stream events{options};
  const uint64_t limit = options.count > 0 ? options.count : UINT64_MAX;
  const auto start = clock::now();
  auto last = start;
  while (!stop && events.made() < limit) {
    const auto now = clock::now();
    if (now - start >= options.duration) break;
    // In small steps, so that neither `stop` nor the end of the time waits for a long backlog.
    const uint64_t wanted = std::min(due(options, now - start), limit);
    const uint64_t allowed = options.allowed ? std::min(options.allowed(), wanted) : wanted;
    if (allowed > events.made()) {
      events.send(std::min(allowed - events.made(), std::max(options.burst, built_at_once)));
      last = clock::now();
      continue;
    }
    if (allowed < wanted) {
      std::this_thread::sleep_for(held_sleep);
      continue;
    }
    const auto next = start + std::min<nanoseconds>(due_time(options, events.made()), options.duration);
    std::this_thread::sleep_until(std::clamp(next, now + shortest_sleep, now + longest_sleep));
  }
  auto summary = events.summary();
  summary.seconds = std::chrono::duration<double>(last - start).count();
  return summary;
}

generator_summary send_burst(generator_options options, uint64_t count) {
  options.rate = 0;
  options.count = options.burst = count;
  return run_generator(options, false);
}

std::string to_json(const generator_summary& summary) {
  nlohmann::ordered_json sent;
  for (auto source : all_event_sources)
    sent[std::string{to_string(source)}] = summary.sent[static_cast<size_t>(source)];
  const double rate = summary.seconds > 0 ? std::round(double(summary.total) / summary.seconds) : 0;
  return nlohmann::ordered_json{{"sent", sent},
                                {"total", summary.total},
                                {"refused", summary.refused},
                                {"seconds", std::round(summary.seconds * 1e6) / 1e6},
                                {"rate", rate}}
      .dump();
}

} // namespace senseflow::bench
