// A steady load of made-up events beside a test.
#pragma once

#include "test/system/system_fixture.hpp"

#include <atomic>
#include <thread>

namespace senseflow::test {

/// To the user and log ports of a configuration, from ten hosts; starts at once, ends when told to.
class event_load {
public:
  explicit event_load(const system_config& c, double rate = 1000.0 / slowdown, uint64_t first_number = 0)
      : rate_(rate), began_(std::chrono::steady_clock::now()), thread_([this, c, first_number] {
          bench::generator_options g;
          g.user_port = c.user_port;
          g.log_port = c.log_port;
          g.rate = rate_;
          g.hosts = 10;
          g.duration = 1h;
          g.first_number = first_number;
          summary_ = bench::run_generator(g, stop_);
        }) {}
  ~event_load() { end(); }

  /// Nothing is sent any more once this returns.
  const bench::generator_summary& stop() {
    end();
    return summary_;
  }

  /// So many have been sent by now, more or less.
  uint64_t due() const {
    return static_cast<uint64_t>(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count() * rate_);
  }

  /// True when so many more events were due: faults come at their time in the load.
  bool go_on(std::chrono::milliseconds x) const {
    const auto until = due() + static_cast<uint64_t>(std::chrono::duration<double>(x).count() * rate_);
    return eventually([&] { return due() >= until; }, x + 10s);
  }

private:
  void end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  const double rate_;
  const std::chrono::steady_clock::time_point began_;
  std::atomic<bool> stop_{false};
  bench::generator_summary summary_;
  std::thread thread_;
};

/// Of a summary: events by their class in the ledger.
inline uint64_t sent_of(const bench::generator_summary& s, const std::string& cls) {
  auto users = s.sent[static_cast<size_t>(bench::event_source::user)];
  return cls == "userevent" ? users : s.total - users;
}

/// The long run by hand: SENSEFLOW_LONG=1.
inline bool long_run() {
  const auto* x = std::getenv("SENSEFLOW_LONG");
  return x != nullptr && *x == '1';
}

} // namespace senseflow::test
