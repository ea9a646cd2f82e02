// What every actor of a node shares.
#pragma once

#include "runtime/accounting/histogram.hpp"
#include "runtime/accounting/ledger.hpp"
#include "runtime/accounting/metrics.hpp"
#include "runtime/accounting/notices.hpp"
#include "runtime/accounting/work_meter.hpp"
#include "runtime/registry.hpp"
#include "runtime/vital_signs.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace senseflow::actors {

/// Thread-safe, and alive as long as anybody holds it: also for an actor that was given up as hung.
struct context {
  runtime::registry names;
  runtime::ledger book;
  runtime::metrics counters;
  runtime::vital_signs signs;
  runtime::notices notices;
  runtime::work_meters meters;
  struct {
    runtime::histogram poll_duration, poll_lateness; ///< of the health API
    runtime::histogram session_poll_duration, session_poll_lateness;
    runtime::histogram acknowledgement; ///< of a sample of the messages
  } timings;
  std::atomic<uint64_t> sources{0}; ///< numbers the outlets
  /// How often somebody wanted all state with its next poll, changed or not.
  std::atomic<uint64_t> asked_for_all{0};
};

using context_ptr = std::shared_ptr<context>;

/// Whose certificate it is, in the notices.
inline constexpr auto repository = "Sense repository";

/// Names in the registry that more than one file needs.
namespace names {
inline constexpr auto outbox = "delivery/outbox";
inline constexpr auto ledger_reporter = "delivery/ledger";
inline constexpr auto spool = "delivery/spool";
inline constexpr auto encoder = "encoding/encoder";
inline constexpr auto cluster_member = "cluster/member";
inline constexpr auto cluster_channel = "cluster/channel";
inline constexpr auto event_twins = "cluster/twins";
inline constexpr auto analyst = "insights/analyst";
inline constexpr auto user_events = "ingest/user-events";
inline constexpr auto log_events = "ingest/log-events";
inline constexpr auto pollers = "polling"; ///< of all: the meter that they share
inline std::string publisher(size_t n) { return "delivery/publisher-" + std::to_string(n + 1); }
} // namespace names

} // namespace senseflow::actors
