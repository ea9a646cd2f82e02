#include "messages/insights/clock_skew.hpp"

#include <algorithm>

namespace senseflow::messages::insights {

namespace {

using namespace std::chrono_literals;

constexpr auto window = 10min;
constexpr size_t most_answers = 20;
constexpr auto usual_delay = 1s; // from an event's time to ours, at most, for one in some minutes

bool agree(const skew_bounds& a, const skew_bounds& b) { return a.least <= b.most && b.least <= a.most; }

skew_bounds common(const skew_bounds& a, const skew_bounds& b) {
  return {std::max(a.least, b.least), std::min(a.most, b.most)};
}

skew_estimate middle(const skew_bounds& x, std::string_view source) {
  return {x.least + (x.most - x.least) / 2, (x.most - x.least) / 2, source};
}

} // namespace

// The server has read its clock after it was asked and before we had its answer, and has left out what was
// over a second.
skew_bounds bounds_of(std::chrono::seconds date, caf::timestamp asked, caf::timestamp answered) {
  return {date - answered.time_since_epoch(), date + 1s - asked.time_since_epoch()};
}

void clock_skew::add(const skew_bounds& x, time_point now) {
  auto all = x;
  for (const auto& a : answers_) {
    if (!agree(all, a.bounds)) {
      answers_.clear();
      break;
    }
    all = common(all, a.bounds);
  }
  answers_.push_back({x, now});
  if (answers_.size() > most_answers) answers_.pop_front();
}

std::optional<skew_estimate> clock_skew::estimate(std::optional<std::chrono::nanoseconds> at_least,
                                                  time_point now) {
  while (!answers_.empty() && now - answers_.front().at > window) answers_.pop_front();
  if (answers_.empty()) {
    if (!at_least) return std::nullopt;
    return middle({*at_least, *at_least + usual_delay}, "events");
  }
  auto all = answers_.front().bounds;
  for (const auto& a : answers_) all = common(all, a.bounds);
  // Events of a machine whose clock was set meanwhile say nothing of now.
  if (!at_least || *at_least <= all.least || *at_least > all.most) return middle(all, "date");
  return middle({*at_least, all.most}, "date+events");
}

} // namespace senseflow::messages::insights
