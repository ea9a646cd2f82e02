// Everything senseflow reads from a Butler SOS 15 file, under `Butler-SOS:`, with its own additions. Plain
// values; the defaults here are the only ones. `load` (load.hpp) fills in what depends on other settings and
// checks it all, so that readers need no rules of their own: topics, switches and paths are meant as they
// stand. Copies are independent; share one const object between threads.
#pragma once

#include "config/actor_settings.hpp"
#include "config/admin_settings.hpp"
#include "config/cluster_settings.hpp"
#include "config/delivery_settings.hpp"
#include "config/event_settings.hpp"
#include "config/insight_settings.hpp"
#include "config/mqtt_settings.hpp"
#include "config/sense_settings.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace senseflow::config {

enum class log_level : uint8_t { error, warn, info, verbose, debug, silly };

struct settings {
  config::log_level log_level = log_level::info;
  bool file_logging = false;
  std::string log_directory = "log";
  bool log_json = false; ///< one JSON object a line
  std::string node;      ///< of this program, among others at the same broker; empty = the host's name

  mqtt_settings mqtt;
  cert_settings cert;
  user_event_settings user_events;
  log_event_settings log_events;
  app_name_settings app_names;
  user_session_settings user_sessions;
  monitor_settings monitor; ///< `serversToMonitor`

  /// Which topics and payloads are published.
  struct {
    bool butler_sos = true; ///< as Butler SOS does
    bool documented = true; ///< as Butler SOS documents
    bool flat = false;      ///< health once more, on one level
  } layouts;

  struct {
    std::chrono::milliseconds drain_timeout{10000};
  } shutdown;

  insight_settings insights;
  admin_settings admin;
  cluster_settings cluster;
  delivery_settings delivery;
  ledger_settings ledger;
  actor_settings actors;
};

} // namespace senseflow::config
