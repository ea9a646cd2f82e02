// Services whose datagrams get lost on the way to us.
#pragma once

#include "messages/insights/analysis.hpp"
#include "messages/insights/arrivals.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace senseflow::messages::insights {

/// An alarm for each that has lost some in the last hour; where they are many, one for all but the first.
class losses : public analysis {
public:
  using look = std::function<arrival_list()>;

  explicit losses(look at) : look_(std::move(at)) {}

  void observe(const item_list&, const moment&) override {}
  void tick(const moment& now, findings& to) override;

private:
  using time_point = std::chrono::steady_clock::time_point;
  using key = std::pair<std::string, service>;

  /// The counts at a time.
  struct mark {
    time_point at{};
    uint64_t gaps = 0, datagrams = 0;
  };

  look look_;
  std::map<key, std::deque<mark>> marks_; ///< of the last hour, some minutes apart
};

} // namespace senseflow::messages::insights
