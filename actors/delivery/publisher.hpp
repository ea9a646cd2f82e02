// One connection to the MQTT broker: publishes what the outbox gives it and says what became of it.
#pragma once

#include "actors/context.hpp"
#include "actors/delivery/affected_topics.hpp"
#include "actors/delivery/in_transit.hpp"
#include "actors/delivery/last_words.hpp"
#include "actors/delivery/probation.hpp"
#include "actors/delivery/publisher_notices.hpp"
#include "actors/delivery/topic_quarantine.hpp"
#include "actors/interfaces.hpp"
#include "runtime/backoff.hpp"
#include "runtime/log.hpp"
#include "runtime/mqtt/client.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::actors {

struct publisher_options {
  uint32_t slot = 0;
  uint32_t window = 64; ///< MQTT messages on their way
  runtime::backoff_options reconnect{std::chrono::milliseconds(500), std::chrono::milliseconds(30000), 20};
  std::chrono::milliseconds timeout{30000};     ///< of the outbox's answers
  std::chrono::milliseconds ack_timeout{30000}; ///< nothing acknowledged for so long: another connection
  std::chrono::milliseconds disconnect_timeout{1000};
  /// A connection that lasted so long was a good one: after it, the back-off starts anew.
  std::chrono::milliseconds stable_after{runtime::mqtt_stable_after};
  std::chrono::nanoseconds reminder{std::chrono::minutes(1)}; ///< between log lines of one cause
  std::function<std::unique_ptr<runtime::mqtt_client>()> make_client;
  std::shared_ptr<actors::last_words> last_words; ///< null: nobody hears them
};

/// What the outbox is to be told.
struct publisher_reports {
  outbox_actor outbox;                          ///< none: to be looked up
  std::vector<messages::settlement> unreported; ///< until it has answered
  bool state_due = false;                       ///< it is to be told of this publisher's state
  bool connect_due = false;                     ///< again, when it knows of the loss
  bool asking = false;                          ///< it has not answered the last thing that it was told:
  uint64_t question = 0;                        ///< its number
  std::chrono::steady_clock::time_point asked_at{};
};

struct publisher_actor_state {
  static inline const char* name = "publisher";

  publisher_actor_state() {}

  context_ptr env;
  publisher_options options;
  std::unique_ptr<runtime::mqtt_client> client;
  bool connected = false;
  bool acks_prove = true; ///< see in_transit
  bool announced = false; ///< the broker has taken our presence over this connection
  bool resumed = false;   ///< the broker knew our session
  uint32_t window = 0;    ///< as stated: the broker may take less than ours
  uint32_t largest = 0;   ///< packet that the broker takes, in bytes; 0 = any
  std::chrono::steady_clock::time_point connected_at{};
  std::chrono::steady_clock::time_point hopeful_since{}; ///< a topic that ends connections was found
  runtime::backoff delay;
  runtime::log::cause_limiter causes; ///< of trouble
  affected_topics affected;
  bool news = true; ///< something was said since the last connection, so the next one is worth a line, too
  in_transit items; ///< bounded by the window, or one larger publication
  topic_quarantine quarantine;
  probation unproven; ///< while the quarantine is active
  std::chrono::steady_clock::time_point proof_due{};
  bool alone = false; ///< what was sent last is a suspect
  /// The broker takes nothing more for now: nothing is sent until then.
  std::chrono::steady_clock::time_point held_until{};
  runtime::backoff holding{{std::chrono::milliseconds(100), std::chrono::milliseconds(5000), 20}};
  std::chrono::steady_clock::time_point progress{}; ///< the last message that ended, or came on its way alone
  publisher_reports reports;
  publisher_notices notices;
  std::chrono::steady_clock::time_point hear_due{}; ///< a look at the client's events, if any
};

/// - Takes: publications, up to its window; what comes without a connection goes back at once. The wish that
///   presence is told once more.
/// - Sends: what became of each publication, and of each of its messages, to the outbox, in bulk: a quarter of
///   the window at a time, fewer within 50 ms; its state when the connection comes or goes and when the outbox
///   is a new one, with all that it holds. One thing at a time, repeated until the outbox has answered.
/// - Ordering: messages go out in the order they were given. The outbox hears of a loss, and of what came
///   back over it, before there is another connection.
/// - Backpressure: its window (the broker's, if that is smaller), stated with its state.
/// - Errors: a lost connection returns what had not been sent; what was on its way is returned when the
///   client says that it failed, or completed by the next connection. It connects again for ever, with
///   back-off and jitter, which start anew after a connection that has lasted. One over which nothing is
///   acknowledged any more is given up, though the broker may answer pings. What the broker does not take for
///   now goes back, and the next message waits a while. One log line a minute of a cause, with the topics.
/// - Counts: `mqtt_connects_total`, `mqtt_connect_failures_total`, `mqtt_connect_retries_total` (at once,
///   another way), `mqtt_connections_lost_total`, `mqtt_presence_denied_total`, `mqtt_ack_timeouts_total`,
///   `mqtt_refused_total{reason}`, `mqtt_postponed_total{reason}` (will be sent again),
///   `mqtt_topics_set_aside_total{class}`, `mqtt_set_aside_total{class}` (messages), `mqtt_unsolicited_total`
///   (messages that the broker sends us), all with the label `slot`; `edge_lost_total{edge}`.
/// - Blocking: at its end, up to `disconnect_timeout`.
/// - Restart: with a new connection; what it held goes out again. On exit `user_shutdown` it takes leave of
///   the broker; what it hears until then is among the `last_words`, since the outbox may have gone before.
publisher_actor::behavior_type publisher(publisher_actor::stateful_pointer<publisher_actor_state> self,
                                         context_ptr env, publisher_options options);

} // namespace senseflow::actors
