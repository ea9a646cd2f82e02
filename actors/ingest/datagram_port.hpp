// A UDP port: what became of each of its datagrams, an item or a drop with its reason, is in the ledger.
#pragma once

#include "actors/context.hpp"
#include "actors/event_gate.hpp"
#include "actors/ingest/datagram_guard.hpp"
#include "actors/ingest/event_folding.hpp"
#include "actors/outlet.hpp"
#include "messages/insights/arrivals.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace senseflow::actors {

/// Outlives its receiver, so that datagrams wait in it during a restart. What it still holds at its end was
/// received too: it is dropped, `shutdown`. Not thread-safe. Time is the caller's.
class datagram_port {
public:
  using time_point = datagram_guard::time_point;
  using on_drop = std::function<void(const runtime::datagram&, std::string_view reason)>;

  datagram_port() = default;
  ~datagram_port();
  datagram_port(const datagram_port&) = delete;
  datagram_port& operator=(const datagram_port&) = delete;

  /// By which datagrams are treated from now on.
  void use(context_ptr env, messages::item_class cls, datagram_guard guard,
           std::shared_ptr<event_gate> gate = {}, event_folding_lookups folding = {});
  runtime::source_list& sources() { return guard_.sources(); }

  void open(std::shared_ptr<runtime::datagram_source> source);
  /// One that has failed.
  void close();
  const std::shared_ptr<runtime::datagram_source>& source() const { return source_; }

  /// Puts up to `n` datagrams into the outlet; returns how many there were.
  size_t take(outlet& to, size_t n, time_point now, const on_drop& dropped);

  /// Puts the summaries of events that are due into the outlet, unless it is full; how many.
  size_t push_summaries(outlet& to, time_point now, bool full = false) {
    return folding_.push_due(to, now, full);
  }
  /// Those of windows that are still open, too.
  size_t push_all_summaries(outlet& to) { return folding_.push_all(to); }

  /// Accounts for what did not get here; returns how many the kernel has dropped that nobody was told of.
  uint64_t account_for_losses();
  void losses_told() { untold_ = 0; }

  /// From now on it is noted who sends, and which of them are servers; null: it is not.
  void follow_arrivals(std::shared_ptr<const messages::insights::server_of_host> hosts);
  /// Null: they are not followed.
  messages::insights::arrivals* arrivals() { return arrivals_ ? &*arrivals_ : nullptr; }

  /// Stops receiving and takes the rest, summaries included, when there is no receiver any more.
  void settle(outlet& to, time_point now);

private:
  std::string_view put(outlet& to, const runtime::datagram& x, time_point now);
  std::string_view parse(outlet& to, const runtime::datagram& x, time_point now);
  bool folded(const messages::user_event&, time_point) { return false; }
  bool folded(const messages::log_event& x, time_point now);
  void drop(std::string_view reason, uint64_t n);

  context_ptr env_;
  messages::item_class cls_ = messages::item_class::user_event;
  datagram_guard guard_;
  std::shared_ptr<event_gate> gate_; ///< null: all events are for us
  std::optional<messages::insights::arrivals> arrivals_;
  event_folding folding_;
  std::shared_ptr<runtime::datagram_source> source_;
  runtime::datagram_counters seen_; ///< what was accounted for
  uint64_t untold_ = 0;             ///< of the kernel's drops
};

} // namespace senseflow::actors
