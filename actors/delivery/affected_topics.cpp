#include "actors/delivery/affected_topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace senseflow::actors {

void affected_topics::refused(std::string_view word, const carried_message& x, size_t limit) {
  add(fmt::format("refused ({})", word), x, limit);
}

void affected_topics::postponed(std::string_view word, const carried_message& x) {
  add(fmt::format("not taken by the MQTT broker for now ({}), and will be sent again", word), x, 0);
}

void affected_topics::add(std::string words, const carried_message& x, size_t limit) {
  auto& c = causes_[std::move(words)];
  const auto topic = x.topic.view().substr(0, 200);
  const auto& news = c.fresh.topics;
  const auto fresh =
      news.find(topic) != news.end() || (c.named.find(topic) == c.named.end() && news.size() < most_named &&
                                         c.named.size() + news.size() < most_known);
  (fresh ? c.fresh : c.known).add(x, topic, limit);
}

void affected_topics::batch::add(const carried_message& x, std::string_view topic, size_t limited_to) {
  ++messages;
  largest = std::max(largest, x.bytes);
  limit = limited_to;
  if (topics.find(topic) != topics.end()) return;
  if (topics.size() < most_named)
    topics.emplace(topic);
  else
    more = true;
}

std::vector<std::string> affected_topics::take(time_point now) {
  std::vector<std::string> result;
  for (auto& [words, c] : causes_) {
    if (c.fresh.messages > 0 && now >= c.fresh_due) {
      result.push_back(c.fresh.line(words));
      c.named.merge(c.fresh.topics);
      c.fresh = {};
      c.fresh_due = now + interval_ / 6;
      if (c.known_due == time_point{}) c.known_due = now + interval_;
    }
    if (c.known.messages > 0 && now >= c.known_due) {
      result.push_back(c.known.line(words));
      c.known = {};
      c.known_due = now + interval_;
    }
  }
  return result;
}

std::vector<std::string> affected_topics::take_all() { return take(time_point::max() - interval_); }

std::string affected_topics::batch::line(const std::string& words) const {
  std::string list;
  for (const auto& x : topics) list += (list.empty() ? "" : ", ") + x;
  return fmt::format(
      "{} {} {}{}. {}: {}{}.", messages, messages == 1 ? "message was" : "messages were", words,
      limit > 0
          ? fmt::format(": the largest payload has {} bytes, and the broker takes packets of {} at most",
                        largest, limit)
          : std::string{},
      topics.size() == 1 && !more ? "Topic" : "Topics", list, more ? ", and others" : "");
}

} // namespace senseflow::actors
