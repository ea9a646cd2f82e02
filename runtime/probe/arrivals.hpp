// What came to a UDP port while somebody listened: from whom, which kind, and what the service would refuse.
#pragma once

#include "actors/ingest/datagram_guard.hpp"
#include "config/settings.hpp"
#include "messages/items/foreign_datagram.hpp"
#include "runtime/probe/finding.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace senseflow::runtime::probe {

/// Bounded: of more than `most_senders` only the number is kept. Not thread-safe.
class arrivals {
public:
  using time_point = actors::datagram_guard::time_point;

  static constexpr size_t most_senders = 50;

  arrivals(messages::event_port port, actors::datagram_guard guard) : port_(port), guard_(std::move(guard)) {}

  void note(const datagram& x, time_point now);
  uint64_t total() const { return total_; }

  /// What is switched on and has not come is said, as far as that means something.
  findings judge(const config::settings& s, std::chrono::seconds listened) const;

private:
  struct refusals {
    uint64_t count = 0;
    std::string excerpt; ///< of the last one
    std::string hint;    ///< what it looks like
  };
  struct sender {
    std::map<std::string, uint64_t> kinds;
    std::map<std::string, refusals> refused; ///< by reason
  };

  finding judge_refusal(const std::string& from, const std::string& reason, const refusals& x) const;
  std::string kind_of(const datagram& x) const; ///< "" = no event of this port

  messages::event_port port_;
  actors::datagram_guard guard_;
  std::map<std::string, sender> senders_;
  std::set<std::string> kinds_;
  uint64_t total_ = 0;
  uint64_t others_ = 0; ///< datagrams of further senders
};

} // namespace senseflow::runtime::probe
