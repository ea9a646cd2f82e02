#include "actors/delivery/topic_quarantine.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;

constexpr uint32_t ends_allowed = 2;    ///< of a topic that is alone; the next one is no accident
constexpr uint32_t topics_of_class = 3; ///< guilty in a row: it is the class
constexpr auto first_pause = 60s;
constexpr auto longest_pause = 3600s;
constexpr auto suspicion = 60s;        ///< after the last end
constexpr auto refusal_then_end = 2s;  ///< from a refusal to the end that belongs to it
constexpr size_t most_topics = 10'000; ///< remembered of each kind

std::chrono::seconds longer(std::chrono::seconds pause) {
  return pause == 0s ? first_pause : std::min<std::chrono::seconds>(pause * 2, longest_pause);
}

/// Bounded: what was forgotten is found again.
template <class Map>
typename Map::mapped_type& entry(Map& map, const std::string& topic) {
  if (map.size() >= most_topics && map.count(topic) == 0) map.erase(map.begin());
  return map[topic];
}

} // namespace

bool topic_quarantine::careful(time_point now) {
  if (now >= suspicion_until_) {
    suspects_.clear();
    if (guilty_.empty()) good_.clear();
  }
  return !suspects_.empty();
}

void topic_quarantine::suspect(const message& x, time_point now) {
  entry(suspects_, x.topic);
  suspicion_until_ = now + suspicion;
}

bool topic_quarantine::set_aside(const message& x, time_point now) {
  if (guilty_.empty()) return false;
  if (auto i = guilty_.find(x.topic); i != guilty_.end() && x.bytes >= i->second.bytes) {
    if (now < i->second.until) return true;
    suspect(x, now); // its time is over: it is tried again, with care
    return false;
  }
  auto& c = of(x.cls);
  if (c.guilty < topics_of_class || good_.count(x.topic) > 0) return false;
  if (now < c.until) return true;
  suspect(x, now);
  c.until = now + suspicion; // one at a time
  return false;
}

void topic_quarantine::got_through(const message& x) {
  suspects_.erase(x.topic);
  auto& size = entry(good_, x.topic);
  size = std::max(size, x.bytes);
  auto& c = of(x.cls);
  c.guilty = 0;
  c.pause = 0s;
  if (auto i = guilty_.find(x.topic); i != guilty_.end() && x.bytes >= i->second.bytes) guilty_.erase(i);
}

void topic_quarantine::refused(const message& x, time_point now) {
  refused_ = x;
  refused_at_ = now;
}

std::optional<topic_quarantine::finding>
topic_quarantine::connection_ended(const std::vector<message>& on_the_way, time_point now) {
  auto last_refused = std::exchange(refused_, std::nullopt);
  if (last_refused && now - refused_at_ <= refusal_then_end) return convict(*last_refused, now);
  if (on_the_way.empty()) {
    for (auto& [topic, ends] : suspects_) ends = 0;
    return std::nullopt;
  }
  for (const auto& x : on_the_way) suspect(x, now);
  if (on_the_way.size() > 1) return std::nullopt;
  const auto& x = on_the_way.front();
  if (++suspects_[x.topic] < ends_allowed) return std::nullopt;
  return convict(x, now);
}

topic_quarantine::finding topic_quarantine::convict(const message& x, time_point now) {
  suspects_.erase(x.topic);
  auto& s = entry(guilty_, x.topic);
  auto good = good_.find(x.topic);
  // Smaller ones have got through: it is the size. Else it is the topic, whatever the size.
  s.bytes = good != good_.end() && good->second < x.bytes ? x.bytes : 0;
  if (s.bytes == 0) good_.erase(x.topic);
  auto& c = of(x.cls);
  if (s.pause == 0s) ++c.guilty;
  s.pause = longer(s.pause);
  s.until = now + s.pause;
  if (c.guilty < topics_of_class) return {x, false, s.pause};
  c.pause = longer(c.pause);
  c.until = now + c.pause;
  return {x, true, c.pause};
}

} // namespace senseflow::actors
