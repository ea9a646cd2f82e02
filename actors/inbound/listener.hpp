// Listens to what others publish at the broker, over a connection of its own.
#pragma once

#include "actors/broker_link.hpp"
#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "runtime/backoff.hpp"
#include "runtime/mqtt/client.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::actors {

/// Who wants to hear what. Brokers may send a message twice that two filters cover: let them not overlap.
struct heard_filter {
  std::string filter;
  std::string receiver;             ///< registered name of a `heard_message_taker`
  std::string what = {};            ///< in words: to tell what is not heard
  bool retain_as_published = false; ///< MQTT 5: `retained` is also what the broker is to keep from now on
  size_t most_waiting = 1000;       ///< for this receiver
  std::string begins = {};          ///< topics that don't begin so are none of its business
};

struct listener_options {
  std::vector<heard_filter> filters;
  runtime::backoff_options reconnect{std::chrono::milliseconds(500), std::chrono::milliseconds(30000), 20};
  size_t largest = 64 << 10;                       ///< bytes of a payload
  size_t most_answers = 100;                       ///< that wait
  size_t most_bytes = 4 << 20;                     ///< of what waits for a receiver
  uint32_t most_unanswered = 8;                    ///< messages that a receiver has not confirmed
  std::chrono::milliseconds answer_patience{5000}; ///< answers wait so long for a connection
  std::chrono::milliseconds ack_timeout{30000};    ///< nothing acknowledged for so long: another connection
  std::chrono::milliseconds deaf_timeout{300000};  ///< subscriptions not granted for so long: another one
  std::chrono::milliseconds flush_timeout{1000};   ///< at the end, for what is to be said
  std::chrono::milliseconds disconnect_timeout{1000};
  std::string sign;                              ///< topic where this node says that it is there; "" = none
  std::chrono::milliseconds sign_timeout{60000}; ///< nothing heard there for so long: it may not be read
  std::function<std::unique_ptr<runtime::mqtt_client>()> make_client;
};

/// Completes the options of the listener's client: a session that does not stay, so that nothing which was
/// said while nobody listened is heard later.
void subscribe_to(runtime::mqtt_options& o, const std::vector<heard_filter>& filters);

struct listener_state {
  static inline const char* name = "listener";

  listener_state() {}

  struct receiver {
    std::deque<messages::heard_message> waiting;
    size_t bytes = 0;    ///< of these
    caf::actor_addr who; ///< that was found last
    uint64_t found = 0;  ///< how often: answers from before mean nothing
    uint32_t unanswered = 0;
  };
  struct answer {
    messages::spoken_message what;
    std::chrono::steady_clock::time_point since{};
  };

  context_ptr env;
  listener_options options;
  broker_link<listener_actor::pointer> link;
  std::set<std::string> denied; ///< filters, over this connection
  bool subscribed = false;      ///< to all of them
  std::chrono::steady_clock::time_point connected_at{};
  std::map<std::string, receiver> receivers; ///< by name
  std::deque<answer> to_say;
  runtime::log::cause_limiter drops{std::chrono::seconds(10)}; ///< of what is heard and said
  std::map<std::string, uint64_t> discarded;                   ///< by the client, and not told yet: by reason
  std::map<uint64_t, std::string> in_flight;                   ///< answers: token, topic
  uint64_t last_token = 0;
  std::chrono::steady_clock::time_point sign_by{}; ///< something has to be heard at `sign`
};

/// - Takes: answers to what was heard: published at once, QoS 1, not retained.
/// - Sends: what the broker passes on to the receivers whose filters cover its topic, each message once it has
///   room for it; receivers that are not there yet get it when they are.
/// - Ordering: of a receiver's messages that of their arrival.
/// - Backpressure: none to the broker. A receiver holds `most_unanswered` messages, its filter's `most_waiting` wait for
///   it; newer ones are dropped. What was said while there was no connection is not heard at all.
/// - Errors: connects again for ever, with back-off and jitter. A subscription that the broker refuses is
///   told, and asked for again with the next connection; this one is given up for that after `deaf_timeout`.
///   What is not heard meanwhile a notice tells. A broker may grant a subscription and pass nothing on: told
///   once, when nothing was heard at `sign`. What is dropped is told, of each cause once in 10 s.
/// - Counts: `listener_connects_total`, `listener_lost_total`, `listener_denied_total`,
///   `listener_messages_total{receiver}`, `listener_dropped_total{reason}`, `listener_answers_total`,
///   `listener_answers_dropped_total{reason}`.
/// - Blocking: at its end, up to `disconnect_timeout`.
/// - Restart: permanent; loses what waits. On exit `user_shutdown` answers are given `flush_timeout`.
listener_actor::behavior_type listener(listener_actor::stateful_pointer<listener_state> self, context_ptr env,
                                       listener_options options);

} // namespace senseflow::actors
