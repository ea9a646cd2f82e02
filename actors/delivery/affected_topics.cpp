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
  ++c.messages;
  c.largest = std::max(c.largest, x.bytes);
  c.limit = limit;
  const auto topic = x.topic.view().substr(0, 200);
  if (c.topics.find(topic) != c.topics.end()) return;
  if (c.topics.size() == most_named) {
    c.more = true;
    return;
  }
  c.topics.emplace(topic);
  if (c.known.size() < most_known) c.news = c.known.emplace(topic).second || c.news;
}

std::vector<std::string> affected_topics::take(time_point now) {
  std::vector<std::string> result;
  for (auto& [words, c] : causes_) {
    if (c.messages == 0 || (c.any && now - c.last < (c.news ? interval_ / 6 : interval_))) continue;
    result.push_back(line(words, c));
    auto known = std::move(c.known);
    c = {};
    c.known = std::move(known);
    c.last = now;
    c.any = true;
  }
  return result;
}

std::vector<std::string> affected_topics::take_all() { return take(time_point::max()); }

std::string affected_topics::line(const std::string& words, const cause& c) {
  std::string topics;
  for (const auto& x : c.topics) topics += (topics.empty() ? "" : ", ") + x;
  const auto one = c.messages == 1;
  return fmt::format(
      "{} {} {}{}. {}: {}{}.", c.messages, one ? "message was" : "messages were", words,
      c.limit > 0
          ? fmt::format(": the largest payload has {} bytes, and the broker takes packets of {} at most",
                        c.largest, c.limit)
          : std::string{},
      c.topics.size() == 1 && !c.more ? "Topic" : "Topics", topics, c.more ? ", and others" : "");
}

} // namespace senseflow::actors
