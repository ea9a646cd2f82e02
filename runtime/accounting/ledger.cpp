#include "runtime/accounting/ledger.hpp"

#include <utility>

namespace senseflow::runtime {

namespace {

constexpr size_t most_sources = 250; ///< per class
constexpr std::string_view other_sources = "(others)";

using reasons = std::map<std::string, uint64_t>;

uint64_t total(const reasons& xs) {
  uint64_t sum = 0;
  for (const auto& [reason, n] : xs) sum += n;
  return sum;
}

void add_to(reasons& xs, const reasons& more) {
  for (const auto& [reason, n] : more) xs[reason] += n;
}

} // namespace

uint64_t ledger_line::filtered_total() const { return total(filtered); }
uint64_t ledger_line::dropped_total() const { return total(dropped); }

bool ledger_line::balanced() const {
  auto sum = published + filtered_total() + dropped_total();
  for (auto n : at) sum += n;
  return received + recovered == sum;
}

void ledger_line::add(const ledger_line& x) {
  received += x.received;
  recovered += x.recovered;
  published += x.published;
  acknowledged += x.acknowledged;
  add_to(filtered, x.filtered);
  add_to(dropped, x.dropped);
  for (size_t i = 0; i < at.size(); ++i) at[i] += x.at[i];
  repeated += x.repeated;
  kernel_drops += x.kernel_drops;
  lost_before += x.lost_before;
}

ledger_line& ledger::line(item_class c, std::string_view source) {
  auto& lines = lines_[static_cast<size_t>(c)];
  auto i = lines.find(source);
  if (i != lines.end()) return i->second;
  if (lines.size() < most_sources) return lines[std::string{source}];
  return lines[std::string{other_sources}];
}

void ledger::received(item_class c, std::string_view source, uint64_t n) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  l.received += n;
  l.at[static_cast<size_t>(place::source)] += n;
}

void ledger::recovered(item_class c, std::string_view source, uint64_t n) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  l.recovered += n;
  l.at[static_cast<size_t>(place::disk)] += n;
}

void ledger::sent_anew(item_class c, std::string_view source) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  ++l.recovered;
  ++l.at[static_cast<size_t>(place::memory)];
}

void ledger::moved(item_class c, std::string_view source, place from, place to, uint64_t n) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  l.at[static_cast<size_t>(from)] -= n;
  l.at[static_cast<size_t>(to)] += n;
}

void ledger::repeated(item_class c, std::string_view source) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  --l.at[static_cast<size_t>(place::flight)];
  ++l.at[static_cast<size_t>(place::memory)];
  ++l.repeated;
}

void ledger::resent(item_class c, std::string_view source) {
  std::lock_guard lock{mutex_};
  ++line(c, source).repeated;
}

void ledger::filtered(item_class c, std::string_view source, std::string_view rule, uint64_t n) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  l.filtered[std::string{rule}] += n;
  l.at[static_cast<size_t>(place::source)] -= n;
}

void ledger::dropped(item_class c, std::string_view source, place from, std::string_view reason, uint64_t n) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  l.dropped[std::string{reason}] += n;
  l.at[static_cast<size_t>(from)] -= n;
}

void ledger::published(item_class c, std::string_view source, bool acknowledged) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  ++l.published;
  if (acknowledged) ++l.acknowledged;
  --l.at[static_cast<size_t>(place::flight)];
}

void ledger::disk_lost(std::string_view reason) {
  std::lock_guard lock{mutex_};
  for (auto& lines : lines_)
    for (auto& [source, l] : lines) {
      auto n = std::exchange(l.at[static_cast<size_t>(place::disk)], 0);
      if (n > 0) l.dropped[std::string{reason}] += n;
    }
}

void ledger::left_behind(std::string_view reason) {
  std::lock_guard lock{mutex_};
  for (auto& lines : lines_)
    for (auto& [source, l] : lines)
      for (auto p : {place::source, place::memory, place::flight})
        if (auto n = std::exchange(l.at[static_cast<size_t>(p)], 0); n > 0)
          l.dropped[std::string{reason}] += n;
}

void ledger::kernel_drops(item_class c, uint64_t n) {
  std::lock_guard lock{mutex_};
  line(c, "").kernel_drops += n;
}

void ledger::lost_before(item_class c, uint64_t n) {
  std::lock_guard lock{mutex_};
  line(c, "").lost_before += n;
}

std::array<uint64_t, messages::item_class_count> ledger::at_sources() const {
  std::array<uint64_t, messages::item_class_count> result{};
  std::lock_guard lock{mutex_};
  for (size_t c = 0; c < lines_.size(); ++c)
    for (const auto& [source, line] : lines_[c]) result[c] += line.in(place::source);
  return result;
}

ledger::snapshot_type ledger::snapshot() const {
  snapshot_type result;
  std::lock_guard lock{mutex_};
  for (size_t c = 0; c < lines_.size(); ++c)
    for (const auto& [source, line] : lines_[c]) result[c].add(line);
  return result;
}

ledger::sources_type ledger::by_source() const {
  std::lock_guard lock{mutex_};
  return lines_;
}

} // namespace senseflow::runtime
