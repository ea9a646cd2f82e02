// What the simulated site has seen: who polled which server when, and what is wrong with that.
#pragma once

#include "bench/sense_site/witnessed_poll.hpp"
#include "test/support/stall_watch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace senseflow::test {

/// Polls of one server each, in the order of their beginnings.
using polls_by_server = std::map<std::string, std::vector<bench::witnessed_poll>>;
using poll_clock = std::chrono::steady_clock;
using poll_time = poll_clock::time_point;

/// Thread-safe.
class poll_record {
public:
  poll_record() { stall_watch::here(); }

  bench::poll_witness witness() {
    return [this](const bench::witnessed_poll& x) {
      std::lock_guard lock{mutex_};
      all_.push_back(x);
    };
  }

  /// Those that began in this time and have ended.
  polls_by_server between(poll_time from, poll_time to = poll_time::max()) const {
    polls_by_server result;
    std::unique_lock lock{mutex_};
    for (const auto& x : all_)
      if (from <= x.begin && x.begin < to) result[x.server].push_back(x);
    lock.unlock();
    for (auto& [server, polls] : result)
      std::sort(polls.begin(), polls.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    return result;
  }

  size_t count(const std::string& node, poll_time from) const {
    std::lock_guard lock{mutex_};
    return static_cast<size_t>(std::count_if(
        all_.begin(), all_.end(), [&](const auto& x) { return x.witness == node && from <= x.begin; }));
  }

private:
  mutable std::mutex mutex_;
  std::vector<bench::witnessed_poll> all_;
};

inline double seconds(poll_clock::duration x) { return std::chrono::duration<double>(x).count(); }

struct poll_faults {
  size_t overlaps = 0; ///< two nodes at one server at the same time
  size_t twice = 0;    ///< in one interval, but for one that a stall of the machine has made late
  size_t missed = 0;   ///< intervals without a poll, counted once for each gap; a stall is not counted
  std::string examples;

  void tell(const char* what, const bench::witnessed_poll& a, const bench::witnessed_poll& b,
            poll_time since) {
    if (examples.size() > 1000) return;
    std::ostringstream out;
    out << "; " << a.server << ' ' << what << ": " << a.witness << " at " << seconds(a.begin - since)
        << " to " << seconds(a.end - since) << " s, " << b.witness << " at " << seconds(b.begin - since)
        << " s";
    examples += out.str();
  }
};

/// `since` is what the examples count from.
inline poll_faults faults_in(const polls_by_server& all, std::chrono::milliseconds interval,
                             poll_time since) {
  poll_faults result;
  const auto& stalls = stall_watch::here();
  for (const auto& [server, polls] : all) {
    for (size_t i = 1; i < polls.size(); ++i) {
      const auto &a = polls[i - 1], &b = polls[i];
      if (b.begin < a.end && a.witness != b.witness) {
        ++result.overlaps;
        result.tell("overlap", a, b, since);
      }
      const auto gap = b.begin - a.begin;
      if (gap + stalls.between(a.begin - interval, b.begin) < interval * 4 / 10) {
        ++result.twice;
        result.tell("twice", a, b, since);
      } else if (gap - stalls.between(a.begin, b.begin) > interval * 16 / 10) {
        ++result.missed;
        result.tell("missed", a, b, since);
      }
    }
  }
  return result;
}

/// Who has polled each server.
inline std::map<std::string, std::set<std::string>> pollers_in(const polls_by_server& all) {
  std::map<std::string, std::set<std::string>> result;
  for (const auto& [server, polls] : all)
    for (const auto& x : polls) result[server].insert(x.witness);
  return result;
}

/// The servers that only this node has polled.
inline polls_by_server only_of(const std::string& node, const polls_by_server& all) {
  polls_by_server result;
  for (const auto& [server, nodes] : pollers_in(all))
    if (nodes == std::set<std::string>{node}) result.emplace(server, all.at(server));
  return result;
}

/// The value that `share` of all do not exceed.
inline double quantile(std::vector<double> xs, double share) {
  if (xs.empty()) return 0;
  std::sort(xs.begin(), xs.end());
  return xs[std::min(xs.size() - 1, static_cast<size_t>(static_cast<double>(xs.size()) * share))];
}

} // namespace senseflow::test
