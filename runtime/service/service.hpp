// The wiring: settings in, a tree of supervised actors that runs until it is told to stop.
#pragma once

#include "runtime/service/reload.hpp"

namespace senseflow::runtime {

/// Exit codes of the program.
enum exit_code : int {
  exit_ok = 0,            ///< stopped as told
  exit_configuration = 1, ///< nothing was started
  exit_gave_up = 2,       ///< components failed more often than the supervision allows
  exit_stuck = 3          ///< did not end in time after it was told to stop
};

/// SIGINT, SIGTERM and SIGHUP now wait for run_service instead of ending the process. Call before there is
/// any other thread (the log has one): threads inherit it.
void hold_stop_signals();

/// Runs until SIGINT or SIGTERM, or until the supervision gives up. SIGHUP reads the configuration again from
/// `source`. Call once, from the main thread. Returns an exit code.
int run_service(const config::settings& settings, const configuration_source& source);

} // namespace senseflow::runtime
