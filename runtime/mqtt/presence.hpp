// What tells subscribers whether a node is there: the birth and the will of its connection.
#pragma once

#include <chrono>
#include <cstdint>

namespace senseflow::runtime {

namespace presence {

inline constexpr const char* online = "online";
inline constexpr const char* offline = "offline";
inline constexpr uint8_t qos = 1;

} // namespace presence

/// Whether a broker takes birth and will, as far as it has shown. They go to the same topic, so both are left
/// out together: for 10 minutes, then twice as long each time, up to 8 hours. Not thread-safe.
class presence_rights {
public:
  using time = std::chrono::steady_clock::time_point;

  /// With a connection that starts now.
  bool usable(time now) const { return !trial_ && now >= left_out_until_; }

  /// It has refused a connection, or ended it, and the will may be why. True: try without, at once. When that fails,
  /// too, it may be by chance: without is tried again after one more attempt, then after two, and so on up to 64.
  bool try_without(time now);

  /// A connection has failed for another reason, or one without a will has, too.
  void failed();

  /// A connection is up. True: the will was why it had been refused.
  bool connected(time now);

  void taken();
  void denied(time now);

  /// The connection ended over the birth, or by chance: nothing else can be why, or `others` may be, too.
  /// True: that happened twice in a row, or four times, so it counts as denied.
  bool ended(time now, bool others);

  std::chrono::minutes pause() const; ///< since the last denial

private:
  bool trial_ = false; // the attempt that is on its way goes without
  int suspicion_ = 0;
  int denials_ = 0; // in a row
  time left_out_until_ = time::min();
  int to_skip_ = 0, pause_between_trials_ = 1; // attempts
};

} // namespace senseflow::runtime
