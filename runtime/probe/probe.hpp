// `senseflow probe`: looks at all that senseflow needs, says what is wrong and what to do. Changes nothing.
#pragma once

#include "runtime/wiring/reload.hpp"

#include <chrono>
#include <iosfwd>

namespace senseflow::runtime::probe {

struct request {
  configuration_source source;
  std::chrono::seconds listen{0}; ///< at the UDP ports for so long; 0 = not at all
  bool json = false;
};

/// The table (or JSON) goes to `out`, progress to the terminal, if there is one. Returns the exit code: 0 all
/// well, 1 something failed. Where a check hangs in the kernel, the process ends here.
int run(const request& x, std::ostream& out);

} // namespace senseflow::runtime::probe
