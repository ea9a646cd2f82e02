// What the program finds out beyond what it is told (`insights`). Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::config {

struct insight_settings {
  /// Machine, as events name it, -> name of a server. Others are found by their names.
  std::vector<std::pair<std::string, std::string>> hosts;

  struct {
    bool enable = false;
    std::chrono::milliseconds after{900000};
    std::vector<std::string> expect; ///< services that are missed also where they have never sent
  } silence;                         ///< services that should send datagrams and do not

  struct {
    bool enable = false;
    std::chrono::milliseconds interval{5000}; ///< between two publications of a table, at least
    uint32_t max_sessions = 1000;             ///< of a server
    uint32_t max_bytes = 262144;              ///< of a table
    std::chrono::milliseconds idle_timeout{1800000};
  } sessions; ///< polled sessions and user events put together

  struct {
    bool enable = false;
  } storms; ///< log events that say the same, folded

  struct {
    bool enable = false;
  } performance; ///< digests of performance events

  struct {
    bool enable = false;
    uint64_t limit_mb = 0; ///< 0 = what the engine has and what is free
    std::chrono::milliseconds horizon{600000};
    uint32_t threshold_percent = 80;
    std::chrono::milliseconds interval{60000}; ///< between two publications, but for alarms
  } memory;                                    ///< engines that run out of it

  struct {
    bool enable = false;
    std::chrono::milliseconds limit{5000};
  } clock; ///< of each server, against ours

  struct {
    bool enable = false;
  } certificates; ///< how long they are valid
};

} // namespace senseflow::config
