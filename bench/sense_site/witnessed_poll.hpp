// Who polled which server when.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace senseflow::bench {

/// A health request that has ended: answered, or its client was gone.
struct witnessed_poll {
  std::string server;
  std::string witness; ///< what the client calls itself: header X-Witness
  std::chrono::steady_clock::time_point begin, end;
};
using poll_witness = std::function<void(const witnessed_poll&)>;

} // namespace senseflow::bench
