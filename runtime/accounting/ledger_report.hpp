// The ledger as a message: <base>senseflow/<node>/ledger (config/schemas/ledger.json).
#pragma once

#include "runtime/accounting/event_counts.hpp"
#include "runtime/accounting/ledger.hpp"

#include <caf/timestamp.hpp>

#include <functional>
#include <string>

namespace senseflow::runtime {

/// One JSON object, a member per class; for the log.
std::string to_json(const ledger::snapshot_type& x);

struct ledger_report_options {
  std::string node;
  std::string mode; ///< of delivery: memory, overflow, journal
  caf::timestamp started;
  std::function<event_counts()> events = {}; ///< null: none are shared with other nodes
};

/// One JSON object: totals by class, and what differs from 0 by class and source.
std::string ledger_report(const ledger& book, const ledger_report_options& options, caf::timestamp now);

} // namespace senseflow::runtime
