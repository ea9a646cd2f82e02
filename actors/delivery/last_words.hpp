// What publishers had to say when they ended. At a stop the outbox is gone by then: the settlement hears it.
#pragma once

#include "messages/delivery.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace senseflow::actors {

/// Thread-safe. What the outbox has heard, too, has no effect any more when it is settled once more.
class last_words {
public:
  void say(messages::settled_batch x) {
    std::lock_guard lock{mutex_};
    const auto slot = x.slot;
    by_slot_.insert_or_assign(slot, std::move(x));
  }
  /// There is another publisher: what the former one held is known, or waits again.
  void forget(uint32_t slot) {
    std::lock_guard lock{mutex_};
    by_slot_.erase(slot);
  }
  std::vector<messages::settled_batch> take() {
    std::lock_guard lock{mutex_};
    std::vector<messages::settled_batch> result;
    for (auto& [slot, x] : std::exchange(by_slot_, {})) result.push_back(std::move(x));
    return result;
  }

private:
  std::mutex mutex_;
  std::map<uint32_t, messages::settled_batch> by_slot_;
};

} // namespace senseflow::actors
