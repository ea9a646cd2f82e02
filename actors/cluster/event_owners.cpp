#include "actors/cluster/event_owners.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace senseflow::actors {

namespace {

/// FNV-1a of both, then mixed: the same in every build.
uint64_t score(std::string_view node, std::string_view origin) {
  uint64_t h = 14695981039346656037u;
  const auto add = [&h](std::string_view text) {
    for (const auto c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
    h = (h ^ 0xff) * 1099511628211u; // no byte of UTF-8
  };
  add(node);
  add(origin);
  h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
  h = (h ^ h >> 27) * 0x94d049bb133111ebu;
  return h ^ h >> 31;
}

} // namespace

void event_owners::see(const cluster_view& x, time_point now) {
  certain_ = x.certain;
  refused_ = x.refused;
  if (!x.certain) return;
  known_ = true;
  auto former = std::exchange(candidates_, {});
  living_.clear();
  foreign_ = 0;
  std::vector<std::string> leaving;
  for (const auto& n : x.nodes) {
    living_.insert(n.topic_name);
    if (!group_.empty() && std::find(group_.begin(), group_.end(), n.id) == group_.end()) continue;
    if (n.digests != digest_format)
      ++foreign_;
    else
      (n.draining ? leaving : candidates_).push_back(n.topic_name);
  }
  // What somebody who leaves has published is known a moment later.
  const bool leaves = std::any_of(leaving.begin(), leaving.end(), [&](const auto& n) {
    return std::find(former.begin(), former.end(), n) != former.end();
  });
  if (candidates_.empty()) candidates_ = std::move(leaving);
  const bool joined = std::any_of(candidates_.begin(), candidates_.end(), [&](const auto& n) {
    return std::find(former.begin(), former.end(), n) == former.end();
  });
  if (!joined && !leaves) return;
  before_ = std::move(former);
  settled_at_ = now + settling_;
}

bool event_owners::ours(std::string_view origin, time_point now) const {
  if (!known_) return false;
  const auto owner = of(origin);
  if (owner.empty()) return lives(self_); // else we are not there ourselves, yet
  if (now >= settled_at_) return owner == self_;
  // The new owner begins after `settling`; the former one goes on for a while, since nobody can know when the
  // new one has begun to count itself in.
  return best(before_, origin) == self_ && (owner == self_ || now < settled_at_ - settling_ / 2);
}

unsigned event_owners::others_first(std::string_view origin) const {
  constexpr size_t some = 2; // while nobody is known
  if (!joined()) return static_cast<unsigned>(std::max(candidates_.size(), some));
  const auto own = score(self_, origin);
  const auto better = std::count_if(candidates_.begin(), candidates_.end(), [&](const auto& node) {
    const auto s = score(node, origin);
    return s > own || (s == own && node < self_);
  });
  return static_cast<unsigned>(std::max<std::ptrdiff_t>(better - 1, 0)); // without the owner
}

std::string_view event_owners::best(const std::vector<std::string>& of, std::string_view origin) {
  std::string_view result;
  uint64_t highest = 0;
  for (const auto& node : of) {
    const auto s = score(node, origin);
    if (!result.empty() && (s < highest || (s == highest && node > result))) continue;
    result = node;
    highest = s;
  }
  return result;
}

} // namespace senseflow::actors
