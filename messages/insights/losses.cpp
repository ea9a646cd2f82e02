#include "messages/insights/losses.hpp"

#include "messages/insights/silence_cause.hpp"

#include <fmt/format.h>

namespace senseflow::messages::insights {

namespace {

using namespace std::chrono_literals;

constexpr auto remembered = 1h;
constexpr auto between = 5min;

} // namespace

void losses::tick(const moment& now, findings& to) {
  std::map<key, std::deque<mark>> next; // so services that are gone are forgotten
  for (const auto& x : look_()) {
    key which{x.host, x.from};
    auto marks = std::move(marks_[which]);
    while (!marks.empty() && now.steady - marks.front().at > remembered) marks.pop_front();
    // It was forgotten meanwhile, and is counted anew.
    if (!marks.empty() && x.datagrams < marks.back().datagrams) marks.clear();
    // What was before the first look is no news.
    if (marks.empty() || now.steady - marks.back().at >= between)
      marks.push_back({now.steady, x.gaps, x.datagrams});
    if (const auto& first = marks.front(); x.gaps > first.gaps) {
      const auto lost = x.gaps - first.gaps;
      to.alarms.push_back(
          {"datagrams_missing",
           x.host + ' ' + std::string{to_string_view(x.from)},
           alarm::weight::warning,
           fmt::format(
               "{} of {} datagrams of {} on {} have not arrived in the last hour: row numbers are missing.",
               lost, lost + x.datagrams - first.datagrams, appender_of(x.from), x.host),
           "Enlarge udpServerConfig.receiveBuffer if senseflow_udp_kernel_drops_total grows, too; else see "
           "where on the "
           "network, or on the server, UDP datagrams get lost.",
           {}});
    }
    next.emplace(std::move(which), std::move(marks));
  }
  marks_ = std::move(next);
}

} // namespace senseflow::messages::insights
