#include "messages/insights/memory_trend.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

namespace senseflow::messages::insights {

namespace {

constexpr size_t few = 5, enough = 20, most = 60; ///< polls
constexpr double polls_left = 4;
constexpr double usual_margin = 0.01, until_known = 0.9;
constexpr int64_t hours_to_know = 6;

double seconds_between(memory_trend::time_point a, memory_trend::time_point b) {
  return std::chrono::duration<double>(b - a).count();
}

int64_t hour_of(memory_trend::time_point t) {
  return std::chrono::duration_cast<std::chrono::hours>(t.time_since_epoch()).count();
}

} // namespace

void memory_trend::add(time_point when, double committed, double limit) {
  if (!points_.empty() && when <= points_.back().when) return;
  points_.push_back({when, committed});
  if (points_.size() > most) points_.pop_front();
  limit_ = limit;
}

void memory_trend::get_used(time_point when, double part_of_limit) {
  const auto number = hour_of(when);
  auto& h = hours_[static_cast<size_t>(number) % hours_.size()];
  if (h.number != number) h = {number, 0};
  h.most = std::max(h.most, part_of_limit);
}

/// Of all pairs, the median.
double memory_trend::slope(points::const_iterator first, points::const_iterator last) {
  std::vector<double> all;
  for (auto i = first; i != last; ++i)
    for (auto j = std::next(i); j != last; ++j)
      all.push_back((j->committed - i->committed) / seconds_between(i->when, j->when));
  if (all.empty()) return 0;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

/// The part of all pairs that rises.
double memory_trend::rising(points::const_iterator first, points::const_iterator last) {
  size_t pairs = 0, up = 0;
  for (auto i = first; i != last; ++i)
    for (auto j = std::next(i); j != last; ++j, ++pairs) up += j->committed > i->committed ? 1 : 0;
  return pairs == 0 ? 0 : static_cast<double>(up) / static_cast<double>(pairs);
}

/// From poll to poll: those of half this slope and more.
size_t memory_trend::steps(points::const_iterator first, points::const_iterator last, double slope) {
  size_t result = 0;
  for (auto i = first; std::next(i) != last; ++i) {
    const auto j = std::next(i);
    result += j->committed - i->committed >= slope / 2 * seconds_between(i->when, j->when) ? 1 : 0;
  }
  return result;
}

/// The latest two hours do not count: it may have been growing all that time.
bool memory_trend::unusual(double used) const {
  const auto now = hour_of(points_.back().when);
  double usual = 0;
  int64_t known = 0;
  for (const auto& h : hours_)
    if (h.number >= 0 && h.number <= now - 2 && h.number > now - static_cast<int64_t>(hours_.size())) {
      usual = std::max(usual, h.most);
      ++known;
    }
  return known < hours_to_know ? used >= until_known : used > usual + usual_margin;
}

memory_outlook memory_trend::look(const memory_trend_options& o) const {
  memory_outlook out;
  if (points_.empty()) return out;
  out.committed = points_.back().committed;
  out.limit = limit_;
  const auto room = std::max(limit_ - out.committed, 0.0);
  const auto end = points_.end();
  auto begin = points_.begin();
  if (points_.size() >= few) {
    const auto last_few = std::prev(end, static_cast<std::ptrdiff_t>(few));
    const auto growth = slope(last_few, end);
    const auto poll = seconds_between(last_few->when, points_.back().when) / static_cast<double>(few - 1);
    const bool goes_on = points_.back().committed > std::prev(end, 2)->committed;
    if (growth > 0 && goes_on && steps(last_few, end, growth) >= few - 2 &&
        room <= growth * poll * polls_left) {
      out.imminent = true;
      out.growth = growth;
      begin = last_few;
    }
  }
  if (!out.imminent) {
    out.growth = slope(begin, end);
    out.soon = points_.size() >= enough && out.growth > 0 && rising(begin, end) >= 0.8 &&
               room <= out.growth * std::chrono::duration<double>(o.horizon).count() &&
               out.used() >= o.threshold && unusual(out.used());
  }
  const auto lower = [](const point& a, const point& b) { return a.committed < b.committed; };
  out.lowest = std::min_element(begin, end, lower)->when;
  constexpr double longest = 365.0 * 86400;
  if (out.growth > 0 && room / out.growth < longest)
    out.left = std::chrono::seconds(static_cast<int64_t>(room / out.growth));
  return out;
}

} // namespace senseflow::messages::insights
