#include "messages/insights/losses.hpp"

#include "messages/insights/silence_cause.hpp"

#include <fmt/format.h>

namespace senseflow::messages::insights {

namespace {

using namespace std::chrono_literals;

constexpr auto remembered = 1h;
constexpr auto between = 5min;
constexpr size_t most_alarms = 10; // names come from outside: others must not drown in them
constexpr const char* advice =
    "Enlarge udpServerConfig.receiveBuffer if senseflow_udp_kernel_drops_total grows, too; else see where on "
    "the network, or on the server, UDP datagrams get lost.";

} // namespace

void losses::tick(const moment& now, findings& to) {
  std::map<key, std::deque<mark>> next; // so services that are gone are forgotten
  std::map<key, mark> lost;             // in the last hour
  for (const auto& x : look_()) {
    key which{x.host, x.from};
    auto marks = std::move(marks_[which]);
    while (!marks.empty() && now.steady - marks.front().at > remembered) marks.pop_front();
    // It was forgotten meanwhile, and is counted anew.
    if (!marks.empty() && x.datagrams < marks.back().datagrams) marks.clear();
    // What was before the first look is no news.
    if (marks.empty() || now.steady - marks.back().at >= between)
      marks.push_back({now.steady, x.gaps, x.datagrams});
    if (const auto& first = marks.front(); x.gaps > first.gaps)
      lost[which] = {{}, x.gaps - first.gaps, x.datagrams - first.datagrams};
    next.emplace(std::move(which), std::move(marks));
  }
  marks_ = std::move(next);
  const size_t named = lost.size() > most_alarms ? most_alarms - 1 : lost.size();
  uint64_t others = 0;
  size_t n = 0;
  for (const auto& [which, x] : lost) {
    if (++n > named) {
      others += x.gaps;
      continue;
    }
    const auto& [host, what] = which;
    to.alarms.push_back(
        {"datagrams_missing",
         host + ' ' + std::string{to_string_view(what)},
         alarm::weight::warning,
         fmt::format(
             "{} of {} datagrams of {} on {} have not arrived in the last hour: row numbers are missing.",
             x.gaps, x.gaps + x.datagrams, appender_of(what), host),
         advice,
         {}});
  }
  if (n > named)
    to.alarms.push_back({"datagrams_missing",
                         "others",
                         alarm::weight::warning,
                         fmt::format("{} datagrams of {} more services have not arrived in the last hour; "
                                     "senseflow_datagram_gaps_total has them all.",
                                     others, n - named),
                         advice,
                         {}});
}

} // namespace senseflow::messages::insights
