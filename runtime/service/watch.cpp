#include "runtime/service/watch.hpp"

#include "runtime/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;

constexpr auto tick = 50ms; ///< until the ports are known
constexpr auto second = 1s;
constexpr auto patience_at_stop = 15s; ///< asked for once a second

struct figures {
  uint64_t published = 0;
  uint64_t left = 0;    ///< events that are neither published nor safe on disk
  uint64_t on_disk = 0; ///< events that are nowhere else
};

figures count(const ledger& book) {
  using messages::item_class;
  figures result;
  const auto lines = book.snapshot();
  for (const auto& x : lines) result.published += x.published;
  for (auto c : {item_class::user_event, item_class::log_event, item_class::server_event}) {
    const auto& x = lines[static_cast<size_t>(c)];
    result.left += x.in(place::source) + x.in(place::memory) + x.in(place::flight);
    result.on_disk += x.in(place::disk);
  }
  return result;
}

} // namespace

service_watch_options watch_options(const config::settings& s) {
  service_watch_options result;
  if (s.user_events.enable) result.receivers.emplace_back(port_names::user_events);
  if (s.log_events.enabled()) result.receivers.emplace_back(port_names::log_events);
  result.silence = 3 * s.actors.supervision.ping_interval;
  return result;
}

service_watch::service_watch(service_manager& manager, actors::context& env, const service_ports& ports,
                             service_watch_options options)
    : manager_(manager), env_(env), ports_(ports), options_(std::move(options)), next_ping_(began_),
      next_status_(began_), thread_([this] { run(); }) {}

service_watch::~service_watch() {
  {
    std::lock_guard lock{mutex_};
    done_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void service_watch::reloading() {
  std::lock_guard lock{mutex_};
  if (!ready_ || stop_by_) return;
  reloading_ = true;
  manager_.tell(runtime::reloading());
}

void service_watch::reloaded(const std::string& fault, service_watch_options options) {
  std::lock_guard lock{mutex_};
  fault_ = fault;
  options_.receivers = std::move(options.receivers);
  options_.silence = options.silence;
  if (!std::exchange(reloading_, false)) return;
  told_ = words();
  manager_.tell("READY=1\n" + status_line(told_));
}

void service_watch::stopping(std::chrono::milliseconds within) {
  std::lock_guard lock{mutex_};
  const auto now = clock::now();
  stop_by_ = now + within;
  next_status_ = now + second;
  manager_.tell("STOPPING=1\n" + more_time(patience_at_stop) + '\n' +
                status_line(fmt::format("Stopping: {} events left.", count(env_.book).left)));
  changed_.notify_one();
}

void service_watch::run() {
  std::unique_lock lock{mutex_};
  while (!done_) {
    const auto now = clock::now();
    look(now);
    changed_.wait_until(lock, next_look(now)); // whatever woke it: looking again does no harm
  }
}

service_watch::clock::time_point service_watch::next_look(clock::time_point now) const {
  const auto other = ready_ || stop_by_ ? next_status_ : now + tick;
  return manager_.watchdog() ? std::min(other, next_ping_) : other;
}

void service_watch::look(clock::time_point now) {
  if (manager_.watchdog() && now >= next_ping_) {
    next_ping_ = now + *manager_.watchdog() / 2;
    ping(now);
  }
  if (stop_by_) {
    if (now >= next_status_) tell_what_is_left(now);
    return;
  }
  if (!ready_ && ports_known(now)) {
    ready_ = true;
    told_ = words();
    manager_.tell("READY=1\n" + status_line(told_));
    next_status_ = now + options_.status_interval;
  }
  if (!ready_ || now < next_status_) return;
  next_status_ = now + options_.status_interval;
  if (reloading_) return;
  if (auto text = words(); text != told_) {
    told_ = std::move(text);
    manager_.tell(status_line(told_));
  }
}

bool service_watch::ports_known(clock::time_point now) const {
  return now - began_ >= options_.port_patience ||
         std::all_of(options_.receivers.begin(), options_.receivers.end(),
                     [this](const auto& x) { return ports_.trouble(x).has_value(); });
}

std::string service_watch::words() const {
  const auto x = count(env_.book);
  auto result =
      fmt::format("Running: {} items published, {} events waiting.", x.published, x.left + x.on_disk);
  for (const auto& receiver : options_.receivers)
    if (const auto trouble = ports_.trouble(receiver).value_or(""); !trouble.empty()) result += ' ' + trouble;
  if (!fault_.empty()) result += " The last reload was refused: " + fault_;
  return result;
}

/// During the stop components are asked no more, and each has its time: the stop is bounded by itself.
void service_watch::ping(clock::time_point now) {
  const auto silence = env_.signs.longest_silence(now);
  const bool well = stop_by_ || !silence || silence->duration <= options_.silence;
  if (well) manager_.tell("WATCHDOG=1");
  if (!well) next_ping_ = std::min<clock::time_point>(next_ping_, now + second); // it may answer at any time
  if (!well && !std::exchange(silent_, true))
    log::warn("{} has not responded for {} s; watchdog notifications paused", silence->path,
              std::chrono::duration_cast<std::chrono::seconds>(silence->duration).count());
  if (well && std::exchange(silent_, false))
    log::info("all components respond again; watchdog notifications resumed");
}

void service_watch::tell_what_is_left(clock::time_point now) {
  next_status_ = now + second;
  const auto left = count(env_.book).left;
  const auto seconds = std::max<int64_t>(std::chrono::ceil<std::chrono::seconds>(*stop_by_ - now).count(), 0);
  const auto text = fmt::format("{} events left, up to {} s more", left, seconds);
  manager_.tell(more_time(patience_at_stop) + '\n' + status_line("Stopping: " + text + '.'));
  if (left > 0) log::info("draining: {}", text);
}

} // namespace senseflow::runtime
