#include "runtime/mqtt_client.hpp"

#include "runtime/mqtt_connect_options.hpp"
#include "runtime/mqtt_nodelay.hpp"
#include "runtime/mqtt_tls_files.hpp"
#include "runtime/paho_errors.hpp"

#include <mqtt/async_client.h>

#include <map>
#include <mutex>
#include <utility>

namespace senseflow::runtime {
namespace {

// The library ends its threads with its last client and needs a second for that, under its lock. This client
// never connects and is never destroyed: it keeps the threads, so that closing a connection is quick.
void keep_paho_running() {
  [[maybe_unused]] static const auto* const anchor = [] {
    watch_paho_errors();
    return new mqtt::async_client("tcp://127.0.0.1:1", "");
  }();
}

bool can_be_sent(const messages::mqtt_message& m) {
  constexpr size_t most = 268'435'455; // bytes after the fixed header
  const auto topic = m.topic.view();
  return !topic.empty() && topic.size() <= 65'535 &&
         topic.find_first_of(std::string_view("+#\0", 3)) == topic.npos && m.qos <= 2 &&
         m.payload.size() <= most - topic.size() - 4;
}

publish_result result_of(int paho_code) {
  switch (paho_code) {
  case MQTTASYNC_MAX_BUFFERED_MESSAGES:
  case MQTTASYNC_MAX_MESSAGES_INFLIGHT:
  case MQTTASYNC_NO_MORE_MSGIDS:
    return publish_result::window_full;
  case MQTTASYNC_BAD_UTF8_STRING:
  case MQTTASYNC_BAD_QOS:
  case MQTTASYNC_TOPICNAME_TRUNCATED:
    return publish_result::refused;
  default:
    return publish_result::not_connected;
  }
}

// Paho's callbacks come with its global lock held: they only note what happened, and `mutex_` is never held
// while Paho is called. Every attempt to connect has a Paho client of its own, since an old one would send
// what it still has in its queue after the next connect. Destroying one waits for callbacks on their way;
// none comes later.
class paho_client final : public mqtt_client {
public:
  explicit paho_client(const mqtt_options& o) : options_(o), listener_(*this) { keep_paho_running(); }

  ~paho_client() override {
    on_event({});
    attempt_.reset();
  }

  void on_event(std::function<void()> wake) override {
    std::unique_lock lock(mutex_);
    wake_ = std::move(wake);
    woken_ = false;
    call_wake(std::move(lock));
  }

  std::vector<mqtt_event> take_events() override {
    std::lock_guard lock(mutex_);
    woken_ = false;
    return std::exchange(events_, {});
  }

  void connect() override {
    std::unique_lock lock(mutex_);
    if (state_ != state::idle) return;
    state_ = state::connecting;
    const auto number = ++attempts_;
    const auto former = std::move(attempt_); // destroyed at the end, without the lock
    lock.unlock();
    if (auto problem = tls_file_problem(options_); !problem.empty())
      return connect_failed(number, std::move(problem));
    try {
      auto made = std::make_shared<attempt>(*this, number);
      lock.lock();
      attempt_ = made;
      lock.unlock();
      made->paho.connect(paho_options(options_), nullptr, *made);
    } catch (const mqtt::exception& e) {
      connect_failed(number, connect_problem(options_, {e.get_return_code(), e.get_message(), false}));
    }
  }

  void disconnect(std::chrono::milliseconds timeout) override {
    std::unique_lock lock(mutex_);
    const auto was_connected = std::exchange(state_, state::closing) == state::connected;
    auto ending = std::move(attempt_);
    lock.unlock();
    if (ending && was_connected) {
      try {
        ending->paho.disconnect(0)->wait_for(timeout);
      } catch (const mqtt::exception&) { // it was lost in between
      }
    }
    ending.reset();
    lock.lock();
    state_ = state::idle;
    fail_in_flight();
    call_wake(std::move(lock));
  }

  publish_result publish(uint64_t token, const messages::mqtt_message& m) override {
    if (!can_be_sent(m)) return publish_result::refused;
    std::unique_lock lock(mutex_);
    if (state_ != state::connected) return publish_result::not_connected;
    if (in_flight_.size() >= options_.window) return publish_result::window_full;
    const auto serial = ++serials_;
    in_flight_.emplace_hint(in_flight_.end(), serial, token);
    const auto through = attempt_;
    lock.unlock();
    try {
      through->paho.publish(mqtt::make_message(mqtt::string_ref(m.topic.pointer()),
                                               mqtt::binary_ref(m.payload.pointer()), m.qos, m.retain),
                            reinterpret_cast<void*>(serial), listener_);
      return publish_result::sent;
    } catch (const mqtt::exception& e) {
      lock.lock();
      // If the connection was lost meanwhile the token's `failed` is among the events already.
      return in_flight_.erase(serial) == 1 ? result_of(e.get_return_code()) : publish_result::sent;
    }
  }

private:
  enum class state : uint8_t { idle, connecting, connected, closing };

  // One connection, from the attempt to its end; listens to the outcome of the attempt.
  struct attempt final : mqtt::iaction_listener {
    attempt(paho_client& o, uint64_t n)
        : owner(o), number(n), paho(paho_uri(o.options_), o.options_.client_id) {
      paho.set_connection_lost_handler([this](const std::string&) { owner.connection_lost(number); });
    }

    void on_success(const mqtt::token&) override { owner.connected(number); }

    void on_failure(const mqtt::token& t) override {
      paho_failure f{t.get_return_code(), {}, take_name_unknown()};
      try {
        t.get_connect_response(); // throws, as it is the only way to Paho's words
      } catch (const mqtt::exception& e) {
        f.message = e.get_message();
      }
      owner.connect_failed(number, connect_problem(owner.options_, f));
    }

    paho_client& owner;
    const uint64_t number;
    mqtt::async_client paho;
  };

  // The user context of a message is its serial number: a late callback finds nothing and has no effect.
  struct delivery_listener final : mqtt::iaction_listener {
    explicit delivery_listener(paho_client& o) : owner(o) {}
    void on_success(const mqtt::token& t) override { owner.settle(t, mqtt_event::kind::delivered); }
    void on_failure(const mqtt::token& t) override { owner.settle(t, mqtt_event::kind::failed); }
    paho_client& owner;
  };

  void connected(uint64_t number) {
    switch_nagle_off(options_.host, options_.port);
    std::unique_lock lock(mutex_);
    if (number != attempts_ || state_ != state::connecting) return;
    state_ = state::connected;
    events_.push_back({mqtt_event::kind::connected, 0, {}});
    call_wake(std::move(lock));
  }

  void connect_failed(uint64_t number, std::string why) {
    std::unique_lock lock(mutex_);
    if (number != attempts_ || state_ != state::connecting) return;
    state_ = state::idle;
    events_.push_back({mqtt_event::kind::connect_failed, 0, std::move(why)});
    call_wake(std::move(lock));
  }

  void connection_lost(uint64_t number) {
    std::unique_lock lock(mutex_);
    if (number != attempts_ || state_ != state::connected) return;
    state_ = state::idle;
    fail_in_flight();
    events_.push_back({mqtt_event::kind::connection_lost, 0, lost_connection(options_)});
    call_wake(std::move(lock));
  }

  void settle(const mqtt::token& t, mqtt_event::kind how) {
    std::unique_lock lock(mutex_);
    const auto found = in_flight_.find(reinterpret_cast<uint64_t>(t.get_user_context()));
    if (found == in_flight_.end()) return;
    events_.push_back({how, found->second, {}});
    in_flight_.erase(found);
    call_wake(std::move(lock));
  }

  void fail_in_flight() {
    for (const auto& entry : in_flight_) events_.push_back({mqtt_event::kind::failed, entry.second, {}});
    in_flight_.clear();
  }

  void call_wake(std::unique_lock<std::mutex> lock) {
    if (woken_ || events_.empty() || !wake_) return;
    woken_ = true;
    const auto wake = wake_;
    lock.unlock();
    wake();
  }

  const mqtt_options options_;
  delivery_listener listener_;

  std::mutex mutex_; // guards all below
  state state_ = state::idle;
  uint64_t attempts_ = 0;
  uint64_t serials_ = 0;
  std::map<uint64_t, uint64_t> in_flight_; // serial number -> token; at most the window
  std::vector<mqtt_event> events_;
  std::function<void()> wake_;
  bool woken_ = false; // `wake_` has been called since the last take_events
  std::shared_ptr<attempt> attempt_;
};

} // namespace

std::unique_ptr<mqtt_client> make_mqtt_client(const mqtt_options& options) {
  return std::make_unique<paho_client>(options);
}

} // namespace senseflow::runtime
