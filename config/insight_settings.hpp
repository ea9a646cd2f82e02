// What the program finds out beyond what it is told (`insights`). Plain values.
#pragma once

#include <chrono>
#include <cstdint>

namespace senseflow::config {

struct insight_settings {
  struct {
    bool enable = false;
  } silence; ///< services that should send datagrams and do not

  struct {
    bool enable = false;
  } sessions; ///< polled sessions and user events put together

  struct {
    bool enable = false;
    uint32_t rate = 10; ///< equal events a second that are published one by one
    std::chrono::milliseconds window{10000};
  } storms; ///< log events that say the same, folded

  struct {
    bool enable = false;
    std::chrono::milliseconds window{60000};
    std::chrono::milliseconds publish_above{1000}; ///< process time; 0 = none
    uint32_t rows = 100;
  } performance; ///< digests of performance events

  struct {
    bool enable = false;
  } memory; ///< engines that run out of it

  struct {
    bool enable = false;
  } clock; ///< of each server, against ours

  struct {
    bool enable = false;
  } certificates; ///< how long they are valid
};

} // namespace senseflow::config
