// Receives the user events or the log events that Sense sends by UDP.
#pragma once

#include "actors/context.hpp"
#include "actors/ingest/datagram_port.hpp"
#include "actors/ingest/event_folding.hpp"
#include "actors/ingest/rejection_log.hpp"
#include "actors/interfaces.hpp"
#include "actors/outlet.hpp"
#include "actors/outlet_link.hpp"
#include "runtime/backoff.hpp"
#include "runtime/estate.hpp"
#include "runtime/log.hpp"
#include "runtime/log_changes.hpp"
#include "runtime/udp/socket.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::actors {

struct udp_receiver_options {
  messages::item_class cls = messages::item_class::user_event; ///< user_event or log_event
  uint16_t port = 0;                                           ///< for the log
  size_t max_waiting = 200;   ///< datagrams held here; then they stay in the kernel's buffer
  uint32_t warn_percent = 80; ///< of max_waiting
  datagram_guard_options guard;
  std::vector<std::string> allowed_sources;
  std::chrono::milliseconds check_interval{1000}; ///< of the kernel's drop counter
  std::chrono::milliseconds timeout{30000};       ///< of the encoder's answers
  runtime::backoff_options reopen{std::chrono::milliseconds(500), std::chrono::milliseconds(30000), 20};
  std::string host; ///< to listen on: a name is looked up before
  std::function<runtime::udp_opened(std::vector<runtime::ip_address> of_host)> open;
  std::shared_ptr<runtime::resolver> names;
  std::shared_ptr<event_gate> gate; ///< null: all events are for us
  /// To note who sends, and which of them are servers; null: nobody wants to know.
  std::shared_ptr<const messages::insights::server_of_host> follow_arrivals;
  event_folding_lookups folding;
};

/// What outlives the actor: its port and its items.
struct udp_receiver_estate {
  explicit udp_receiver_estate(std::shared_ptr<runtime::estate<outlet>> o) : items(std::move(o)) {}

  std::shared_ptr<runtime::estate<outlet>> items;
  std::shared_ptr<runtime::estate<datagram_port>> socket = std::make_shared<runtime::estate<datagram_port>>();
};

/// When the actor has ended for good: takes what the port still holds into the items.
void settle(udp_receiver_estate& own);

struct udp_receiver_state {
  static inline const char* name = "udp-receiver";

  struct known_name {
    runtime::lookup_status last = runtime::lookup_status::found;
    runtime::log::changes trouble;
  };

  udp_receiver_state() {}

  context_ptr env;
  udp_receiver_options options;
  runtime::estate<datagram_port>::lease socket;
  outlet_link<udp_receiver_actor::pointer> link;
  runtime::backoff delay;
  runtime::log::limiter open_trouble{std::chrono::minutes(1)};
  runtime::log::limiter queue_trouble{std::chrono::minutes(1)};
  runtime::log::limiter drop_trouble{std::chrono::minutes(1)};
  rejection_log rejections;
  std::chrono::steady_clock::time_point names_asked{};
  std::vector<std::string> names; ///< of the allowed sources
  std::map<std::string, known_name> names_known;
  bool host_asked = false; ///< the port is opened when its host is known
  bool opening = false;    ///< the port has to be opened, not before:
  std::chrono::steady_clock::time_point next_attempt{};
  bool stopping = false;
};

/// - Takes: datagrams, while it has room; without room they stay in the kernel's buffer, and what does not
///   fit there is counted as kernel drops in the ledger. Every datagram taken is `received` in the ledger;
///   what the guard or the parser rejects is dropped there with its reason, what is folded into a summary is
///   filtered. On exit `user_shutdown` it takes what the socket still holds, closes all summaries and ends
///   when all of it was accepted.
/// - Sends: its items to the encoder; summaries of events that are folded, with its ticks.
/// - Ordering: events of one host keep their order.
/// - Backpressure: holds at most `max_waiting` items; summaries wait for their turn, and go on.
/// - Errors: what is dropped gets a line that says what it looks like, every ten minutes for each sender and
///   reason. A port that can't be opened is tried again with back-off; one log line a minute. While no name
///   server answers, the last addresses of an allowed source stay allowed, for a day at most; a name that is
///   unknown or was never looked up allows nobody.
/// - Counts: `port_open_failures_total{port}`, `receiver_congested_total{class}`,
///   `source_lookups_total{class,result}`, `edge_lost_total{edge}`, `insights_storm_left_out_total`,
///   `insights_performance_left_out_total`; while arrivals are followed `datagram_gaps_total{host,service}` and
///   `datagrams_not_followed_total{class}`.
/// - Blocking: none; names are looked up beside, every minute, sooner where there was no answer.
/// - Restart: permanent; socket, items and open summaries outlive it.
udp_receiver_actor::behavior_type udp_receiver(udp_receiver_actor::stateful_pointer<udp_receiver_state> self,
                                               context_ptr env, udp_receiver_options options,
                                               std::shared_ptr<udp_receiver_estate> own);

} // namespace senseflow::actors
