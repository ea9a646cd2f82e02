// What the broker retains of ours, by topic: what it has forgotten goes out once more, what the configuration
// no longer has is cleared.
#pragma once

#include "actors/delivery/outbox/item.hpp"
#include "actors/delivery/outbox/lane.hpp"
#include "actors/delivery/outbox/remembered_values.hpp"
#include "messages/delivery.hpp"
#include "messages/spooling.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::actors {

/// The topics of retained state that a configuration can have.
struct retained_topics {
  std::set<std::string> all;
  std::string presence; ///< of these: the one that connections publish of themselves; "" = none
  std::string node;     ///< the presence's source
  /// Of these: what another node of the cluster publishes now. Neither cleared nor sent, anew or at all.
  std::set<std::string> elsewhere = {};
  /// What another program publishes, too: not ours alone, so neither cleared nor written down as ours.
  std::set<std::string> disputed = {};
};

/// Not thread-safe. Only topics that this program has published to are ever cleared.
class retained_state {
public:
  static constexpr size_t most_topics = 100'000; ///< of further ones nothing is known

  /// `recorded`: somebody takes the news. Values are remembered up to `max_bytes`.
  explicit retained_state(uint64_t max_bytes = 16u << 20, bool recorded = true)
      : recorded_(recorded), values_(max_bytes) {}

  /// What an earlier process has left: once, before anything else.
  void recover(const std::vector<messages::retained_topic>& found);
  /// From now on. The topics that are to be cleared because of it.
  std::vector<std::string> configured(std::shared_ptr<const retained_topics> x);

  /// A broker that has not resumed the session may have forgotten what it got before this slot's last
  /// connection ended: that is due once more, unless it went over a connection that is younger.
  void connection_began(uint32_t slot, bool resumed);
  void connection_ended(uint32_t slot);
  void connections_ended();

  /// These are ours, and the broker retains them: those that are not configured are to be cleared, unless that was
  /// known. Which those are.
  std::vector<std::string> found(const std::vector<messages::retained_topic>& xs);

  /// All values that are remembered are due once more, but for what nodes say of themselves, which comes by
  /// itself; how many those are.
  size_t all_again();

  /// Over the connection of this slot: the broker may have got it.
  void sent(uint32_t slot, const messages::publication& x);
  /// It has. `each`: what became of its messages; empty: all were delivered.
  void delivered(const outbox_item& x, const std::vector<messages::message_outcome>& each);

  bool due(uint32_t lane) const { return !due_[lane].empty(); }
  /// What is due next in this lane; none if there is no need after all. `newer`: there is news of this state,
  /// waiting or on its way.
  std::optional<outbox_item> next(uint32_t lane, int64_t unix_ms,
                                  const std::function<bool(const messages::shared_text& replaces)>& newer);
  /// It would clear what is configured again, or overwrite what another node publishes now.
  bool outdated(const messages::publication& x) const;

  /// Topics that are new or gone since the last call.
  std::vector<messages::retained_topic> take_news() { return std::exchange(news_, {}); }
  /// What was written down is lost: all of them are news again.
  void all_news();

  struct counts {
    uint64_t sent_anew = 0, cleared = 0;
    uint64_t left_out = 0; ///< values that are not remembered, for want of room
  };
  const counts& counted() const { return counts_; }

private:
  struct entry {
    messages::item_class cls = messages::item_class::node;
    messages::shared_text origin, replaces;
    uint64_t over = 0;          ///< the connection over which a value was sent last
    uint64_t cleared_after = 0; ///< by connections that are younger than this one
    bool filled = false;        ///< a value was sent since it was last cleared
    bool forgotten = false;     ///< by the broker
    bool unwanted = false;      ///< not configured
    bool disputed = false;      ///< another program publishes it, too
    bool queued = false;
  };
  using entries = std::map<std::string, entry>;
  struct connection {
    uint64_t began = 0, ended = 0; ///< counted by those that began
    bool up = false;
  };

  /// Null if there are too many.
  entry* note(const std::string& topic, messages::item_class cls, const messages::shared_text& origin);
  void news(const std::string& topic, const entry& x, bool is_there);
  void queue(const std::string& topic, entry& x);
  /// Bytes and topics of values: small ones first.
  using values_of_topics = std::vector<std::pair<uint64_t, const std::string*>>;
  void send_anew(values_of_topics xs);
  bool may_be_cleared(const entry& x) const;

  bool recorded_;
  remembered_values values_;
  std::shared_ptr<const retained_topics> configured_; ///< null: not told yet
  entries topics_;
  std::array<std::deque<std::string>, outbox_lane_count> due_;
  std::map<uint32_t, connection> connections_; ///< by slot
  uint64_t last_connection_ = 0;
  std::vector<messages::retained_topic> news_;
  counts counts_;
};

} // namespace senseflow::actors
