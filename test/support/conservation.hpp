// The conservation law seen from outside: what the program says it did with the events of bench's generator,
// held against what a subscriber got of them.
#pragma once

#include "test/support/subscriber.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace senseflow::test {

/// The two classes of events, by their names in the ledger, which are those of their main topics.
inline constexpr std::array event_classes{"userevent", "logevent"};

/// The number that bench's event generator gave an event, and the host it comes from.
struct event_mark {
  uint64_t number = 0;
  std::string_view host;
  bool known = false; ///< the payload is one of bench's events
};
event_mark mark_of(std::string_view payload);

/// Events of one class that a subscriber got at their main topic `<base><class>`.
struct arrivals {
  std::unordered_set<uint64_t> numbers;  ///< distinct ones
  std::unordered_set<uint64_t> detailed; ///< the same at the topics below the main one
  size_t duplicates = 0;                 ///< arrivals of events that had arrived before
  size_t strangers = 0;                  ///< payloads that are no event of bench's
  size_t disorder = 0;                   ///< first arrivals behind a later event of their host
  std::string first_disorder;            ///< in words
  struct arrival {
    uint64_t number = 0;
    std::string sequence; ///< in words; empty without MQTT 5
  };
  std::unordered_map<std::string, arrival> latest_of_host; ///< greatest number so far
};

/// The ledgers that were published.
struct ledger_account {
  size_t count = 0;
  std::string wrong; ///< what is wrong with them: see `unlawful`

  void read(const std::string& payload);
};

/// Reads what a subscriber gets, each message once. Not thread-safe.
class witness {
public:
  explicit witness(const subscriber& sub, std::string base = "butler-sos/");

  /// True as soon as `p` holds for what has arrived; false when time is up.
  bool wait_for(const std::function<bool(const witness&)>& p,
                std::chrono::milliseconds within = std::chrono::seconds(10));
  bool wait_for_distinct(size_t n, std::chrono::milliseconds within = std::chrono::seconds(10)) {
    return wait_for([n](const witness& w) { return w.distinct() >= n; }, within);
  }

  const ledger_account& ledgers() const { return ledgers_; }
  /// The program still publishes it: two more arrive, of which one was made after this was asked.
  bool ledger_goes_on(std::chrono::milliseconds within = std::chrono::seconds(10));

  const arrivals& of(const std::string& cls) const { return by_class_.at(cls); }
  size_t distinct() const; ///< of both classes
  size_t duplicates() const;

private:
  void read(const received_message& m);

  const subscriber& sub_;
  const std::string base_;
  size_t read_ = 0;
  std::map<std::string, arrivals> by_class_;
  ledger_account ledgers_;
};

/// What is wrong with a line of a ledger, a line each; empty when both of this hold for it:
/// - no place holds less than nothing
/// - received + recovered = published + filtered + dropped + in sources + in memory + in flight + on disk
std::string unlawful(const std::string& name, const nlohmann::json& line);

/// The same of a ledger as it is published: for each class, for each source, and between them.
std::string unlawful_ledger(const nlohmann::json& ledger);

/// What is wrong, a line each; empty when all of this holds for the class, of which `sent` events and
/// `hostile` datagrams that are none were sent to the program:
/// - its line is lawful
/// - sent + hostile = received + dropped by the kernel
/// - distinct arrivals = published, at the main topic and below it
/// - duplicates are at most what the program says it sent again; not when the broker itself `broker_repeats`,
///   as it does when it was stopped before its subscriber had settled
/// - first arrivals of a host are in the order in which they were sent
std::string violations(const std::string& cls, const nlohmann::json& ledger, const arrivals& got,
                       uint64_t sent, uint64_t hostile = 0, bool broker_repeats = false);

/// Sum of an object of counts: what was filtered, or dropped.
uint64_t total_of(const nlohmann::json& reasons);

} // namespace senseflow::test
