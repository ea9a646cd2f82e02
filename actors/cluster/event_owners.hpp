// Who of the nodes that share events publishes those of an origin at once.
//
// By origin, not by event: so one node publishes all events of an origin, and they keep their order.
#pragma once

#include "actors/cluster/cluster_view.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::actors {

/// Pure; the same on all nodes that have the same view. Nodes are known by their names in topics.
class event_owners {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `group`: ids of the nodes that events are sent to; empty = all.
  /// `settling`: when somebody has joined, others may not know for so long what is not theirs any more.
  explicit event_owners(std::vector<std::string> group, std::string self = {},
                        std::chrono::milliseconds settling = {})
      : group_(std::move(group)), self_(std::move(self)), settling_(settling) {}

  /// A view that is not certain changes nothing but `certain`: who was an owner last stays one, so that all
  /// that have lost sight of each other still agree.
  void see(const cluster_view& x, time_point now);

  /// Ours to publish at once. Before the first certain view nothing is: the others know, if there are any.
  bool ours(std::string_view origin, time_point now) const;
  /// How many others publish it before us when the owner has not.
  unsigned others_first(std::string_view origin) const;
  /// We take part, as far as we know.
  bool joined() const {
    return std::find(candidates_.begin(), candidates_.end(), self_) != candidates_.end();
  }
  /// Nobody else does.
  bool alone() const { return joined() && candidates_.size() == 1; }
  bool certain() const { return certain_; }
  /// Another instance has our id: whatever others believe to be ours is its.
  bool refused() const { return refused_; }
  /// The owner; "" if there is none.
  std::string_view of(std::string_view origin) const { return best(candidates_, origin); }
  /// Lives, as far as is known.
  bool lives(const std::string& node) const { return living_.count(node) > 0; }
  /// Others of the group that take no part, or speak another digest format: what they publish is doubled.
  size_t foreign() const { return foreign_; }

private:
  static std::string_view best(const std::vector<std::string>& of, std::string_view origin);

  std::vector<std::string> group_;
  std::string self_;
  std::chrono::milliseconds settling_;
  bool known_ = false;
  bool certain_ = false;
  bool refused_ = false;
  std::vector<std::string> candidates_, before_; ///< before somebody joined or left last
  time_point settled_at_{};
  std::set<std::string> living_;
  size_t foreign_ = 0;
};

} // namespace senseflow::actors
