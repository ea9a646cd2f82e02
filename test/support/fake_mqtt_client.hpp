// An MQTT client whose broker is the test: it decides about connections and deliveries by hand.
#pragma once

#include "runtime/mqtt/client.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace senseflow::test {

/// What the test sees and does; outlives the client that an actor owns. `wake` is called on the test's
/// thread. Thread-safe.
class fake_broker {
public:
  struct sent_message {
    uint64_t token = 0;
    messages::mqtt_message message;
    uint64_t sequence = 0;
    std::string origin = {};
    uint32_t age_s = 0;
    bool awaited = false;
    std::string correlation = {};
  };

  explicit fake_broker(uint32_t window = 64) : window_(window) {}

  /// As the real client: without a session, what is on its way fails first.
  void accept(uint32_t receive_maximum = 65535, bool session_present = false) {
    change([&] {
      if (!connecting_) throw std::logic_error("nobody is connecting");
      connecting_ = false;
      connected_ = true;
      if (!session_present) fail_all();
      auto connack = std::make_shared<runtime::mqtt_connack>();
      connack->session_present = session_present;
      connack->receive_maximum = static_cast<uint16_t>(receive_maximum);
      connack->window = std::min(window_, receive_maximum);
      connack->mqtt5 = mqtt5_;
      connack->maximum_qos = maximum_qos_;
      events_.push_back({runtime::mqtt_event::kind::connected, 0, "a broker", connack});
    });
  }

  /// What it will say when it accepts.
  void speak(bool mqtt5, uint8_t maximum_qos = 2) {
    std::lock_guard lock(mutex_);
    mqtt5_ = mqtt5;
    maximum_qos_ = maximum_qos;
  }

  void reject(std::string why = "made to fail") {
    change([&] {
      if (!connecting_) throw std::logic_error("nobody is connecting");
      connecting_ = false;
      add(runtime::mqtt_event::kind::connect_failed, 0, std::move(why));
    });
  }

  void deny_presence() {
    change([&] { add(runtime::mqtt_event::kind::presence_denied, 0, "made to be denied"); });
  }

  void send_unsolicited(uint64_t n) {
    change([&] { add(runtime::mqtt_event::kind::unsolicited, n, "made to send"); });
  }

  void send(runtime::mqtt_received m) {
    change([&] {
      add(runtime::mqtt_event::kind::received);
      events_.back().message = std::make_shared<runtime::mqtt_received>(std::move(m));
      events_.back().when = std::chrono::steady_clock::now();
    });
  }

  void discard(std::string word, uint64_t n) {
    change([&] { add(runtime::mqtt_event::kind::discarded, n, std::move(word)); });
  }

  void grant_subscriptions() {
    change([&] { add(runtime::mqtt_event::kind::subscribed); });
  }

  void deny_subscription(uint64_t number = 0, std::string why = "made to be denied.") {
    change([&] { add(runtime::mqtt_event::kind::subscription_denied, number, std::move(why)); });
  }

  /// The next way is to be tried at once.
  void reject_this_way(std::string why = "made to fail") {
    change([&] {
      connecting_ = false;
      add(runtime::mqtt_event::kind::try_again, 0, std::move(why));
    });
  }

  /// Without a session that survives, all messages on their way fail first.
  void lose_connection(std::string why = "made to fail", bool session_stays = false,
                       runtime::mqtt_blame blame = runtime::mqtt_blame::likely) {
    change([&] {
      if (!session_stays) fail_all();
      connected_ = false;
      add(runtime::mqtt_event::kind::connection_lost, 0, std::move(why));
      events_.back().blame = blame;
    });
  }

  /// The oldest `n` messages on their way.
  void deliver(size_t n = 1) { settle(n, runtime::mqtt_event::kind::delivered); }
  void fail(size_t n = 1) { settle(n, runtime::mqtt_event::kind::failed); }
  void postpone(std::string word = "quota_exceeded") {
    settle(1, runtime::mqtt_event::kind::failed, std::move(word));
  }
  void refuse(std::string word = "refused") {
    settle(1, runtime::mqtt_event::kind::refused, std::move(word));
  }

  /// Likewise, while the client takes leave.
  void deliver_at_leave(size_t n) {
    std::lock_guard lock(mutex_);
    delivered_at_leave_ = n;
  }

  /// All messages on their way but the oldest `n` have not left; to be followed by `lose_connection`.
  void hand_back_but(size_t n) {
    change([&] {
      if (n > in_flight_.size()) throw std::logic_error("so many messages are not on their way");
      for (size_t i = n; i < in_flight_.size(); ++i)
        add(runtime::mqtt_event::kind::unsent, in_flight_[i].token);
      in_flight_.resize(n);
    });
  }

  /// Ends the message with this token, wherever in the order it is.
  void deliver_token(uint64_t token) { settle_token(token, runtime::mqtt_event::kind::delivered); }
  void hand_back_token(uint64_t token) { settle_token(token, runtime::mqtt_event::kind::unsent); }

  /// The next publishes get this answer instead (once each).
  void refuse_next_publishes(size_t n, runtime::publish_result with = runtime::publish_result::refused) {
    std::lock_guard lock(mutex_);
    answers_.insert(answers_.end(), n, with);
  }

  /// All messages accepted so far, in order, and those without an end.
  std::vector<sent_message> sent() const {
    std::lock_guard lock(mutex_);
    return sent_;
  }
  std::vector<sent_message> in_flight() const {
    std::lock_guard lock(mutex_);
    return in_flight_;
  }
  bool connecting() const {
    std::lock_guard lock(mutex_);
    return connecting_;
  }
  /// As the real client does while it is less than a quarter of the window: nobody is woken.
  void deliver_quietly() {
    std::lock_guard lock(mutex_);
    for (const auto& m : in_flight_) add(runtime::mqtt_event::kind::delivered, m.token);
    in_flight_.clear();
  }
  bool connected() const {
    std::lock_guard lock(mutex_);
    return connected_;
  }
  size_t connects() const {
    std::lock_guard lock(mutex_);
    return connects_;
  }
  size_t watches() const {
    std::lock_guard lock(mutex_);
    return watches_;
  }
  size_t announcements() const {
    std::lock_guard lock(mutex_);
    return announcements_;
  }
  size_t disconnects() const {
    std::lock_guard lock(mutex_);
    return disconnects_;
  }

private:
  friend class fake_mqtt_client;

  template <class Function>
  void change(Function f) {
    std::unique_lock lock(mutex_);
    f();
    wake(std::move(lock));
  }

  void add(runtime::mqtt_event::kind k, uint64_t token = 0, std::string text = {}) {
    events_.push_back({k, token, std::move(text), {}});
  }

  void fail_all() {
    for (const auto& m : in_flight_) add(runtime::mqtt_event::kind::failed, m.token);
    in_flight_.clear();
  }

  void settle(size_t n, runtime::mqtt_event::kind how, std::string text = {}) {
    change([&] {
      if (n > in_flight_.size()) throw std::logic_error("so many messages are not on their way");
      for (size_t i = 0; i < n; ++i) add(how, in_flight_[i].token, text);
      in_flight_.erase(in_flight_.begin(), in_flight_.begin() + static_cast<std::ptrdiff_t>(n));
    });
  }

  void settle_token(uint64_t token, runtime::mqtt_event::kind how) {
    change([&] {
      auto i = std::find_if(in_flight_.begin(), in_flight_.end(),
                            [token](const auto& m) { return m.token == token; });
      if (i == in_flight_.end()) throw std::logic_error("no message with this token is on its way");
      in_flight_.erase(i);
      add(how, token);
    });
  }

  void wake(std::unique_lock<std::mutex> lock) {
    if (woken_ || events_.empty() || !wake_) return;
    woken_ = true;
    const auto call = wake_;
    lock.unlock();
    call();
  }

  const uint32_t window_;
  mutable std::mutex mutex_;
  bool mqtt5_ = true;
  uint8_t maximum_qos_ = 2;
  bool connecting_ = false;
  bool connected_ = false;
  bool woken_ = false;
  size_t connects_ = 0;
  size_t disconnects_ = 0;
  size_t delivered_at_leave_ = 0;
  size_t watches_ = 0;
  size_t announcements_ = 0; ///< that were asked for
  std::vector<sent_message> sent_;
  std::vector<sent_message> in_flight_;
  std::vector<runtime::publish_result> answers_;
  std::vector<runtime::mqtt_event> events_;
  std::function<void()> wake_;
};

class fake_mqtt_client final : public runtime::mqtt_client {
public:
  explicit fake_mqtt_client(std::shared_ptr<fake_broker> broker) : broker_(std::move(broker)) {}

  /// A new client finds the broker as it is after the former one's connection was closed.
  ~fake_mqtt_client() override {
    std::lock_guard lock(broker_->mutex_);
    broker_->connecting_ = broker_->connected_ = broker_->woken_ = false;
    broker_->in_flight_.clear();
    broker_->events_.clear();
    broker_->wake_ = nullptr;
  }

  void on_event(std::function<void()> wake) override {
    broker_->change([&] {
      broker_->wake_ = std::move(wake);
      broker_->woken_ = false;
    });
  }

  std::vector<runtime::mqtt_event> take_events() override {
    std::lock_guard lock(broker_->mutex_);
    broker_->woken_ = false;
    return std::exchange(broker_->events_, {});
  }

  void connect() override {
    std::lock_guard lock(broker_->mutex_);
    if (broker_->connected_ || broker_->connecting_) return;
    broker_->connecting_ = true;
    ++broker_->connects_;
  }

  void watch() override {
    std::lock_guard lock(broker_->mutex_);
    ++broker_->watches_;
  }

  void announce() override {
    std::lock_guard lock(broker_->mutex_);
    ++broker_->announcements_;
  }

  void drop(std::string why) override {
    if (broker_->connected()) broker_->lose_connection(std::move(why));
  }

  void disconnect(std::chrono::milliseconds) override {
    broker_->deliver(std::exchange(broker_->delivered_at_leave_, 0));
    broker_->change([this] {
      broker_->fail_all();
      broker_->connecting_ = broker_->connected_ = false;
      ++broker_->disconnects_;
    });
  }

  runtime::publish_result publish(uint64_t token, const messages::mqtt_message& message,
                                  const runtime::publish_properties& p) override {
    std::lock_guard lock(broker_->mutex_);
    if (!broker_->answers_.empty()) {
      const auto answer = broker_->answers_.front();
      broker_->answers_.erase(broker_->answers_.begin());
      return answer;
    }
    if (!broker_->connected_) return runtime::publish_result::not_connected;
    if (broker_->in_flight_.size() >= broker_->window_) return runtime::publish_result::window_full;
    broker_->sent_.push_back(
        {token, message, p.sequence, std::string(p.origin), p.age_s, p.awaited, std::string(p.correlation)});
    broker_->in_flight_.push_back(broker_->sent_.back());
    return runtime::publish_result::sent;
  }

private:
  const std::shared_ptr<fake_broker> broker_;
};

} // namespace senseflow::test
