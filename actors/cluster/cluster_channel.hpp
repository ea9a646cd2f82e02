// The connection over which the nodes of a cluster talk to each other: through the MQTT broker.
#pragma once

#include "actors/broker_link.hpp"
#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "runtime/backoff.hpp"
#include "runtime/mqtt/client.hpp"

#include <caf/message.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace senseflow::actors {

struct cluster_channel_options {
  std::string node; ///< this one's name in topics
  std::string base; ///< `<base>senseflow/cluster/<name>/`
  runtime::backoff_options reconnect{std::chrono::milliseconds(500), std::chrono::milliseconds(30000), 20};
  std::chrono::milliseconds ack_timeout{30000};   ///< nothing acknowledged for so long: another connection
  std::chrono::milliseconds marker_timeout{5000}; ///< of what this node sends to itself
  std::chrono::milliseconds marker_again{60000};  ///< after it did not arrive
  std::chrono::milliseconds flush_timeout{1000};  ///< at the end, for what is to be sent
  std::chrono::milliseconds disconnect_timeout{1000};
  size_t most_waiting = 1000; ///< messages, in either direction
  std::function<std::unique_ptr<runtime::mqtt_client>()> make_client;
};

/// Completes the options of the channel's client: what it subscribes to, and that its session stays.
void subscribe_to_cluster(runtime::mqtt_options& o, const std::string& base, const std::string& node);

struct cluster_channel_state {
  static inline const char* name = "cluster-channel";

  cluster_channel_state() {}

  context_ptr env;
  cluster_channel_options options;
  broker_link<cluster_channel_actor::pointer> link;
  messages::channel_state now = messages::channel_state::down;
  std::map<uint64_t, messages::cluster_message> to_send, in_flight; ///< by token: in order
  uint64_t last_token = 0;
  struct receiver {
    std::deque<std::pair<caf::message, size_t>> waiting; ///< with their bytes
    size_t bytes = 0;
  };
  std::map<std::string, receiver> to_hand_over; ///< by name
  std::string marker;                           ///< that is on its way
  uint64_t markers = 0;
  bool denied = false;                                ///< by the broker, and since then no marker has arrived
  std::chrono::steady_clock::time_point marker_due{}; ///< what is due: that it arrives, or another one
};

/// - Takes: messages for the other nodes.
/// - Sends: what nodes say of themselves to `names::cluster_member`, their digests to `names::event_twins`,
///   and to the latter what the channel hears. Receivers that are not there yet get it when they are.
/// - Ordering: as it was sent; what was sent while this node was away comes before `channel_state::up`. (The
///   session outlives the process, and a message to itself comes behind all that the broker has kept.)
/// - Backpressure: none; of what is too much the oldest goes. A retained message replaces a waiting one.
/// - Errors: connects again for ever, with back-off and jitter. A broker that does not pass on what is sent, as
///   its access list may have it, makes the channel `deaf`; it is tried again every `marker_again`. One that
///   ends the connection over it is tried with the next one, and the channel stays deaf meanwhile.
/// - Counts: `cluster_channel_connects_total`, `cluster_channel_lost_total`, `cluster_channel_deaf_total`,
///   `cluster_messages_dropped_total{reason}`, `cluster_messages_refused_total{reason}`.
/// - Blocking: at its end, up to `disconnect_timeout`.
/// - Restart: permanent; loses what was not sent. On exit `user_shutdown` what waits is sent, for
///   `flush_timeout` at most.
cluster_channel_actor::behavior_type
cluster_channel(cluster_channel_actor::stateful_pointer<cluster_channel_state> self, context_ptr env,
                cluster_channel_options options);

} // namespace senseflow::actors
