#include "messages/insights/certificates.hpp"

#include "messages/text/iso_time.hpp"
#include "messages/text/json_writer.hpp"
#include "messages/text/state_topics.hpp"
#include "messages/text/text.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>

namespace senseflow::messages::insights {

namespace {

using days = std::chrono::duration<int64_t, std::ratio<86400>>;

} // namespace

int64_t days_left(caf::timestamp not_after, caf::timestamp now) {
  return std::chrono::floor<days>(not_after - now).count();
}

void certificates::tick(const moment& now, findings& to) {
  constexpr auto look_interval = std::chrono::seconds(10);
  if (now.wall < next_look_ && next_look_ - now.wall <= look_interval) return; // the clock may be set back
  next_look_ = now.wall + look_interval;
  auto seen = options_.look();
  std::sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) {
    return std::tie(a.not_after, a.of) < std::tie(b.not_after, b.of);
  });
  const auto day = std::chrono::floor<days>(now.wall.time_since_epoch()).count();
  if (day_ == day && seen == seen_) return;
  day_ = day;
  seen_ = std::move(seen);
  json_writer out;
  out.begin_object();
  out.key("node").text(options_.node);
  out.key("timestamp").text(iso_time(now.wall));
  out.key("certificates").begin_array();
  constexpr size_t most = 100, longest = 200; // names are what others show
  for (size_t i = 0; i < std::min(most, seen_.size()); ++i) {
    const auto& x = seen_[i];
    out.begin_object();
    out.key("of").text(x.of);
    if (!x.use.empty()) out.key("use").text(x.use);
    if (!x.subject.empty()) out.key("subject").text(cleaned(x.subject, longest));
    if (!x.issuer.empty()) out.key("issuer").text(cleaned(x.issuer, longest));
    out.key("notAfter").text(iso_time(x.not_after));
    out.key("daysLeft").integer(days_left(x.not_after, now.wall));
    out.end_object();
  }
  out.end_array();
  if (seen_.size() > most) out.key("omitted").integer(static_cast<int64_t>(seen_.size() - most));
  to.insights.push_back({insight_kind::certificates,
                         false,
                         options_.node,
                         certificates_topic("", options_.node),
                         out.end_object().take(),
                         {}});
}

} // namespace senseflow::messages::insights
