#include "runtime/mqtt/client.hpp"

#include "runtime/mqtt/brokers.hpp"
#include "runtime/mqtt/event_queue.hpp"
#include "runtime/mqtt/in_flight.hpp"
#include "runtime/mqtt/nodelay.hpp"
#include "runtime/mqtt/paho_connection.hpp"
#include "runtime/mqtt/presence.hpp"
#include "runtime/mqtt/reasons.hpp"
#include "runtime/mqtt/session_store.hpp"
#include "runtime/mqtt/tls_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace senseflow::runtime {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using kind = mqtt_event::kind;

constexpr uint64_t birth = 0, farewell = std::numeric_limits<uint64_t>::max(); // serials of presence

// Every attempt to connect has a Paho connection of its own; what continues over them is in `store_` and
// `in_flight_`. Paho's callbacks come with its global lock held: they only note what happened, and `mutex_`
// is never held while Paho is called. Those of a connection that was given up are known by its number and
// have no effect. Destroying a connection waits for callbacks under way, so that is done without the lock.
class paho_client final : public mqtt_client, private paho_connection::listener {
public:
  explicit paho_client(const mqtt_options& o) : options_(o), brokers_(o) {}

  ~paho_client() override {
    on_event({});
    if (!options_.presence.topic.empty()) disconnect(500ms);
    connection_.reset();
    given_up_.reset();
  }

  void on_event(std::function<void()> wake) override { events_.on_event(std::move(wake)); }

  std::vector<mqtt_event> take_events() override {
    std::unique_lock lock(mutex_);
    const auto lost = std::move(given_up_);
    lock.unlock();
    return events_.take(); // then destroys it: soon after the loss, see README.md
  }

  void connect() override {
    std::unique_lock lock(mutex_);
    if (state_ != state::idle) return;
    state_ = state::connecting;
    const auto target = target_ = brokers_.next(clock::now());
    if (session_ && session_->mqtt5 != target.mqtt5) forget_session();
    const auto number = ++number_;
    // MQTT 3.1.1 has no clean start: only a session that is not to stay.
    clean_ = target.mqtt5 ? !session_ : options_.session_expiry.count() == 0 || wipe_;
    const auto clean = clean_;
    auto former = std::move(connection_), lost = std::move(given_up_);
    lock.unlock();
    former.reset(); // before its client id is used again
    lost.reset();
    store_.seal(false);
    if (auto problem = tls_file_problem(options_); !problem.empty())
      return attempt_failed(number, mqtt_brokers::failure::other, std::move(problem));
    try {
      paho_connection::listener& self = *this;
      auto* const store = options_.session_expiry.count() > 0 ? &store_ : nullptr;
      const auto made = std::make_shared<paho_connection>(self, number, options_, target, store);
      lock.lock();
      if (number != number_) return;
      connection_ = made;
      lock.unlock();
      if (!made->connect(options_, target, clean)) connect_failed(number, {});
    } catch (const std::runtime_error& e) {
      attempt_failed(number, mqtt_brokers::failure::other,
                     fmt::format("MQTT broker {}: {}", target.name(), e.what()));
    }
  }

  void disconnect(std::chrono::milliseconds timeout) override {
    const auto deadline = clock::now() + timeout;
    std::unique_lock lock(mutex_);
    const auto was_connected = std::exchange(state_, state::closing) == state::connected;
    const auto ending = std::move(connection_), lost = std::move(given_up_);
    const auto limits = connack_;
    farewell_sent_ = false;
    lock.unlock();
    if (ending && was_connected) {
      const auto said = say(*ending, *limits, presence::offline, farewell);
      lock.lock();
      if (said) changed_.wait_until(lock, deadline, [&] { return farewell_sent_ || lost_; });
      lock.unlock();
      ending->disconnect(deadline);
    }
    lock.lock();
    forget_session();
    ++number_;
    state_ = state::idle;
    wake_up(std::move(lock));
  }

  void drop(std::string why) override {
    std::unique_lock lock(mutex_);
    if (state_ == state::connected) lose(std::move(lock), std::move(why));
  }

  publish_result publish(uint64_t token, const messages::mqtt_message& m,
                         const publish_properties& p) override {
    if (!fits_into_mqtt(m)) return publish_result::refused;
    auto properties = mqtt5_properties(m, p);
    std::unique_lock lock(mutex_);
    if (state_ != state::connected) return publish_result::not_connected;
    const auto& limits = *connack_;
    const auto qos = std::min(m.qos, limits.maximum_qos);
    const auto retain = m.retain && limits.retain_available;
    if (in_flight_.size() >= options_.window || in_flight_.being_completed() ||
        (qos > 0 && in_flight_.with_acknowledgement() >= limits.receive_maximum))
      return publish_result::window_full;
    if (limits.maximum_packet_size > 0 &&
        publish_packet_bytes(m, limits.mqtt5, properties) > limits.maximum_packet_size)
      return publish_result::too_large;
    if (!limits.mqtt5) properties.clear();
    const auto serial = in_flight_.add(token, qos);
    auto through = connection_;
    const auto number = number_;
    lock.unlock();
    const auto done = through->publish(serial, m.topic, m.payload, qos, retain, std::move(properties));
    through.reset(); // if it is the last one, without the lock
    lock.lock();
    if (done.code != MQTTASYNC_SUCCESS)
      // If the connection was lost meanwhile the token's end is among the events already.
      return in_flight_.take(serial) ? paho_result(done.code) : publish_result::sent;
    if (number == number_) {
      in_flight_.set_packet(serial, done.packet_id);
    } else if (qos > 0) { // lost before its packet was known
      report(in_flight_.decide(serial, done.packet_id, store_.was_sent(done.packet_id)));
      wake_up(std::move(lock));
    }
    return publish_result::sent;
  }

private:
  enum class state : uint8_t { idle, connecting, connected, closing };

  // --- what Paho reports --------------------------------------------------------------------------

  void connected(uint64_t number, const mqtt_connack& x) override {
    std::unique_lock lock(mutex_);
    if (number != number_ || state_ != state::connecting) return;
    brokers_.connected(clock::now());
    if (auto why = unwanted(x); !why.empty()) {
      give_up_connection();
      events_.push({kind::try_again, 0, std::move(why)});
      return wake_up(std::move(lock));
    }
    if (!x.session_present) forget_session();
    const auto lasting = x.mqtt5 ? x.session_expiry.value_or(options_.session_expiry).count() > 0 : !clean_;
    if (lasting) session_ = session{x.mqtt5};
    in_flight_.complete_first();
    auto told = std::make_shared<mqtt_connack>(x);
    told->window = std::min<uint32_t>(options_.window, x.receive_maximum);
    connack_ = told;
    lost_ = wipe_ = false;
    dismissal_ = 0;
    dismissal_words_.clear();
    auto* const through = connection_.get(); // who destroys it waits for us
    lock.unlock();
    switch_nagle_off(target_.host, target_.port);
    say(*through, *told, presence::online, birth);
    lock.lock();
    if (state_ != state::connecting) return;
    state_ = state::connected;
    events_.push({kind::connected, 0, described(*told), told});
    wake_up(std::move(lock));
  }

  void connect_failed(uint64_t number, const paho_failure& f) override {
    using failure = mqtt_brokers::failure;
    std::unique_lock lock(mutex_);
    const auto to = target_;
    lock.unlock();
    const auto why = f.refused_version()  ? failure::refused_version
                     : f.refused_retain() ? failure::refused_retain
                     : f.refused_qos()    ? failure::refused_qos
                     : f.ended_early()    ? failure::ended_early
                                          : failure::other;
    attempt_failed(number, why, connect_problem(options_, to, f));
  }

  void dismissed(uint64_t number, int reason, const mqtt_connack& words) override {
    std::lock_guard lock(mutex_);
    if (number != number_) return;
    dismissal_ = reason;
    dismissal_words_ = words.reason;
    if (words.server_reference.empty()) return;
    if (!dismissal_words_.empty()) dismissal_words_ += ' ';
    dismissal_words_ += "use " + words.server_reference;
    if (!brokers_.prefer(words.server_reference)) dismissal_words_ += " (not one of the brokers configured)";
  }

  void connection_lost(uint64_t number) override {
    std::unique_lock lock(mutex_);
    lost_ = true;
    changed_.notify_all();
    if (number != number_ || state_ != state::connected) return;
    lose(std::move(lock), lost_connection(options_, target_, dismissal_, dismissal_words_));
  }

  void lose(std::unique_lock<std::mutex> lock, std::string why) {
    if (session_ && is_stuck()) {
      wipe_ = !session_->mqtt5;
      forget_session();
    } else if (session_) {
      report(in_flight_.take_lost([this](int id) { return store_.was_sent(id); }));
    } else {
      forget_session();
    }
    give_up_connection();
    events_.push({kind::connection_lost, 0, std::move(why)});
    wake_up(std::move(lock));
  }

  void delivered(uint64_t number, uint64_t serial) override {
    std::unique_lock lock(mutex_);
    if (serial == farewell) {
      farewell_sent_ = true;
      changed_.notify_all();
    } else if (number == number_) {
      settle(std::move(lock), serial, kind::delivered, {});
    }
  }

  void not_delivered(uint64_t number, uint64_t serial, int reason) override {
    std::unique_lock lock(mutex_);
    if (number != number_) return;
    if (reason >= 0x80 && !is_temporary(reason))
      settle(std::move(lock), serial, kind::refused, std::string(refusal_word(reason)));
    else if (reason >= 0x80)
      settle(std::move(lock), serial, kind::failed, {});
    // Else the write failed, and the connection will be lost: that decides.
  }

  void acknowledged(uint64_t number, int packet_id) override {
    std::unique_lock lock(mutex_);
    if (number != number_) return;
    if (const auto token = in_flight_.take_packet(packet_id)) {
      events_.push({kind::delivered, *token});
      wake_up(std::move(lock));
    }
  }

  // --- the rest -------------------------------------------------------------------------------------

  void attempt_failed(uint64_t number, mqtt_brokers::failure why, std::string text) {
    using advice = mqtt_brokers::advice;
    std::unique_lock lock(mutex_);
    if (number != number_ || state_ != state::connecting) return;
    give_up_connection();
    const auto next = brokers_.failed(why, clock::now());
    if (next == advice::older_version)
      text = fmt::format("MQTT broker {} {}: trying MQTT 3.1.1", target_.name(),
                         why == mqtt_brokers::failure::refused_version
                             ? "does not speak MQTT 5"
                             : "ended the connection before it was up");
    else if (next == advice::lesser_will)
      text = fmt::format("MQTT broker {} {}: connecting with a will that it takes", target_.name(),
                         why == mqtt_brokers::failure::refused_retain
                             ? "keeps no retained messages"
                             : "does not serve this quality of service");
    else if (next == advice::next_broker)
      text += fmt::format(" Trying {}", brokers_.next(clock::now()).name());
    events_.push({next == advice::later ? kind::connect_failed : kind::try_again, 0, std::move(text)});
    wake_up(std::move(lock));
  }

  // Why we want another connection instead of this one; empty if we don't.
  std::string unwanted(const mqtt_connack& x) {
    if (!session_ && !x.mqtt5 && x.session_present) {
      // Of a former process: its packet ids would make the broker take our messages for repetitions.
      wipe_ = true;
      return fmt::format("MQTT broker {} holds the session of a former process: starting a new one",
                         x.broker);
    }
    if (x.keep_alive && x.keep_alive->count() > 0 && *x.keep_alive < target_.keep_alive) {
      brokers_.use_keep_alive(*x.keep_alive); // Paho takes it with a CONNECT only
      return fmt::format("MQTT broker {} wants a keep alive of {} s: connecting with that", x.broker,
                         x.keep_alive->count());
    }
    return {};
  }

  // A message over which the broker ends the connection would be sent again by every session that is resumed:
  // one that gets no further twice is given up, and the outbox decides about its messages.
  bool is_stuck() {
    const auto before = std::exchange(oldest_when_lost_, in_flight_.oldest());
    if (!in_flight_.being_completed() || before != oldest_when_lost_)
      fruitless_ = 0;
    else
      ++fruitless_;
    return fruitless_ >= 2;
  }

  void give_up_connection() {
    state_ = state::idle;
    ++number_;
    store_.seal(true);
    given_up_ = std::move(connection_); // not destroyed here: Paho is calling us
  }

  void forget_session() {
    for (const auto token : in_flight_.take_all()) events_.push({kind::failed, token});
    session_.reset();
    store_.forget();
  }

  void settle(std::unique_lock<std::mutex> lock, uint64_t serial, kind how, std::string text) {
    if (const auto token = in_flight_.take(serial)) events_.push({how, *token, std::move(text)});
    wake_up(std::move(lock));
  }

  void report(const mqtt_in_flight::lost& x) {
    for (const auto token : x.failed) events_.push({kind::failed, token});
    for (const auto token : x.unsent) events_.push({kind::unsent, token});
  }

  void wake_up(std::unique_lock<std::mutex> lock) {
    lock.unlock();
    events_.wake_up();
  }

  bool say(paho_connection& to, const mqtt_connack& limits, const char* what, uint64_t serial) {
    if (options_.presence.topic.empty()) return false;
    const auto qos = std::min(presence::qos, limits.maximum_qos);
    return to.publish(serial, options_.presence.topic, what, qos, limits.retain_available, {}).code ==
           MQTTASYNC_SUCCESS;
  }

  const mqtt_options options_;
  mqtt_event_queue events_; // pushed to with the lock, so that their order is that of what happened
  mqtt_session_store store_;

  struct session {
    bool mqtt5 = true;
  };

  std::mutex mutex_; // guards all below
  std::condition_variable changed_;
  mqtt_brokers brokers_;
  mqtt_brokers::target target_; // of the current or last connection
  state state_ = state::idle;
  std::shared_ptr<paho_connection> connection_, given_up_;
  uint64_t number_ = 0;            // of the connection
  std::optional<session> session_; // the broker knows it
  bool clean_ = true;              // as asked for in the last attempt
  uint64_t oldest_when_lost_ = 0;  // serial
  int fruitless_ = 0;              // connections in a row that completed nothing
  bool wipe_ = false;              // MQTT 3.1.1: the next attempt removes the broker's session
  bool lost_ = false, farewell_sent_ = false;
  int dismissal_ = 0; // reason of the broker's DISCONNECT
  std::string dismissal_words_;
  std::shared_ptr<const mqtt_connack> connack_;
  mqtt_in_flight in_flight_; // at most the window
};

} // namespace

std::unique_ptr<mqtt_client> make_mqtt_client(const mqtt_options& options) {
  return std::make_unique<paho_client>(options);
}

} // namespace senseflow::runtime
