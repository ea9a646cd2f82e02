// Which of the messages that a broker retains are this installation's.
#pragma once

#include "runtime/mqtt/client.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace senseflow::actors {

/// Of each topic what was heard there last counts, over the present connection. Not thread-safe.
class leftover_search {
public:
  /// `instance`: of this run; its installation's part counts. `filters`: of the subscriptions, which cover
  /// where this installation publishes. `most`: topics that are remembered.
  explicit leftover_search(const std::string& instance = {}, std::vector<std::string> filters = {},
                           size_t most = 10'000);

  /// False: it is ours, and there is no room for it.
  bool hear(const runtime::mqtt_received& m);
  /// The connection is lost: the next one brings all of it once more.
  void begin_anew() { found_.clear(); }

  /// Topics of retained messages that are ours for certain.
  const std::set<std::string>& found() const { return found_; }

private:
  bool is_ours(const runtime::mqtt_received& m) const;

  std::string installation_;
  std::vector<std::string> filters_;
  size_t most_;
  std::set<std::string> found_;
};

} // namespace senseflow::actors
