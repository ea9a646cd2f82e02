// The publications that a publisher holds: which of their messages wait, which are on their way, what became
// of the others.
#pragma once

#include "actors/delivery/carried_message.hpp"
#include "messages/delivery.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory_resource>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::actors {

/// A message leaves when those before it have left; it is known by its token from then on, until it ends:
/// acknowledged, refused, failed or, after all, unsent. A publication is settled when all of its messages have
/// ended, or one of them has failed; it counts as refused when all of them were. What was acknowledged in an
/// earlier attempt is not sent again. Also knows over which messages the connection may have ended: those
/// that were sent after all that the broker has acknowledged. Not thread-safe; no I/O.
class in_transit {
public:
  using time = std::chrono::steady_clock::time_point;
  using publication_ptr = messages::shared<messages::publication>;

  void add(const messages::outgoing& x);

  /// The message that is to leave now.
  struct departure {
    uint64_t token = 0; ///< by which it will be known
    uint64_t id = 0;    ///< of its publication
    uint32_t age_s = 0;
    publication_ptr content;
    size_t index = 0;

    const messages::mqtt_message& message() const { return content->messages[index]; }
  };
  std::optional<departure> next() const;
  /// What became of that: it is on its way, with this quality of service if that is more than its own; or it
  /// will never be.
  void left(uint8_t qos = 0);
  void refused(std::string reason);

  /// As it is, or would be, sent; none if its publication is settled already.
  carried_message described(const departure& x) const;
  std::optional<carried_message> described(uint64_t token) const;

  // All of these: nothing happens if its publication is settled already.
  void acknowledged(uint64_t token, time now);
  void refused(uint64_t token, std::string reason, time now);
  void failed(uint64_t token, time now);
  /// It waits again, in its old place.
  void unsent(uint64_t token);
  /// The connection has held after it: neither it nor what left before it is why it may end.
  void proven(uint64_t token);

  /// Without a connection: publications of which nothing is in doubt go back; the others may still be
  /// completed by the next one.
  void return_unsent();

  /// A connection is up, and sends with this quality of service at most. `acks_prove`: the broker says if it
  /// does not take a message (MQTT 5), instead of acknowledging it and ending the connection.
  void connected(uint8_t maximum_qos, bool acks_prove = true);
  /// What it carried last, if it has just ended: a message refused just before, then the others as they left.
  std::vector<carried_message> unproven(time now) const;

  std::vector<messages::settlement> take_settled();

  size_t on_the_way() const { return on_the_way_.size(); }
  std::vector<std::pair<uint64_t, publication_ptr>> held() const; ///< by id, the oldest first

private:
  struct part {
    uint64_t id = 0;
    size_t index = 0;
    uint8_t qos = 0; // as it was sent
  };
  struct entry {
    publication_ptr content;
    std::vector<messages::message_outcome> parts; // `not_sent`, then `returned` while it is on its way
    size_t open = 0;                              // of these: without an end
    uint32_t age_s = 0;                           // when it came
  };
  struct carried {
    uint64_t token = 0;
    time when{};
    carried_message what;
  };

  std::optional<part> take(uint64_t token);
  const messages::mqtt_message& message(const part& p) const {
    return entries_.at(p.id).content->messages[p.index];
  }
  carried_message described(const part& p) const;
  void carry(uint64_t token, const part& p, time now);
  void end(const part& p, messages::outcome how, std::string reason);
  void settle(uint64_t id, messages::outcome how, std::string reason);

  std::pmr::unsynchronized_pool_resource pool_;      // a publication comes and goes: its nodes are used again
  std::pmr::map<uint64_t, entry> entries_{&pool_};   // by publication id
  std::pmr::deque<part> waiting_{&pool_};            // in the order of sending
  std::pmr::map<uint64_t, part> on_the_way_{&pool_}; // by token
  uint64_t last_token_ = 0;
  std::vector<messages::settlement> settled_;
  uint8_t maximum_qos_ = 2;
  std::deque<carried> carried_; // without an answer to come, since the last acknowledgement; the newest few
  bool acks_prove_ = true;
  std::optional<carried> last_acknowledged_; // if that proves nothing
  std::optional<carried> blamed_;            // refused; nothing has been acknowledged since
};

} // namespace senseflow::actors
