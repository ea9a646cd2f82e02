// What is known of a running node at one moment: everything that probes, metrics, page and conditions are made
// of. Plain values.
#pragma once

#include "runtime/accounting/histogram.hpp"
#include "runtime/accounting/ledger.hpp"
#include "runtime/accounting/notices.hpp"
#include "runtime/accounting/work_meter.hpp"
#include "runtime/process.hpp"
#include "runtime/spool/figures.hpp"

#include <caf/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::runtime {

enum class service_phase : uint8_t { starting, running, stopping };

/// A file that is loaded while the program runs.
struct reload_fact {
  caf::timestamp at{};
  std::string result; ///< applied, unchanged, faulty
  std::string text;   ///< in words
};

/// Of a file that is used, or one that the other side has shown.
struct certificate_fact {
  std::string file; ///< "" of the other side's
  std::string use;  ///< in words
  caf::timestamp expires{};
  std::string of = {}; ///< whose the other side's is: `Sense server sense1`
  std::string subject = {}, issuer = {};

  const std::string& name() const { return file.empty() ? of : file; }
};

struct cluster_fact {
  std::string name, self;
  bool certain = false;
  struct node {
    std::string id, version;
    bool draining = false;
  };
  std::vector<node> nodes;
  uint64_t servers = 0; ///< that are ours to poll
};

/// As configured.
struct settings_fact {
  std::string file;
  caf::timestamp loaded_at{};
  std::string mode; ///< of delivery: memory, overflow, journal
  std::vector<std::string> warnings, not_served;
  std::vector<std::string> servers;               ///< in their order
  std::map<messages::item_class, uint16_t> ports; ///< that are switched on
  uint64_t memory_limit = 0;                      ///< bytes
  uint64_t spool_limit = 0, spool_min_free = 0;   ///< bytes
  uint32_t publishers = 0, window = 0;            ///< of each
  bool ready_needs_broker = false;
  std::chrono::milliseconds hang_timeout{30000};
};

struct facts {
  std::string node, version;
  caf::timestamp at{}, started{};
  std::chrono::steady_clock::time_point when{}, began{}; ///< the same
  service_phase phase = service_phase::starting;
  settings_fact settings;
  std::optional<reload_fact> reload; ///< the last one
  std::vector<certificate_fact> certificates;
  process_figures process;
  std::optional<cluster_fact> cluster;

  ledger::sources_type lines; ///< one moment's: the law holds in them
  uint64_t ledger_faults = 0;
  notice_board<std::string, component_notice>::map components;
  notice_board<uint32_t, broker_notice>::map brokers;
  notice_board<std::string, server_notice>::map servers; ///< those that were polled
  notice_board<messages::item_class, port_notice>::map ports;
  std::map<std::string, double> clocks; ///< how many seconds each server's is ahead of ours
  notice_board<std::string, std::vector<messages::insights::alarm>>::map alarms;
  backlog_notice backlog;
  namesake_notice namesake;
  listener_notice listener;
  std::optional<spool_figures> spool;
  spool_notice spool_trouble;
  std::map<std::string, work_figures> work;
  struct {
    histogram_counts poll_duration, poll_lateness;
    histogram_counts session_poll_duration, session_poll_lateness;
    histogram_counts acknowledgement;
  } timings;

  bool broker_connected() const;
  ledger::snapshot_type totals() const;
  /// That wait or are on their way.
  uint64_t pending_events() const;
  /// Of an event in memory or on disk.
  std::chrono::milliseconds oldest_pending() const;
  /// The spool's size of which it is full, with the disk space there is.
  uint64_t spool_room() const;
  /// What keeps it from being ready, in words.
  std::vector<std::string> not_ready() const;
};

} // namespace senseflow::runtime
