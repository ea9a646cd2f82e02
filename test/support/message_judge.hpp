// Holds what a subscriber gets against the contract (schema_check.hpp), whatever its test looks at.
#pragma once

#include "test/support/dice.hpp"
#include "test/support/subscriber.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace senseflow::test {

/// Judges, when it is asked, the first and the last message of each topic, and of each channel up to `most_others`
/// more, chosen at random. An empty message is right where it clears what is retained. Thread-safe.
class message_judge {
public:
  static constexpr size_t most_others = 100;

  /// Of a kind of faults one: `kind` is the same for all of them.
  struct fault {
    std::string kind, text;
  };
  using listener = std::function<void(const fault&)>;

  /// Who hears, from now on, what is wrong with what subscribers got, at their end and on the thread that ends
  /// them. No function: nothing is judged. Returns who heard before.
  static listener report_to(listener x);
  static bool is_on();

  /// From now on the topics of a program with this configuration are known, besides those of the defaults. What is
  /// no YAML is no configuration.
  static void configured(const std::string& configuration);

  void take(std::vector<received_message> arrived);

  /// Topics (a filter of MQTT) that the test has chosen: they have this schema; with none they are not judged.
  void knows(const std::string& filter, const std::string& schema);

  std::vector<fault> faults() const;
  void report() const;

private:
  struct of_topic {
    size_t count = 0;
    received_message first, last;
    std::vector<received_message> others; ///< some of those between
  };

  mutable std::mutex mutex_; // guards all below
  std::map<std::string, of_topic> topics_;
  std::map<std::string, std::string> chosen_; ///< schemas by filter
  dice dice_{1};
};

} // namespace senseflow::test
