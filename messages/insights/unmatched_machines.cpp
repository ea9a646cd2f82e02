#include "messages/insights/unmatched_machines.hpp"

namespace senseflow::messages::insights {

void unmatched_machines::tick(const moment&, findings& to) {
  decltype(counted_) next; // so those that are gone are forgotten
  uint64_t unmatched = 0;
  for (const auto& x : look_()) {
    std::pair which{x.host, x.from};
    const auto before = counted_.find(which);
    const auto known = before == counted_.end() || before->second > x.datagrams ? 0 : before->second;
    next.emplace(std::move(which), x.datagrams);
    if (!hosts_->of(x.host).empty()) continue;
    unmatched += x.datagrams - known;
    hints_.note(x.host);
  }
  counted_ = std::move(next);
  if (unmatched > 0)
    to.add("datagrams_unmatched_total", {{"reason", "unknown_host"}}, static_cast<double>(unmatched));
  for (auto& line : hints_.take()) to.lines.push_back(std::move(line));
}

void unmatched_machines::inherit(analysis& former) {
  if (auto* x = dynamic_cast<unmatched_machines*>(&former)) counted_ = std::move(x->counted_);
}

} // namespace senseflow::messages::insights
