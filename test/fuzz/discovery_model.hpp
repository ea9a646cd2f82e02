// Home Assistant's discovery topics, where anybody may publish: what must hold of the documents, and of when
// they are published again.
#pragma once

#include "actors/home_assistant/devices.hpp"
#include "test/fuzz/input.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::fuzz {

class discovery_model {
public:
  /// Reads the names of two servers.
  explicit discovery_model(input& in);

  /// At one of the devices' topics, or at another one.
  void hear(input& in, const std::string& payload);
  /// What was published there last, or what went before it.
  void hear_own(input& in);
  void see_version(input& in);
  void ask_again();
  void configure(input& in);
  void pass(std::chrono::nanoseconds t) { now_ += t; }
  /// All that is due now: it has to be sound, and there has to be a reason for it.
  void publish();

private:
  using time_point = actors::devices::time_point;

  struct dispute {
    time_point since{};
    bool surely = false; ///< else it may have been ignored
  };
  struct known {
    std::string published, removing; ///< last; "" = never
    std::string version;
    time_point not_before{};   ///< of the first document
    bool may_come = true;      ///< for a reason of ours
    bool must_come = false;    ///< likewise, for certain
    bool removed = false;      ///< by others
    std::optional<dispute> by; ///< others have put something in its place
    time_point dispute_over{}; ///< until then what they clear comes back
    enum class doubt : uint8_t { no, maybe, surely } cleared = doubt::no;
  };

  std::string topic(input& in) const;
  void hear(const std::string& topic, const std::string& payload);
  void take(const actors::devices::due& x, known& of) const;
  void check_left(known& x) const;

  std::vector<std::string> names_;
  actors::device_options options_;
  actors::devices devices_;
  time_point now_{std::chrono::hours(1000)};
  time_point cleared_until_{};         ///< at the latest
  std::map<std::string, known> known_; ///< by topic
};

} // namespace senseflow::fuzz
