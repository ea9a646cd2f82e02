#include "runtime/status/facts.hpp"

#include <algorithm>

namespace senseflow::runtime {

bool facts::broker_connected() const {
  return std::any_of(brokers.begin(), brokers.end(), [](const auto& x) { return x.second.connected; });
}

ledger::snapshot_type facts::totals() const {
  ledger::snapshot_type result;
  for (size_t c = 0; c < lines.size(); ++c)
    for (const auto& [source, line] : lines[c]) result[c].add(line);
  return result;
}

uint64_t facts::pending_events() const {
  uint64_t result = 0;
  for (size_t c = 0; c < lines.size(); ++c)
    if (!is_state(static_cast<messages::item_class>(c)))
      for (const auto& [source, line] : lines[c])
        for (const auto n : line.at) result += n;
  return result;
}

std::chrono::milliseconds facts::oldest_pending() const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  milliseconds result{0};
  if (backlog.oldest) result = std::max(result, duration_cast<milliseconds>(when - *backlog.oldest));
  if (spool && spool->oldest_ms > 0)
    result =
        std::max(result, duration_cast<milliseconds>(at.time_since_epoch()) - milliseconds(spool->oldest_ms));
  return result;
}

uint64_t facts::spool_room() const {
  if (!spool) return 0;
  const auto spare = spool->free_bytes - std::min(spool->free_bytes, settings.spool_min_free);
  return spare > settings.spool_limit ? settings.spool_limit
                                      : std::min(settings.spool_limit, spool->bytes + spare);
}

std::vector<std::string> facts::not_ready() const {
  std::vector<std::string> result;
  if (phase == service_phase::starting) result.emplace_back("The service is starting.");
  if (phase == service_phase::stopping) result.emplace_back("The service is stopping.");
  if (settings.ready_needs_broker && !broker_connected()) result.emplace_back("No broker is connected.");
  return result;
}

} // namespace senseflow::runtime
