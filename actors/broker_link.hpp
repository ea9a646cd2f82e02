// A subscriber's connection to the MQTT broker: it comes, is lost and comes again, and ends when all is said.
#pragma once

#include "actors/context.hpp"
#include "actors/supervised.hpp"
#include "runtime/backoff.hpp"
#include "runtime/log.hpp"
#include "runtime/mqtt/client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace senseflow::actors {

struct broker_link_options {
  const char* name = "";     ///< its lines in the log begin with it
  const char* connects = ""; ///< counters: connections that came, and that were lost
  const char* losses = "";
  runtime::backoff_options reconnect;
  std::chrono::milliseconds ack_timeout{30000};  ///< nothing acknowledged for so long: another connection
  std::chrono::milliseconds flush_timeout{1000}; ///< at the end, for what is to be said
  std::chrono::milliseconds disconnect_timeout{1000};
};

/// Part of the state of an actor; `Self` is its pointer type. The actor calls `hear` on `wake_atom`; `watch`,
/// `hear` and `check` with its ticks; `connect` on `connect_atom`; `stop` from its exit handler; `end` when it
/// has heard something. Connects again for ever, with back-off and jitter, which start anew after a connection
/// that has lasted.
template <class Self>
class broker_link {
public:
  broker_link() = default;
  broker_link(Self self, context_ptr env, broker_link_options o, std::unique_ptr<runtime::mqtt_client> client)
      : self_(self), env_(std::move(env)), options_(o), client_(std::move(client)), delay_(o.reconnect) {
    client_->on_event(waker(self_));
    client_->connect();
  }

  bool connected() const { return connected_; }

  /// As the client's.
  runtime::publish_result publish(uint64_t token, const messages::mqtt_message& message,
                                  const runtime::publish_properties& properties = {}) {
    const auto result = client_->publish(token, message, properties);
    if (result == runtime::publish_result::sent && on_the_way_++ == 0) progress_ = now();
    return result;
  }

  /// What the client has to tell: `handle(event)` for each, when what it means for the connection is done.
  template <class F>
  void hear(F handle) {
    for (const auto& e : client_->take_events()) {
      note(e);
      handle(e);
    }
  }

  void watch() { client_->watch(); }
  /// Another connection is wanted.
  void drop(const char* why) { client_->drop(why); }
  /// A broker may answer pings and acknowledge nothing.
  void check() {
    if (connected_ && on_the_way_ > 0 && now() - progress_ >= options_.ack_timeout)
      drop("The MQTT broker has acknowledged nothing for too long.");
  }

  void connect() {
    if (!connected_) client_->connect();
  }

  void stop() { stop_by_ = now() + options_.flush_timeout; }
  /// Of an actor that is to stop: when all is said, or nobody hears it, or time is up. True: it ends.
  bool end(bool all_said) {
    if (!stop_by_) return false;
    if (!(all_said && on_the_way_ == 0) && connected_ && now() < *stop_by_) return false;
    client_->disconnect(options_.disconnect_timeout);
    self_->quit(caf::exit_reason::user_shutdown);
    return true;
  }

  /// A line in the log: of one cause once a minute.
  void say(runtime::log::level l, const std::string& text) {
    if (causes_.pass(text, now())) runtime::log::line(l, "{}: {}{}", options_.name, text, causes_.suffix());
  }

private:
  using kind = runtime::mqtt_event::kind;
  using time_point = std::chrono::steady_clock::time_point;

  time_point now() const { return self_->clock().now(); }
  void connect_later() { self_->delayed_send(self_, delay_.next(), caf::connect_atom_v); }

  void note(const runtime::mqtt_event& e) {
    switch (e.what) {
    case kind::connected:
      env_->counters.count(options_.connects);
      if (std::exchange(troubled_, false)) // the last word must not be that it failed
        say(runtime::log::level::info, fmt::format("connected to the MQTT broker {} again.", e.text));
      else
        runtime::log::verbose("{}: connected to the MQTT broker {}", options_.name, e.text);
      connected_ = true;
      connected_at_ = progress_ = now();
      break;
    case kind::connect_failed:
      say(runtime::log::level::error, e.text + " Retrying.");
      troubled_ = true;
      connect_later();
      break;
    case kind::try_again:
      say(runtime::log::level::warn, e.text);
      client_->connect();
      break;
    case kind::connection_lost:
      env_->counters.count(options_.losses);
      say(runtime::log::level::warn, e.text + " Reconnecting.");
      connected_ = false;
      troubled_ = true;
      if (now() - connected_at_ >= runtime::mqtt_stable_after) delay_.reset();
      connect_later();
      break;
    case kind::delivered:
    case kind::failed:
    case kind::unsent:
    case kind::refused:
      --on_the_way_;
      progress_ = now();
      break;
    default:
      break;
    }
  }

  Self self_ = nullptr;
  context_ptr env_;
  broker_link_options options_;
  std::unique_ptr<runtime::mqtt_client> client_;
  runtime::backoff delay_;
  runtime::log::cause_limiter causes_;
  bool connected_ = false;
  bool troubled_ = false; ///< the log tells of a failure
  size_t on_the_way_ = 0; ///< messages that were sent and have not ended
  time_point connected_at_{}, progress_{};
  std::optional<time_point> stop_by_; ///< it is stopping
};

} // namespace senseflow::actors
