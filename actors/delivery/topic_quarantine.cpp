#include "actors/delivery/topic_quarantine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;

constexpr uint32_t ends_of_topic = 3;  ///< alone, in a row: no accident
constexpr uint32_t ends_of_next = 1;   ///< of a further topic of its kind
constexpr uint32_t ends_unproven = 8;  ///< of an event's topic while nothing else gets through: it may be all
constexpr uint32_t topics_of_kind = 3; ///< guilty in a row: it is the kind
constexpr uint32_t weight = 2, weight_of_doubtful = 1; ///< of an end
constexpr uint32_t suspicious = 3; ///< of ends in a row that a topic was on its way at: no accident
constexpr auto first_pause = 60s;
constexpr auto longest_pause = 3600s;
constexpr auto suspected_for = 60s;    ///< after the last end
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

std::string topic_quarantine::finding::line() const {
  return fmt::format(
      "the MQTT broker closes the connection over a message to topic {} ({} bytes, QoS {}{}{}{}). {} left "
      "out "
      "for {} s, then tried again. Check the broker's access list and its limits on size, retained messages "
      "and topic levels.",
      what.topic.view().substr(0, 200), what.bytes, what.qos, what.retain ? ", retained" : "",
      what.reason.empty() ? "" : ", ", what.reason,
      kind.empty() ? "The topic is"
                   : fmt::format("It is not the first of its kind: all topics of class {} are", kind),
      pause.count());
}

std::string topic_quarantine::kind_of(const carried_message& x) {
  const std::string cls{to_string_view(x.cls)};
  if (x.cls != messages::item_class::node) return cls;
  auto place = x.topic.view(); // but for whose it is, and what: the last two levels
  for (int i = 0; i < 2; ++i) place = place.substr(0, place.rfind('/'));
  return cls + " below " + std::string{place} + '/';
}

bool topic_quarantine::any_suspected(time_point now) {
  if (now >= suspicion_until_) {
    suspects_.clear();
    if (guilty_.empty()) good_.clear();
  }
  return !suspects_.empty();
}

bool topic_quarantine::suspected(const carried_message& x, time_point now) {
  return any_suspected(now) && suspects_.count(x.topic.str()) > 0;
}

void topic_quarantine::suspect(const carried_message& x, time_point now) {
  const bool is_new = suspects_.count(x.topic.str()) == 0;
  auto& s = entry(suspects_, x.topic.str());
  s.kind = kind_of(x);
  if (is_new) s.through = through_;
  suspicion_until_ = now + suspected_for;
}

bool topic_quarantine::set_aside(const carried_message& x, time_point now) {
  if (guilty_.empty()) return false;
  const auto& topic = x.topic.str();
  if (auto i = guilty_.find(topic); i != guilty_.end() && x.bytes >= i->second.bytes) {
    if (now < i->second.until) return true;
    suspect(x, now); // its time is over: it is tried again
    return false;
  }
  auto& c = kinds_[kind_of(x)];
  if (c.guilty < topics_of_kind || good_.count(topic) > 0 || suspects_.count(topic) > 0) return false;
  if (now < c.until) return true;
  suspect(x, now);
  c.until = now + suspected_for; // one at a time
  return false;
}

void topic_quarantine::got_through(const carried_message& x) {
  const auto& topic = x.topic.str();
  ++through_;
  suspects_.erase(topic);
  last_.erase(topic);
  auto& size = entry(good_, topic);
  size = std::max(size, x.bytes);
  auto& c = kinds_[kind_of(x)];
  c.ends = c.guilty = 0;
  c.pause = 0s;
  if (auto i = guilty_.find(topic); i != guilty_.end() && x.bytes >= i->second.bytes) guilty_.erase(i);
}

/// Notes the topics; true if one of them was on its way at the ends before too.
bool topic_quarantine::again(const std::vector<carried_message>& on_the_way, bool doubtful) {
  const auto before = std::exchange(last_, {});
  for (const auto& x : on_the_way) {
    const auto i = before.find(x.topic.str());
    last_[x.topic.str()] = (i == before.end() ? 0 : i->second) + (doubtful ? weight_of_doubtful : weight);
  }
  return std::any_of(last_.begin(), last_.end(), [](const auto& x) { return x.second >= suspicious; });
}

std::optional<topic_quarantine::finding>
topic_quarantine::connection_ended(const std::vector<carried_message>& on_the_way, time_point now,
                                   bool doubtful) {
  if (on_the_way.empty()) {
    for (auto& [topic, s] : suspects_) s.ends = 0;
    for (auto& [kind, c] : kinds_) c.ends = 0;
    last_.clear();
    return std::nullopt;
  }
  if (!doubtful && !on_the_way.front().reason.empty()) return convict(on_the_way.front(), now);
  const bool on_trial = any_suspected(now);
  if (!again(on_the_way, doubtful) && !on_trial) return std::nullopt;
  for (const auto& x : on_the_way) suspect(x, now);
  if (!on_trial || on_the_way.size() > 1) return std::nullopt;
  const auto& x = on_the_way.front();
  // Other topics of its kind may have had their turn meanwhile, with the same result.
  auto& c = kinds_[kind_of(x)];
  ++c.ends;
  auto& s = suspects_[x.topic.str()];
  ++s.ends;
  const auto known = guilty_.count(x.topic.str()) > 0;
  const bool unproven = s.through == through_ && good_.count(x.topic.str()) == 0;
  if (unproven && !known && !messages::is_state(x.cls)) {
    if (s.ends < ends_unproven) return std::nullopt;
  } else if (std::max(s.ends, c.ends) < (known || c.guilty > 0 ? ends_of_next : ends_of_topic)) {
    return std::nullopt;
  }
  // It may be what the peer says, unless that never happens to others.
  if (doubtful && !known && s.through == through_) return std::nullopt;
  return convict(x, now);
}

topic_quarantine::finding topic_quarantine::convict(const carried_message& x, time_point now) {
  const auto& topic = x.topic.str();
  suspects_.erase(topic);
  last_.erase(topic);
  auto& s = entry(guilty_, topic);
  const bool is_new = s.pause == 0s;
  // It may be the size, unless the broker says otherwise or a smaller one is guilty too.
  const bool maybe_size = x.reason.empty() || x.reason == "packet_too_large";
  if (is_new && maybe_size)
    s.bytes = x.bytes;
  else if (!maybe_size || x.bytes < s.bytes)
    s.bytes = 0;
  if (s.bytes == 0) good_.erase(topic);
  const auto kind = kind_of(x);
  auto& c = kinds_[kind];
  if (is_new && good_.count(topic) == 0) ++c.guilty;
  s.pause = longer(s.pause);
  s.until = now + s.pause;
  if (c.guilty < topics_of_kind) return {x, {}, s.pause};
  c.pause = longer(c.pause);
  c.until = now + c.pause;
  for (auto i = suspects_.begin(); i != suspects_.end();) // they won't come to be proven
    i = i->second.kind == kind ? suspects_.erase(i) : std::next(i);
  return {x, kind, c.pause};
}

} // namespace senseflow::actors
