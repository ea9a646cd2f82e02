// The wiring: settings in, a tree of supervised actors that runs until it is told to stop.
#pragma once

#include "runtime/udp/handed_over.hpp"
#include "runtime/wiring/reload.hpp"

namespace senseflow::runtime {

/// Exit codes of the program.
enum exit_code : int {
  exit_ok = 0,            ///< stopped as told
  exit_configuration = 1, ///< nothing was started: the command line, the configuration, the spool
  exit_gave_up = 2,       ///< components failed more often than the restart limit allows
  exit_stuck = 3          ///< did not end in time after it was told to stop
};

/// Runs until SIGTERM or SIGINT, or until the restart limit is reached. SIGHUP reads the configuration again
/// from `source`. The UDP ports are those among `sockets`, else its own. Tells the service manager how it
/// is. Call once, from the main thread, after hold_signals. Returns an exit code.
int run_service(const config::load_result& loaded, const configuration_source& source,
                std::vector<handed_over_socket> sockets = {});

} // namespace senseflow::runtime
