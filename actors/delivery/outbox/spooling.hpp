// The outbox's store, the half towards the disk: what is written down when, and what comes back.
#pragma once

#include "actors/delivery/outbox/contents.hpp"
#include "actors/delivery/outbox/item_clock.hpp"
#include "actors/delivery/outbox/options.hpp"
#include "actors/delivery/outbox/outage.hpp"
#include "actors/delivery/outbox/spool_dialogue.hpp"
#include "messages/spooling.hpp"
#include "runtime/accounting/ledger.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace senseflow::actors {

/// Not thread-safe; nothing blocks. It decides, the spool obeys; only events that must not be sent before they
/// are on disk wait for its answer.
class outbox_spooling {
public:
  using time_point = std::chrono::steady_clock::time_point;

  outbox_spooling(outbox_options options, runtime::ledger& book);

  /// The next transaction and the next read of the spool; none while one is on its way, or nothing is due.
  std::optional<messages::spool_commit> next_commit(time_point now);
  std::optional<messages::spool_read> next_read(time_point now);
  void committed(const messages::spool_committed& x, time_point now);
  void loaded(const messages::spool_content& x, time_point now);
  /// No answer will come: the next calls above ask again.
  void spool_lost() { dialogue_.no_answer(); }
  /// To be called every now and then: finds a spool that is silent. It is bypassed like one that fails.
  void watch_spool(time_point now);
  /// When `next_commit` should be asked, if something waits to be written down.
  std::optional<time_point> commit_due() const;
  retained_state& retained() { return held_.retained; }
  sent_values& last_sent() { return held_.last_sent; }
  recent_events& recent() { return held_.recent; }
  bool spool_works() const { return options_.mode != delivery_mode::memory && dialogue_.works(); }
  /// For whoever looks on: also while it is tried again.
  bool spool_in_trouble() const { return options_.mode != delivery_mode::memory && dialogue_.in_trouble(); }

  /// From now on nothing is read back, and no state goes out once more.
  void drain() { draining_ = true; }

  using committer = std::function<messages::spool_committed(const messages::spool_commit&)>;

protected:
  /// New events go to the disk now.
  bool writing() const;
  /// The time, and whether somebody is connected.
  void tell_witness();
  /// Notes whether somebody is connected, and starts or stops to write things down accordingly.
  void start_or_stop_writing();
  /// Above the memory's cap, when the disk does not take the rest.
  void make_room();
  /// The end: all events in memory. What the disk does not take is dropped; `unconfirmed` if it may have it.
  void write_rest(const committer& commit);

  outbox_options options_;
  outbox_contents held_;
  outage outage_;
  item_clock clock_;
  time_point now_{};
  uint64_t bypassed_ = 0;
  bool draining_ = false;

private:
  /// It has answered: what it may have missed while it was silent is for it again.
  void heard_of_spool();
  bool write_all_down(const committer& commit);
  /// Not only what is new.
  bool writes_all() const { return outage_.away() || options_.mode == delivery_mode::journal; }

  spool_dialogue dialogue_;
};

} // namespace senseflow::actors
