#include "messages/insights/machine_hints.hpp"

#include "messages/insights/machine_name.hpp"

#include <fmt/format.h>

namespace senseflow::messages::insights {

void machine_hints::note(const std::string& host) {
  if (host.empty() || said_.count(host) > 0) return;
  if (said_.size() < most) {
    said_.insert(host);
    lines_.push_back(fmt::format("{} come from the machine {}, which matches no {}: they are left out of {}. "
                                 "If it is one, {}.",
                                 events_, quoted_machine(host), server_, what_, how_to_tell(host)));
  } else if (!std::exchange(full_, true)) {
    lines_.push_back(fmt::format("{} come from further machines that match no {}; they are only counted.",
                                 events_, server_));
  }
}

} // namespace senseflow::messages::insights
