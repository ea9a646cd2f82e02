#include "runtime/accounting/ledger.hpp"

#include "runtime/log.hpp"
#include "runtime/memory_reserve.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::runtime {

namespace {

constexpr size_t most_sources = 250; ///< per class
constexpr std::string_view other_sources = "(others)";
constexpr std::string_view removed_sources = "(removed)";

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

bool ledger_line::at_rest() const {
  return std::all_of(at.begin(), at.end(), [](auto n) { return n == 0; });
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
  if (const auto i = lines.find(source); i != lines.end()) return i->second;
  // Items of a source without a line are among the others until their end, even if there is room again.
  const auto others = lines.find(other_sources);
  const bool room = lines.size() < most_sources && (others == lines.end() || others->second.at_rest());
  return lines[std::string{room ? source : other_sources}];
}

void ledger::leave(item_class c, std::string_view source, ledger_line& from, place p, uint64_t n) {
  constexpr const char* names[] = {"in sources", "in memory", "in flight", "on disk"};
  auto& held = from.at[static_cast<size_t>(p)];
  if (n > held && faults_++ == 0)
    log::error(
        "accounting fault: {} taken from {} items {} (class {}, source '{}'). The ledger can't be relied on "
        "from now on; please report this as a defect.",
        n, held, names[static_cast<size_t>(p)], to_string_view(c), source);
  held -= std::min(n, held);
}

void ledger::received(item_class c, std::string_view source, uint64_t n) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  l.received += n;
  l.at[static_cast<size_t>(place::source)] += n;
  auto& retired = retired_[static_cast<size_t>(c)];
  if (const auto i = retired.find(source); i != retired.end()) retired.erase(i);
}

void ledger::recovered(item_class c, std::string_view source, uint64_t n) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  l.recovered += n;
  l.at[static_cast<size_t>(place::disk)] += n;
}

void ledger::sent_anew(item_class c, std::string_view source) {
  std::lock_guard lock{mutex_};
  const auto& lines = lines_[static_cast<size_t>(c)];
  const bool was_gone = lines.count(source) == 0;
  auto& l = line(c, source);
  if (was_gone && lines.count(source) > 0) retired_[static_cast<size_t>(c)].emplace(source);
  ++l.recovered;
  ++l.at[static_cast<size_t>(place::memory)];
}

void ledger::moved(item_class c, std::string_view source, place from, place to, uint64_t n) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  leave(c, source, l, from, n);
  l.at[static_cast<size_t>(to)] += n;
}

void ledger::repeated(item_class c, std::string_view source) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  leave(c, source, l, place::flight, 1);
  ++l.at[static_cast<size_t>(place::memory)];
  ++l.repeated;
}

void ledger::resent(item_class c, std::string_view source) {
  std::lock_guard lock{mutex_};
  ++line(c, source).repeated;
}

void ledger::filtered(item_class c, std::string_view source, std::string_view rule, uint64_t n, place from) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  l.filtered[std::string{rule}] += n;
  leave(c, source, l, from, n);
  remove_retired(c);
}

void ledger::dropped(item_class c, std::string_view source, place from, std::string_view reason, uint64_t n) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  l.dropped[std::string{reason}] += n;
  leave(c, source, l, from, n);
  remove_retired(c);
}

void ledger::published(item_class c, std::string_view source, bool acknowledged) {
  std::lock_guard lock{mutex_};
  auto& l = line(c, source);
  ++l.published;
  if (acknowledged) ++l.acknowledged;
  leave(c, source, l, place::flight, 1);
  remove_retired(c);
}

void ledger::disk_lost(std::string_view reason) {
  std::lock_guard lock{mutex_};
  for (size_t c = 0; c < lines_.size(); ++c) {
    for (auto& [source, l] : lines_[c]) {
      auto n = std::exchange(l.at[static_cast<size_t>(place::disk)], 0);
      if (n > 0) l.dropped[std::string{reason}] += n;
    }
    remove_retired(static_cast<item_class>(c));
  }
}

void ledger::retire(item_class c, std::string_view source) {
  const in_one_piece whole; // nobody who calls this is in an estate
  std::lock_guard lock{mutex_};
  if (source == removed_sources || source == other_sources) return;
  if (lines_[static_cast<size_t>(c)].count(source) == 0) return;
  retired_[static_cast<size_t>(c)].emplace(source);
  remove_retired(c);
}

void ledger::remove_retired(item_class c) {
  auto& retired = retired_[static_cast<size_t>(c)];
  auto& lines = lines_[static_cast<size_t>(c)];
  for (auto i = retired.begin(); i != retired.end();) {
    const auto l = lines.find(*i);
    if (!l->second.at_rest()) {
      ++i;
      continue;
    }
    lines[std::string{removed_sources}].add(l->second);
    lines.erase(l);
    i = retired.erase(i);
  }
}

uint64_t ledger::faults() const {
  std::lock_guard lock{mutex_};
  return faults_;
}

void ledger::left_behind(std::string_view reason) {
  std::lock_guard lock{mutex_};
  for (auto& lines : lines_)
    for (auto& [source, l] : lines)
      for (auto p : {place::source, place::memory, place::flight})
        if (auto n = std::exchange(l.at[static_cast<size_t>(p)], 0); n > 0)
          l.dropped[std::string{p == place::flight ? unconfirmed : reason}] += n;
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
