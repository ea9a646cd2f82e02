#include "messages/insights/machine_hints.hpp"

#include <fmt/format.h>

namespace senseflow::messages::insights {

void machine_hints::note(const std::string& host) {
  if (said_.count(host) > 0) return;
  if (said_.size() < most) {
    said_.insert(host);
    lines_.push_back(
        fmt::format("{0} come from the machine {1}, which matches no {2}: they are left out of {3}. "
                    "If it is one, say so in insights.hosts, as in hosts: {{{1}: <serverName>}}.",
                    events_, host, server_, what_));
  } else if (!std::exchange(full_, true)) {
    lines_.push_back(fmt::format("{} come from further machines that match no {}; they are only counted.",
                                 events_, server_));
  }
}

} // namespace senseflow::messages::insights
