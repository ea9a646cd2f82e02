// The outbox's dialogue with its spool: what is asked when, and what an answer means for the next question.
#pragma once

#include "actors/delivery/outbox/lane.hpp"
#include "actors/delivery/outbox/spool_tasks.hpp"
#include "messages/spooling.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace senseflow::actors {

/// Not thread-safe. One transaction and one read at a time. A transaction that gets no answer is asked for
/// again, under its number: the spool does it once. A disk that fails is tried again after `retry_after`. One
/// that says nothing for longer than `patience` does not work until it does: what is on its way to it stays so,
/// since nobody can know what will become of it.
class spool_dialogue {
public:
  using time_point = std::chrono::steady_clock::time_point;
  /// The entry of an item that is to be written, now asked for; none if there is nothing to write after all.
  using make_entry = std::function<std::optional<messages::spool_entry>(uint64_t id, uint32_t lane)>;
  using count_at_sources = std::function<spool_tasks::by_class()>;

  spool_dialogue(std::chrono::milliseconds commit_interval, std::chrono::milliseconds retry_after,
                 std::chrono::milliseconds patience)
      : commit_interval_(commit_interval), retry_after_(retry_after), patience_(patience) {}

  bool works() const { return !retry_at_ && !silent_; }
  /// Nothing has shown yet that it stores again: that it answers, or removes, does not.
  bool in_trouble() const { return silent_ || failed_ != attempt::none; }
  /// True when it has just become so.
  bool falls_silent(time_point now, const spool_tasks& tasks);
  /// The spool has said something; true if it was silent before.
  bool heard();
  bool commit_on_its_way() const { return commit_sent_; }
  /// When `next_commit` should be asked, if something is to be written.
  std::optional<time_point> commit_due(const spool_tasks& tasks) const;

  /// None while the last one is on its way, or nothing is due.
  std::optional<messages::spool_commit> next_commit(time_point now, spool_tasks& tasks,
                                                    const make_entry& entry,
                                                    const count_at_sources& at_sources);
  /// Removes what is left to remove: nothing is at risk any more.
  messages::spool_commit last_commit(spool_tasks& tasks);
  std::optional<messages::spool_read> next_read(time_point now, const outbox_lanes& from, uint64_t max_bytes);

  struct transaction {
    messages::spool_commit content;
    bool works_again = false; ///< and the disk had failed before
  };
  /// The transaction that this answers; none: an answer that nobody waits for.
  std::optional<transaction> committed(const messages::spool_committed& x, time_point now,
                                       spool_tasks& tasks);
  /// Likewise the read.
  std::optional<messages::spool_read> loaded(const messages::spool_content& x, time_point now);
  /// No answer will come.
  void no_answer() { commit_sent_ = read_sent_ = false; }

private:
  enum class scope : uint8_t { nothing, removes, everything };
  enum class attempt : uint8_t { none, other, write };
  scope due(time_point now, const spool_tasks& tasks) const;
  time_point write_due() const;
  std::vector<messages::spool_entry> writes(spool_tasks& tasks, const make_entry& entry) const;

  std::chrono::milliseconds commit_interval_, retry_after_, patience_;
  uint64_t last_number_ = 0;
  std::optional<messages::spool_commit> asked_; ///< until it is answered
  std::optional<messages::spool_read> reading_;
  bool commit_sent_ = false, read_sent_ = false;
  std::vector<uint64_t> last_at_risk_; ///< as it is on disk
  time_point last_commit_{};
  time_point next_by_pace_{}; ///< when the next one that writes were due, had each waited for its turn
  std::optional<time_point> retry_at_;      ///< writing has failed
  bool may_remove_ = true;                  ///< meanwhile; not if that has failed too
  attempt failed_ = attempt::none;          ///< and nothing of its kind has succeeded since
  std::optional<time_point> waiting_since_; ///< something is to be done, and nothing was heard
  bool silent_ = false;
  uint32_t next_lane_ = 0; ///< the one to look at first when reading
};

} // namespace senseflow::actors
