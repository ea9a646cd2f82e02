// What the program finds out beyond what it is told (`insights`). Plain values.
#pragma once

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
  } storms; ///< log events that say the same, folded

  struct {
    bool enable = false;
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
