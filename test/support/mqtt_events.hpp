// Collects the events of an mqtt_client as an actor would: taken when `wake` is called.
#pragma once

#include "runtime/mqtt/client.hpp"
#include "test/support/slowdown.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace senseflow::test {

/// Outlives its client: declare it first.
class mqtt_events {
public:
  using kind = runtime::mqtt_event::kind;

  /// Waits on the test's thread for a wake-up, but for a moment only, then takes; true as soon as `p` holds for
  /// all events so far.
  bool wait_for(runtime::mqtt_client& client,
                const std::function<bool(const std::vector<runtime::mqtt_event>&)>& p,
                std::chrono::milliseconds within = std::chrono::seconds(20)) {
    const auto deadline = std::chrono::steady_clock::now() + within * slowdown;
    while (!p(all)) {
      const auto now = std::chrono::steady_clock::now();
      if (now >= deadline) return false;
      std::unique_lock lock(mutex_);
      woken_.wait_until(lock, std::min(deadline, now + std::chrono::milliseconds(20)),
                        [this] { return wakes_ > 0; });
      wakes_ = 0;
      lock.unlock();
      take(client);
    }
    return true;
  }

  bool wait_for(runtime::mqtt_client& client, kind k,
                std::chrono::milliseconds within = std::chrono::seconds(20)) {
    return wait_for(
        client, [&](const auto&) { return count(k) > 0; }, within);
  }

  /// As the publisher does: with another way at once when told so, and once more when the end of the former
  /// connection is reported only now. True when connected.
  bool connect(runtime::mqtt_client& client) {
    auto next = all.size();
    client.connect();
    wait_for(client, [&](const auto& events) {
      for (; next < events.size(); ++next) {
        const auto what = events[next].what;
        if (what == kind::try_again || what == kind::connection_lost) client.connect();
        if (what == kind::connected || what == kind::connect_failed) return true;
      }
      return false;
    });
    return next < all.size() && all[next].what == kind::connected;
  }

  void take(runtime::mqtt_client& client) {
    auto taken = client.take_events();
    std::move(taken.begin(), taken.end(), std::back_inserter(all));
  }

  size_t count(kind k) const {
    return static_cast<size_t>(
        std::count_if(all.begin(), all.end(), [&](const auto& e) { return e.what == k; }));
  }

  /// The text of the first event of this kind.
  std::string text(kind k) const {
    for (const auto& e : all)
      if (e.what == k) return e.text;
    return {};
  }

  /// What the broker said last when it accepted a connection.
  runtime::mqtt_connack connack() const {
    for (auto i = all.rbegin(); i != all.rend(); ++i)
      if (i->connack) return *i->connack;
    return {};
  }

  size_t wakes() const { return all_wakes_; }

  std::function<void()> wake() {
    return [this] {
      std::lock_guard lock(mutex_);
      ++wakes_;
      ++all_wakes_;
      woken_.notify_one();
    };
  }

  std::vector<runtime::mqtt_event> all;

private:
  std::mutex mutex_;
  std::condition_variable woken_;
  int wakes_ = 0; // since the last take
  std::atomic<size_t> all_wakes_ = 0;
};

} // namespace senseflow::test
