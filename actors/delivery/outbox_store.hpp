// What the outbox owns: every publication until the broker has acknowledged it, in memory or on disk.
// Survives the outbox's crashes.
#pragma once

#include "actors/delivery/replay_pace.hpp"
#include "messages/delivery.hpp"
#include "messages/flow.hpp"
#include "messages/spooling.hpp"
#include "runtime/accounting/ledger.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace senseflow::actors {

enum class delivery_mode : uint8_t {
  memory,   ///< nothing is written down
  overflow, ///< events are written down while the broker is away or the memory half full
  journal   ///< every event is written down before it is sent
};

struct outbox_options {
  delivery_mode mode = delivery_mode::memory;
  uint64_t max_bytes = 256u << 20; ///< of what is in memory: waiting and on its way
  uint32_t high_watermark_percent = 80;
  std::chrono::milliseconds away_after{1000};   ///< so long without a connection, the broker is away
  std::chrono::milliseconds replay_delay{2000}; ///< after a reconnect, before the backlog is published
  uint32_t replay_rate = 5000; ///< events a second by which a backlog gets shorter; 0 = no limit
  std::chrono::milliseconds commit_interval{5}; ///< commits begin at least so far apart
  std::chrono::milliseconds spool_retry{1000};  ///< after the disk has failed
  uint64_t first_id = 1;
  std::function<int64_t()> unix_ms; ///< the wall clock; empty = the system's
};

/// Not thread-safe; nothing blocks. Every publication has an id in the order of acceptance. Its origin
/// decides about its lane; of a lane, events go out in the order of their ids, and what comes back takes its
/// old place. A lane is, from the oldest to the newest: events in memory that may be sent | events on disk
/// only | events in memory that wait to be written down. State waits only as its newest value, in the place
/// of the oldest, in memory only. A publication that was on its way when the connection ended, several times
/// over, may be the reason: it then travels alone, with pauses in which other lanes have their turn. When
/// others get through and connections end over nothing else, or when it fails for very long, it is dropped,
/// `undeliverable`. Above
/// `max_bytes` the oldest events in memory go, `memory_full`: only when the disk can't take them.
class outbox_store {
public:
  using publication_ptr = messages::shared<messages::publication>;
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr uint32_t lane_count = 16; ///< lies in the spool: never to be changed

  /// Items are accounted for in `book`, each exactly once.
  outbox_store(outbox_options options, runtime::ledger& book);

  /// What an earlier process left: once, before anything else.
  struct found_on_disk {
    uint32_t lane = 0;
    messages::item_class cls = messages::item_class::user_event;
    std::string source;
    uint64_t count = 0;
  };
  void recover(const std::vector<found_on_disk>& found);

  /// Takes over all items of the batch, or has done so before. False, and nothing is taken, if batches of its
  /// source are missing before it.
  bool accept(const messages::encoded_batch& batch, time_point now);

  /// The publisher of this slot can hold so many MQTT messages at a time, and holds these publications;
  /// others that it was given have not arrived and wait again.
  void publisher_here(const messages::publisher_state& x, time_point now);
  /// It is gone, with all it held.
  void publisher_gone(uint32_t slot, time_point now);
  /// A new outbox knows of no publisher until it states itself; what is on its way stays so.
  void forget_connections();

  /// What the publisher of this slot can take now: state, then events, the oldest first.
  std::vector<messages::outgoing> take(uint32_t slot, time_point now);

  /// What became of publications given to this slot; unknown ids are ignored.
  void settle(uint32_t slot, const std::vector<messages::settlement>& items, time_point now);

  /// The next transaction and the next read of the spool; none while the last one is unanswered or nothing is
  /// due.
  std::optional<messages::spool_commit> next_commit(time_point now);
  std::optional<messages::spool_read> next_read(time_point now);
  void committed(const messages::spool_committed& x, time_point now);
  void loaded(const messages::spool_content& x, time_point now);
  /// No answer will come: the next calls above ask again.
  void spool_lost();
  /// When `next_commit` should be asked, if something waits to be written down.
  std::optional<time_point> commit_due() const;

  /// From now on nothing is read back from disk.
  void drain() { draining_ = true; }
  /// Nothing more can be done before the end: memory is empty, or nobody takes from it and the disk takes the
  /// rest.
  bool drained() const;

  using committer = std::function<messages::spool_committed(const messages::spool_commit&)>;
  /// The end: writes down what is left. What can't be (state, or everything without a disk) is dropped,
  /// `shutdown`.
  void end(const committer& commit);

  bool empty() const { return waiting_ + in_flight_.size() == 0; } ///< in memory
  size_t waiting() const { return waiting_; }                      ///< in memory
  size_t in_flight() const { return in_flight_.size(); }
  uint64_t on_disk() const; ///< only there
  uint64_t bytes() const { return bytes_; }
  uint64_t bypassed() const {
    return bypassed_;
  } ///< events of mode `journal` sent without having been written down
  bool spool_works() const { return options_.mode != delivery_mode::memory && !retry_spool_at_; }
  /// So full that it should not be asked to take more.
  bool congested() const;

private:
  enum class saved : uint8_t { no, asked, yes }; ///< asked: in a transaction on its way
  struct item {
    publication_ptr content;
    int64_t accepted_ms = 0;
    uint32_t returns = 0; ///< how often the connection ended over it
    saved on_disk = saved::no;
  };
  using queue = std::map<uint64_t, item>; ///< by id
  struct lane {
    queue events;            ///< may be sent
    queue states;            ///< may be sent
    queue unsaved;           ///< events that wait to be written down, behind those on disk
    uint64_t disk = 0;       ///< events on disk only: their ids are greater than `loaded`
    uint64_t loaded = 0;     ///< greatest id on disk that is, or was, in memory to be sent
    bool replaying = false;  ///< it has a backlog
    time_point hold_until{}; ///< events are not sent before
    time_point hold_states_until{};
    time_point read_again{}; ///< it is not read before
    size_t in_flight = 0;
    uint32_t slot = 0; ///< the publisher that serves it
  };
  struct sent {
    item what;
    uint32_t lane = 0;
    uint32_t slot = 0;
  };
  struct publisher {
    bool connected = false;
    uint32_t window = 0;
    size_t messages = 0;       ///< on their way
    bool alone = false;        ///< a suspect is on its way: nothing else until it has arrived
    bool suspect_sent = false; ///< over this connection
  };
  using in_flight_map = std::unordered_map<uint64_t, sent>;

  bool connected() const;
  bool away() const;
  bool writing() const;
  uint64_t keep_bytes() const { return options_.max_bytes / 2; }

  void put(uint64_t id, lane& l, item x);
  void put_event(uint64_t id, lane& l, item x);
  void put_state(uint64_t id, lane& l, item x);
  void release(lane& l);
  void look_around();
  void save_all();
  item* find(uint64_t id, lane& l);
  void saved_now(uint64_t id, lane& l);
  void not_saved(const messages::spool_commit& x);
  void lost(const messages::spool_loss& x);
  void all_lost();
  void leaves(uint64_t id, const item& x);
  void drop_waiting(queue& from, uint64_t id, std::string_view reason);
  void evict();

  sent leave(in_flight_map::iterator i);
  bool hopeless(uint64_t id, item& x);
  void take_back(in_flight_map::iterator i, bool repeated);
  bool serves(uint32_t slot, lane& l);
  bool may_send_events(lane& l);
  bool expired(const item& x) const;
  std::vector<uint64_t> at_risk(const messages::spool_commit& x) const;
  size_t index(const lane& l) const { return static_cast<size_t>(&l - lanes_.data()); }

  outbox_options options_;
  runtime::ledger& book_;
  replay_pace pace_;
  time_point now_{};
  uint64_t last_id_ = 0;
  uint64_t bytes_ = 0;
  uint64_t bytes_to_save_ = 0; ///< of these: in lanes' `unsaved`
  size_t waiting_ = 0;
  uint64_t bypassed_ = 0;
  std::array<lane, lane_count> lanes_;
  std::vector<publisher> publishers_;
  std::optional<time_point> away_since_;
  bool lost_ = false; ///< a connection ended since the last time one came up
  bool away_ = false; ///< when it was last looked at
  bool draining_ = false;
  std::unordered_map<std::string, uint64_t> newest_state_; ///< `replaces` -> id of the waiting one
  in_flight_map in_flight_;
  struct suspicion {
    time_point since{};
    uint64_t confirmed = 0;     ///< `confirmed_` then
    uint64_t innocent_ends = 0; ///< `innocent_ends_` then
  };
  std::unordered_map<uint64_t, suspicion> suspects_; ///< by id
  uint64_t confirmed_ = 0;                           ///< publications that the broker has acknowledged
  uint64_t innocent_ends_ = 0; ///< connections that ended without ever having carried a suspect
  std::unordered_map<uint64_t, uint64_t> accepted_; ///< source -> its batches up to this number

  std::map<uint64_t, uint32_t> to_save_; ///< id -> lane
  std::vector<uint64_t> to_remove_;
  std::array<uint64_t, messages::item_class_count> unsaved_{}; ///< in memory and not on disk, by class
  std::optional<messages::spool_commit> asked_;
  std::optional<messages::spool_read> reading_;
  bool commit_sent_ = false, read_sent_ = false;
  std::vector<uint64_t> last_at_risk_;
  time_point last_commit_{};
  std::optional<time_point> retry_spool_at_; ///< it has failed
  bool may_remove_ = true;                   ///< meanwhile; not if that has failed too
  uint64_t last_number_ = 0;
  uint32_t next_lane_ = 0; ///< the one to look at first when reading
};

} // namespace senseflow::actors
