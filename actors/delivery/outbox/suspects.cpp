#include "actors/delivery/outbox/suspects.hpp"

namespace senseflow::actors {

namespace {

constexpr uint32_t suspected_after = 3; ///< returns
constexpr uint32_t give_up_after = 6;   ///< returns, if others get through
constexpr uint32_t despair_after = 30;  ///< returns, if nothing does, and not before
constexpr auto patience = std::chrono::minutes(10);

} // namespace

bool suspects::suspected(const outbox_item& x) { return x.returns >= suspected_after; }

suspects::verdict suspects::judge(uint64_t id, outbox_item& x, time_point now) {
  if (!suspected(x)) return verdict::innocent;
  const observation today{now, confirmed_, innocent_ends_};
  auto& first = observed_.try_emplace(id, today).first->second;
  if (first.innocent_ends < innocent_ends_) { // the network is bad: that says nothing about it
    first = today;
    x.returns = suspected_after;
  }
  const bool others_get_through = confirmed_ > first.confirmed;
  const bool guilty = (x.returns >= give_up_after && others_get_through) ||
                      (x.returns >= despair_after && now - first.since >= patience);
  return guilty ? verdict::guilty : verdict::suspected;
}

} // namespace senseflow::actors
