#include "runtime/ledger.hpp"

#include <nlohmann/json.hpp>

namespace senseflow::runtime {

namespace {

uint64_t total(const std::map<std::string, uint64_t>& xs) {
  uint64_t sum = 0;
  for (const auto& [reason, n] : xs) sum += n;
  return sum;
}

} // namespace

uint64_t ledger_line::filtered_total() const { return total(filtered); }
uint64_t ledger_line::dropped_total() const { return total(dropped); }
bool ledger_line::balanced() const {
  return received == published + filtered_total() + dropped_total() + in_sources + in_outbox;
}

void ledger::received(item_class c, uint64_t n) {
  std::lock_guard lock{mutex_};
  line(c).received += n;
  line(c).in_sources += n;
}

void ledger::filtered_at_source(item_class c, std::string_view rule, uint64_t n) {
  std::lock_guard lock{mutex_};
  line(c).filtered[std::string{rule}] += n;
  line(c).in_sources -= n;
}

void ledger::dropped_at_source(item_class c, std::string_view reason, uint64_t n) {
  std::lock_guard lock{mutex_};
  line(c).dropped[std::string{reason}] += n;
  line(c).in_sources -= n;
}

void ledger::accepted(item_class c, uint64_t n) {
  std::lock_guard lock{mutex_};
  line(c).in_sources -= n;
  line(c).in_outbox += n;
}

void ledger::published(item_class c, uint64_t n) {
  std::lock_guard lock{mutex_};
  line(c).published += n;
  line(c).in_outbox -= n;
}

void ledger::dropped_from_outbox(item_class c, std::string_view reason, uint64_t n) {
  std::lock_guard lock{mutex_};
  line(c).dropped[std::string{reason}] += n;
  line(c).in_outbox -= n;
}

void ledger::kernel_drops(item_class c, uint64_t n) {
  std::lock_guard lock{mutex_};
  line(c).kernel_drops += n;
}

ledger::snapshot_type ledger::snapshot() const {
  std::lock_guard lock{mutex_};
  return lines_;
}

std::string to_json(const ledger::snapshot_type& x) {
  nlohmann::ordered_json result;
  for (size_t i = 0; i < x.size(); ++i) {
    const auto& l = x[i];
    auto& out = result[std::string{messages::to_string_view(static_cast<messages::item_class>(i))}];
    out["received"] = l.received;
    out["published"] = l.published;
    out["filtered"] = nlohmann::json(l.filtered);
    out["dropped"] = nlohmann::json(l.dropped);
    out["inFlight"] = l.in_sources + l.in_outbox;
    out["kernelDrops"] = l.kernel_drops;
  }
  // Reasons are words of ours, but a log line must never throw.
  return result.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace senseflow::runtime
