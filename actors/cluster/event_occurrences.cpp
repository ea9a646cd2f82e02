#include "actors/cluster/event_occurrences.hpp"

#include <algorithm>

namespace senseflow::actors {

event_occurrences::record& event_occurrences::of(uint64_t hash, time_point now) {
  forget_old(now);
  const auto [i, is_new] = records_.try_emplace(hash);
  if (is_new) by_age_.emplace_back(now, hash);
  i->second.last = now;
  return i->second;
}

/// The oldest go; one that was used since has its turn later, once for each use at most.
void event_occurrences::forget_old(time_point now) {
  size_t looks = 8; // two a call would do: there is one more record a call at most
  while (!by_age_.empty() && looks-- > 0) {
    const auto [used, hash] = by_age_.front();
    const bool full = records_.size() >= options_.most;
    if (!full && now - used < options_.window) return;
    by_age_.pop_front();
    const auto i = records_.find(hash);
    if (i->second.last > used && (looks > 0 || !full))
      by_age_.emplace_back(i->second.last, hash);
    else
      records_.erase(i);
  }
}

event_occurrences::arrival event_occurrences::arrived(uint64_t hash, time_point now) {
  auto& r = of(hash, now);
  const auto i = std::find_if(r.announced.begin(), r.announced.end(),
                              [&](const auto& x) { return x.pairs && now - x.since <= options_.pairing; });
  if (i == r.announced.end()) {
    r.count = std::min(r.count, largest) + 1;
    return {{hash, r.count}};
  }
  const arrival result{{hash, i->occurrence}, true};
  r.announced.erase(i);
  return result;
}

void event_occurrences::announced(const messages::event_id& x, bool published, bool pairs, time_point now) {
  if (!x || x.occurrence > largest) return;
  auto& r = of(x.hash, now);
  const auto known = std::find_if(r.announced.begin(), r.announced.end(),
                                  [&](const auto& a) { return a.occurrence == x.occurrence; });
  if (known != r.announced.end()) {
    known->published = known->published || published;
    return;
  }
  if (x.occurrence <= r.count) return; // its copy has come, and gone its way
  r.count = x.occurrence;
  if (r.announced.size() >= most_unpaired) r.announced.erase(r.announced.begin());
  r.announced.push_back({x.occurrence, published, pairs, now});
}

void event_occurrences::published(const messages::event_id& x, bool recent, time_point now) {
  announced(x, true, recent && now >= pairs_from_, now);
}

void event_occurrences::seen(const messages::event_id& x, time_point now) { announced(x, false, false, now); }

bool event_occurrences::take_published(const messages::event_id& x) {
  const auto i = records_.find(x.hash);
  if (i == records_.end()) return false;
  auto& all = i->second.announced;
  const auto known = std::find_if(all.begin(), all.end(),
                                  [&](const auto& a) { return a.occurrence == x.occurrence && a.published; });
  if (known == all.end()) return false;
  all.erase(known);
  return true;
}

} // namespace senseflow::actors
