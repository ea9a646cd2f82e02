// The conservation law, per class of items and source:
// received + recovered = published + filtered + dropped + in sources + in memory + in flight + on disk.
#pragma once

#include "messages/publication.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace senseflow::runtime {

/// Where an item is that has not come to its end.
enum class place : uint8_t {
  source, ///< at its source or an encoder
  memory, ///< waits in the outbox
  flight, ///< with a publisher, on its way to the broker
  disk    ///< in the spool only
};
inline constexpr size_t place_count = 4;

/// Why something is dropped: it was given up after it was sent or given to the disk, without an answer. It
/// may have arrived, or be found by the next process.
inline constexpr std::string_view unconfirmed = "unconfirmed";

/// All numbers are items (samples, events) since the start of the process.
struct ledger_line {
  uint64_t received = 0;                    ///< taken from the network
  uint64_t recovered = 0;                   ///< found in the spool of an earlier run; state: sent anew
  uint64_t published = 0;                   ///< with the broker, all messages of it
  uint64_t acknowledged = 0;                ///< of these: the broker has said so (QoS 1, 2)
  std::map<std::string, uint64_t> filtered; ///< by rule: as configured
  std::map<std::string, uint64_t> dropped;  ///< by reason: a loss, if not `unconfirmed`
  std::array<uint64_t, place_count> at{};   ///< by place
  uint64_t repeated = 0;                    ///< sent again, each a possible duplicate: outside of the law
  uint64_t kernel_drops = 0; ///< datagrams lost before they could be received: outside of the law
  uint64_t lost_before = 0;  ///< known to have been lost when the former run was killed: outside of the law

  uint64_t in(place p) const { return at[static_cast<size_t>(p)]; }
  uint64_t filtered_total() const;
  uint64_t dropped_total() const;
  bool balanced() const;
  bool at_rest() const; ///< nothing is on its way
  void add(const ledger_line& x);
};

/// Thread-safe; each call is one step from one place to another, so the law holds in every snapshot.
/// A source is a Sense server's name or the host of an event. Hosts come from outside: those beyond the first
/// 250 of a class are accounted for together, as "(others)". Sources that are gone are "(removed)".
///
/// No place ever holds less than nothing. Whoever takes more from one than it holds has made an accounting
/// fault: it is counted, the first one is in the log, and the line does not balance any more.
class ledger {
public:
  using item_class = messages::item_class;
  using snapshot_type = std::array<ledger_line, messages::item_class_count>;
  using sources_type =
      std::array<std::map<std::string, ledger_line, std::less<>>, messages::item_class_count>;

  /// Taken from the network; now at its source.
  void received(item_class c, std::string_view source, uint64_t n = 1);
  /// Found on disk at the start.
  void recovered(item_class c, std::string_view source, uint64_t n = 1);

  /// State that was published before goes out once more, or is cleared; now in memory.
  void sent_anew(item_class c, std::string_view source);

  void moved(item_class c, std::string_view source, place from, place to, uint64_t n = 1);
  /// Back from a publisher to the memory, after the broker may have got it.
  void repeated(item_class c, std::string_view source);
  /// Sent again by its publisher, where it stays.
  void resent(item_class c, std::string_view source);

  /// The ends of an item.
  void filtered(item_class c, std::string_view source, std::string_view rule, uint64_t n = 1,
                place from = place::source);
  void dropped(item_class c, std::string_view source, place from, std::string_view reason, uint64_t n = 1);
  void published(item_class c, std::string_view source, bool acknowledged);

  /// Everything that is on disk only, of all classes.
  void disk_lost(std::string_view reason);

  /// Everything that is not on disk only: the end, and nobody can get at it any more. What is on its way to
  /// the broker is `unconfirmed`.
  void left_behind(std::string_view reason);

  void kernel_drops(item_class c, uint64_t n);
  void lost_before(item_class c, uint64_t n);

  /// This source is gone: its line goes when it holds nothing any more, its numbers to "(removed)". One that
  /// is received from all the same, or comes back, keeps its line or gets a new one.
  void retire(item_class c, std::string_view source);

  /// Steps that took from a place what it did not hold: defects of the program.
  uint64_t faults() const;

  /// By class: what is at sources and encoders.
  std::array<uint64_t, messages::item_class_count> at_sources() const;
  /// Totals by class.
  snapshot_type snapshot() const;
  sources_type by_source() const;

private:
  ledger_line& line(item_class c, std::string_view source);
  /// An item leaves a place: for another one, or to its end.
  void leave(item_class c, std::string_view source, ledger_line& from, place p, uint64_t n);
  void remove_retired(item_class c);

  mutable std::mutex mutex_;
  sources_type lines_;
  std::array<std::set<std::string, std::less<>>, messages::item_class_count> retired_;
  uint64_t faults_ = 0;
};

} // namespace senseflow::runtime
