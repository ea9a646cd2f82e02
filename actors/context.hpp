// What every actor of a node shares.
#pragma once

#include "runtime/accounting/ledger.hpp"
#include "runtime/accounting/metrics.hpp"
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
  std::atomic<uint64_t> sources{0}; ///< numbers the outlets
};

using context_ptr = std::shared_ptr<context>;

/// Names in the registry that more than one file needs.
namespace names {
inline constexpr auto outbox = "delivery/outbox";
inline constexpr auto ledger_reporter = "delivery/ledger";
inline constexpr auto spool = "delivery/spool";
inline constexpr auto encoder = "encoding/encoder";
inline constexpr auto cluster_member = "cluster/member";
inline constexpr auto cluster_channel = "cluster/channel";
inline constexpr auto event_twins = "cluster/twins";
inline std::string publisher(size_t n) { return "delivery/publisher-" + std::to_string(n + 1); }
} // namespace names

} // namespace senseflow::actors
