// The MQTT client over Paho.
#pragma once

#include "runtime/mqtt/address_finder.hpp"
#include "runtime/mqtt/brokers.hpp"
#include "runtime/mqtt/client.hpp"
#include "runtime/mqtt/event_queue.hpp"
#include "runtime/mqtt/link.hpp"
#include "runtime/mqtt/paho_connection.hpp"
#include "runtime/mqtt/session.hpp"
#include "runtime/mqtt/subscriptions.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Every attempt to connect has a Paho connection of its own; what continues over them is in `session_`.
/// Paho's callbacks come with its global lock held: they only note what happened, and `mutex_` is never held
/// while Paho is called. Those of a connection that was given up are known by its number and have no effect.
/// Destroying a connection waits for callbacks under way, so that is done without the lock.
class paho_client final : public mqtt_client, private paho_connection::listener {
public:
  paho_client(const mqtt_options& o, std::shared_ptr<resolver> names);
  ~paho_client() override;

  void on_event(std::function<void()> wake) override;
  std::vector<mqtt_event> take_events() override;
  void connect() override;
  void disconnect(std::chrono::milliseconds timeout) override;
  void drop(std::string why) override;
  void watch() override;
  void announce() override;
  publish_result publish(uint64_t token, const messages::mqtt_message& m,
                         const publish_properties& p) override;

private:
  using failure = mqtt_brokers::failure;
  using lock_type = std::unique_lock<std::mutex>; ///< taken, and released within

  // Serials of presence.
  static constexpr uint64_t birth = 0, farewell = std::numeric_limits<uint64_t>::max();

  /// The attempt goes on, on the finder's thread or on the caller's.
  void found(uint64_t number, const address_finder::answer& x);

  // What Paho reports.
  void connected(uint64_t number, const mqtt_connack& x) override;
  void connect_failed(uint64_t number, const paho_failure& f) override;
  void ended(uint64_t number, const std::optional<mqtt_dismissal>& d) override;
  void message_ended(uint64_t number, uint64_t serial, int reason) override;
  void acknowledged(uint64_t number, int packet_id) override;

  void birth_ended(lock_type lock, int reason);
  void delivered(lock_type lock, uint64_t token, bool awaited);
  void up(lock_type lock, bool announced = false);
  void attempt_failed(uint64_t number, const std::string& text);
  void fail(lock_type lock, failure why, const std::string& text, const std::optional<mqtt_dismissal>& d,
            uint64_t code = 0);
  /// A connection that was up has ended.
  void lose(lock_type lock, std::string why, const std::optional<mqtt_dismissal>& d,
            mqtt_blame blame = mqtt_blame::likely);
  void give_up_connection();

  const mqtt_options options_;
  mqtt_event_queue events_; // pushed to with the lock, so that their order is that of what happened
  mqtt_subscriptions subscriptions_;

  std::mutex mutex_; // guards all below, but not `session_.store`
  std::condition_variable changed_;
  mqtt_session session_;
  mqtt_brokers brokers_;
  mqtt_link link_;                            // the current one, or the last
  std::shared_ptr<paho_connection> given_up_; // what is left of the one before

  address_finder finder_; // calls `found`
};

} // namespace senseflow::runtime
