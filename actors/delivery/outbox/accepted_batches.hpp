// Which batches have been taken over, so that whoever gets no answer may send again.
#pragma once

#include "messages/flow.hpp"

#include <cstdint>
#include <unordered_map>

namespace senseflow::actors {

/// Not thread-safe. Batches of a source are taken in order: what is known of it is one number. It is kept for
/// good, since a batch may come again late: sources that go leave their numbers to later ones.
class accepted_batches {
public:
  enum class verdict : uint8_t {
    take,     ///< the next one: noted as taken
    repeated, ///< taken before
    too_early ///< others of its source are missing before it
  };

  verdict judge(const messages::batch_id& id) {
    auto& last = last_[id.source];
    if (id.number <= last) return verdict::repeated;
    if (id.number != last + 1) return verdict::too_early;
    last = id.number;
    return verdict::take;
  }

private:
  std::unordered_map<uint64_t, uint64_t> last_; ///< by source
};

} // namespace senseflow::actors
