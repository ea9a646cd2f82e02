// Polls the APIs of one Sense server: engine health, and the sessions of its virtual proxies; and says how
// well they answer.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "actors/outlet.hpp"
#include "actors/outlet_link.hpp"
#include "actors/poll_permit.hpp"
#include "actors/polling/availability_tracker.hpp"
#include "messages/text/tag.hpp"
#include "runtime/estate.hpp"
#include "runtime/http/client.hpp"
#include "runtime/log.hpp"
#include "runtime/log_changes.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::actors {

/// One call that is made again and again.
struct polled_api {
  messages::item_class cls = messages::item_class::health; ///< health or sessions
  runtime::http_request request;
  std::string virtual_proxy; ///< sessions only
  std::chrono::milliseconds interval{30000};
  std::chrono::nanoseconds phase{0}; ///< of the calls after `epoch`: spreads them over the interval
  /// One more call so long after the start, if its turn is far: who starts the program waits for it.
  std::optional<std::chrono::nanoseconds> at_start = {};
};

struct sense_poller_options {
  std::string server; ///< the name in the configuration
  std::string host;   ///< without port, as published
  messages::tag_list tags;
  std::vector<polled_api> apis;
  std::chrono::steady_clock::time_point epoch{}; ///< of all schedules
  std::chrono::milliseconds timeout{30000};      ///< of the encoder's answers
  std::shared_ptr<runtime::http_client> http;
  std::string node;                    ///< in a cluster: ours, as published
  std::shared_ptr<poll_permit> permit; ///< in a cluster; null: no permit is needed
};

/// What outlives the actor: its items, and what it knows of the server.
struct sense_poller_estate {
  explicit sense_poller_estate(std::shared_ptr<runtime::estate<outlet>> o) : items(std::move(o)) {}

  std::shared_ptr<runtime::estate<outlet>> items;
  std::shared_ptr<runtime::estate<availability_tracker>> availability =
      std::make_shared<runtime::estate<availability_tracker>>();
};

struct sense_poller_state {
  static inline const char* name = "sense-poller";

  struct api_state {
    std::chrono::steady_clock::time_point due{};
    uint64_t in_flight = 0; ///< id of the call, 0 = none
    std::shared_ptr<std::atomic<bool>> waiting = std::make_shared<std::atomic<bool>>(); ///< for its turn
    /// Of the call in flight: by which ownership it was made.
    std::shared_ptr<std::atomic<uint64_t>> epoch = std::make_shared<std::atomic<uint64_t>>();
    runtime::log::changes trouble;                 ///< told of each answer's error
    bool known = false;                            ///< there was an answer
    std::chrono::steady_clock::time_point begun{}; ///< the last call
  };

  sense_poller_state() {}

  context_ptr env;
  sense_poller_options options;
  outlet_link<sense_poller_actor::pointer> link;
  runtime::estate<availability_tracker>::lease availability;
  std::vector<api_state> apis;
  runtime::log::cause_limiter engine_news; ///< restarts, versions
  uint64_t last_call = 0;
  uint64_t epoch = 0; ///< of the answer that is being worked on
  bool stopping = false;
};

/// - Takes: answers of the HTTP client; `poll_atom`: all APIs are called beside their turns. On exit
///   `user_shutdown` it makes no more calls and ends when all samples were accepted.
/// - Sends: its items to the encoder. Every good answer becomes a sample, `received` in the ledger; a
///   body that can't be used is dropped there. A change of the server's availability, and a restart or new
///   version of its engine, become items too.
/// - Ordering: each API is called at `epoch + phase + n * interval`, whatever the calls take, and at the start;
///   samples of one API in the order of its calls.
/// - Backpressure: one call in flight per API; a due one is skipped while the last one has not ended
///   (`in_flight`) or waits for its turn to connect (`waiting_turn`: says nothing about the server), or while
///   nobody asks for samples (`no_demand`); one that was asked for within a second after the last (`just_polled`).
/// - Errors: counted, and logged when they change, of each cause (and of recoveries) one line a minute;
///   polling goes on with the next interval. What this process lacks itself (descriptors, in a cluster the
///   certainty that nobody else polls: `not_permitted`) does not change the server's state.
/// - Counts: `polls_total{server,api}`, `poll_skipped_total{server,api,reason}`,
///   `poll_failures_total{server,api,reason}`, `poll_lateness_us_total{server,api}` and
///   `poll_wait_us_total{server,api}` (sums, to be divided by the number of polls),
///   `poll_connections_total{server,api}`, `poll_connection_us_total{server,api}`,
///   `poll_connections_late_total{server,api}` (took longer than a poll may),
///   `server_state_changes_total{server,state}`, `edge_lost_total{edge}`.
/// - Blocking: none; HTTP is on its client's thread.
/// - Restart: permanent; items and availability outlive it.
sense_poller_actor::behavior_type sense_poller(sense_poller_actor::stateful_pointer<sense_poller_state> self,
                                               context_ptr env, sense_poller_options options,
                                               std::shared_ptr<sense_poller_estate> own);

} // namespace senseflow::actors
