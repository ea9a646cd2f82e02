// What arrived at the simulated site.
#pragma once

#include "bench/sense_site/histogram.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::bench {

/// Times between arrivals of health requests at one server.
struct arrival_intervals {
  uint64_t count = 0;
  std::chrono::microseconds shortest{0}; ///< 0 without intervals
  std::chrono::microseconds longest{0};
  histogram deviations; ///< |interval - expected|; empty if no interval is expected

  void add(std::chrono::microseconds interval, std::optional<std::chrono::microseconds> expected);
  void add(const arrival_intervals& other);
};

struct request_counts {
  uint64_t health = 0, sessions = 0, apps = 0; ///< requests that arrived, whatever became of them
  uint64_t other = 0;                          ///< for paths that Sense does not have
  uint64_t answered = 0;                       ///< answers written completely, of any status
  uint64_t refused = 0;                        ///< of these: the request was at fault (400, 403, 404, 405)
  uint64_t abandoned = 0;                      ///< the client closed before it had the answer
  uint64_t closed = 0;                         ///< closed instead of answering, as told
  uint64_t connections = 0;                    ///< completed TLS handshakes
  uint64_t failed_handshakes = 0;              ///< no certificate, a bad one, no TLS

  void add(const request_counts& other);
};

struct server_statistics {
  std::string name;
  uint16_t port = 0;
  request_counts counts;
  uint64_t hanging = 0;             ///< requests that wait for the end of `hang` at the moment
  uint64_t most_health_at_once = 0; ///< health requests without answer at the same time
  arrival_intervals intervals;
};

struct site_statistics {
  std::vector<server_statistics> servers;
  double cpu_seconds = 0; ///< of the site's thread
};

/// {"overall":{...},"servers":[{"name":...,"port":...,"requests":{...},...}],"cpu_seconds":s}, one line.
/// `deviation_ms` is there only if intervals were expected.
std::string to_json(const site_statistics& statistics);

} // namespace senseflow::bench
