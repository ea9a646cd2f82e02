// Finds the address of a broker, or of the proxy before it, that is to be connected to.
#pragma once

#include "runtime/mqtt/connect_race.hpp"
#include "runtime/mqtt/proxy.hpp"
#include "runtime/net/resolver.hpp"
#include "runtime/worker.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace senseflow::runtime {

/// A host with one address is that address; of several, those that take connections show by a race which it
/// is. One question at a time, on a thread of its own, so that nobody waits for name servers and addresses.
class address_finder {
public:
  struct question {
    std::string host;
    uint16_t port = 0;
    mqtt_proxy proxy = {};              ///< if there is one, a tunnel through it is what is looked for
    std::vector<ip_address> tried = {}; ///< not these again
    std::chrono::milliseconds timeout{5000};
    /// Asked first: what keeps from connecting, if there is something. It may stay for ever, over a file say.
    std::function<std::string()> objection = {};
  };
  struct answer {
    std::optional<ip_address> address;
    size_t others = 0;                       ///< that may work, too
    std::string problem;                     ///< one line in plain words, if there is no address
    std::string objection = {};              ///< then nothing was looked for
    std::shared_ptr<descriptor> tunnel = {}; ///< through the proxy, which is at the address
  };

  /// Without a resolver it makes one when it needs it.
  explicit address_finder(std::shared_ptr<resolver> names = {});
  ~address_finder(); ///< stops; at once
  address_finder(const address_finder&) = delete;
  address_finder& operator=(const address_finder&) = delete;

  /// `done` is called once, on the finder's thread, unless it is stopped before; from there, nothing of the
  /// finder may be called.
  void find(question q, std::function<void(const answer&)> done);

  /// Gives up what it is looking for; at once. (Waits for `done`, if that is running.)
  void stop();

private:
  std::optional<lookup_result> look_up(const std::string& host,
                                       std::chrono::steady_clock::time_point deadline);
  std::optional<std::string> objection(const question& q, std::chrono::steady_clock::time_point deadline);
  /// Until the descriptor is readable or the time is up; false: it was stopped.
  bool wait_for(const descriptor& x, std::chrono::steady_clock::time_point deadline) const;
  answer find_now(const question& q);

  std::shared_ptr<resolver> names_;
  const descriptor stop_;
  std::shared_ptr<worker_thread> asker_; ///< when it is needed: who does not come back has this one thread
  std::thread thread_;
};

} // namespace senseflow::runtime
