// Which batches have been taken over, so that whoever gets no answer may send again.
#pragma once

#include "messages/flow.hpp"

#include <cstdint>
#include <set>
#include <unordered_map>

namespace senseflow::actors {

/// Not thread-safe.
class accepted_batches {
public:
  /// Notes it; false if that was done before. The source will not send those below `settled_below` again.
  bool first_time(const messages::batch_id& id, uint64_t settled_below) {
    auto& s = sources_[id.source];
    if (settled_below > s.below) {
      s.below = settled_below;
      s.numbers.erase(s.numbers.begin(), s.numbers.lower_bound(s.below));
    }
    return id.number >= s.below && s.numbers.insert(id.number).second;
  }

private:
  /// All below `below`, and these.
  struct accepted {
    uint64_t below = 0;
    std::set<uint64_t> numbers;
  };
  std::unordered_map<uint64_t, accepted> sources_;
};

} // namespace senseflow::actors
