// How well a Sense server answers: told of every poll, says when that changes. Survives its poller's crashes,
// so that a restart of ours is no change of theirs.
#pragma once

#include "messages/items/availability_sample.hpp"
#include "messages/items/server_event.hpp"
#include "messages/moment.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::actors {

/// What a poll came to.
struct poll_outcome {
  std::string_view error;  ///< its class, a short word that lives for ever; "" = answered well
  int32_t http_status = 0; ///< with the error `http_status`
};
inline bool operator==(const poll_outcome& a, const poll_outcome& b) {
  return a.error == b.error && a.http_status == b.http_status;
}

/// Pure: times come as arguments, server and host of what is returned are the caller's to fill in.
/// - online: every API that was polled answers well.
/// - offline: the health API failed twice in a row, or at once if its host has no address or takes no
///   connection.
/// - degraded: anything else.
class availability_tracker {
public:
  static constexpr std::string_view health = "health";

  /// The APIs that are polled, by name; `health` is one of them. What is known of others is forgotten.
  void watch(const std::vector<std::string>& apis);

  struct change {
    messages::availability_sample now;
    bool state_changed = true; ///< else only what fails, or how
  };
  /// A poll of the API has ended; answers of APIs that are not watched change nothing. The first
  /// one is a change.
  std::optional<change> ended(const std::string& api, poll_outcome outcome, messages::moment now);

  /// The health API told of its engine. A text that is missing ("") is no change, nor is the first one.
  std::vector<messages::server_event> engine(std::string_view started, std::string_view version,
                                             caf::timestamp now);

  /// As of the last poll; nothing before the first one.
  std::optional<messages::availability_sample> known(messages::moment now) const;

private:
  struct api_state {
    std::string name;
    poll_outcome last;     ///< good if it was not polled yet
    uint32_t failures = 0; ///< in a row; 2 stands for more
  };

  messages::availability_sample judge() const;
  void date(messages::availability_sample& x, messages::moment now) const;

  std::vector<api_state> apis_; ///< health first
  std::optional<messages::availability_sample> told_;
  std::chrono::steady_clock::time_point since_{}; ///< of the state that was told
  std::optional<std::chrono::steady_clock::time_point> last_good_;
  std::string started_;
  std::string version_;
};

} // namespace senseflow::actors
