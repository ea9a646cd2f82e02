// The conservation law: received = published + filtered + dropped + in flight, per class of items.
#pragma once

#include "messages/publication.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

/// All numbers are items (samples, events) since the start of the process.
struct ledger_line {
  uint64_t received = 0;                    ///< taken from the network
  uint64_t published = 0;                   ///< all messages acknowledged by the broker
  std::map<std::string, uint64_t> filtered; ///< by rule: as configured
  std::map<std::string, uint64_t> dropped;  ///< by reason: a loss
  uint64_t in_sources = 0;                  ///< at a source or an encoder
  uint64_t in_outbox = 0;                   ///< owned by the outbox, on their way to the broker or waiting
  uint64_t kernel_drops = 0; ///< datagrams lost before they could be received: outside of the law

  uint64_t filtered_total() const;
  uint64_t dropped_total() const;
  bool balanced() const;
};

/// Thread-safe; each call is one step from one place to another, so the law holds in every snapshot.
class ledger {
public:
  using item_class = messages::item_class;
  using snapshot_type = std::array<ledger_line, messages::item_class_count>;

  /// Taken from the network; now with its source.
  void received(item_class c, uint64_t n = 1);
  /// Ends at its source, before it was put into a batch.
  void filtered_at_source(item_class c, std::string_view rule, uint64_t n = 1);
  void dropped_at_source(item_class c, std::string_view reason, uint64_t n = 1);

  /// The outbox has taken over a batch: so many items of the class, now in the outbox.
  void accepted(item_class c, uint64_t n = 1);

  void published(item_class c, uint64_t n = 1);
  void dropped_from_outbox(item_class c, std::string_view reason, uint64_t n = 1);

  void kernel_drops(item_class c, uint64_t n);

  snapshot_type snapshot() const;

private:
  ledger_line& line(item_class c) { return lines_[static_cast<size_t>(c)]; }

  mutable std::mutex mutex_;
  snapshot_type lines_;
};

/// One JSON object, a member per class; for the log.
std::string to_json(const ledger::snapshot_type& x);

} // namespace senseflow::runtime
