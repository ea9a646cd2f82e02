#include "runtime/mqtt/paho_connection.hpp"

#include "runtime/mqtt/mqtt5_properties.hpp"
#include "runtime/mqtt/paho_handle.hpp"
#include "runtime/mqtt/paho_trace.hpp"
#include "runtime/mqtt/presence.hpp"
#include "runtime/mqtt/reasons.hpp"

#include <algorithm>
#include <utility>

// Paho C 1.3.12 sends properties with a DISCONNECT only if its struct says that it is of version 1, and Paho
// C++ 1.2 says so never: its test is the only friend who can.
namespace mqtt {
class disconnect_options_test {
public:
  static void enable_properties(disconnect_options& o) { o.opts_.struct_version = 1; }
};
} // namespace mqtt

namespace senseflow::runtime {
namespace {

mqtt::create_options creation(bool mqtt5, uint32_t window) {
  mqtt::create_options o(mqtt5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1);
  o.set_max_buffered_messages(static_cast<int>(window) + 8);
  o.set_persist_qos0(false);
  return o;
}

// The library ends its threads with its last client and needs a second for that, under its lock. This client
// never connects and is never destroyed: it keeps the threads, so that closing a connection is quick.
void keep_paho_running() {
  [[maybe_unused]] static const auto* const anchor = [] {
    forget_proxy_variables();
    auto* const result = new mqtt::async_client("tcp://127.0.0.1:1", "");
    follow_paho_trace();
    return result;
  }();
}

} // namespace

void paho_connection::attempt::on_success(const mqtt::token& t) {
  mqtt_connack x;
  try {
    const auto response = t.get_connect_response();
    x = read_connack(response.get_properties());
    x.session_present = response.is_session_present();
  } catch (const mqtt::exception&) { // Paho has none
  }
  x.broker = owner.broker_;
  x.mqtt5 = owner.mqtt5_;
  // Not before: Paho takes out what is left of a session that the broker has lost, too. (The listener is
  // there as long as the store, this connection is not.)
  if (owner.store_ != nullptr)
    owner.store_->on_acknowledged(
        [&l = owner.listener_, number = owner.number_](int id) { l.acknowledged(number, id); });
  owner.up_ = true;
  owner.listener_.connected(owner.number_, x);
}

void paho_connection::attempt::on_failure(const mqtt::token& t) {
  paho_failure f{t.get_return_code(), {}, owner.dismissal_, take_paho_hint().http_status};
  try {
    t.get_connect_response(); // throws, as it is the only way to Paho's words
  } catch (const mqtt::exception& e) {
    f.message = e.get_message();
  }
  owner.listener_.connect_failed(owner.number_, f);
}

paho_connection::delivery* paho_connection::begin(uint64_t serial) {
  std::lock_guard lock(mutex_);
  if (spare_.empty()) {
    spare_.reserve(deliveries_.size() + 1); // `end` is called from C: it must not throw
    return &deliveries_.emplace_back(delivery{this, serial});
  }
  auto* const result = spare_.back();
  spare_.pop_back();
  result->serial = serial;
  return result;
}

void paho_connection::end(void* of_delivery, int reason) {
  auto* const d = static_cast<delivery*>(of_delivery);
  auto& self = *d->owner;
  const auto serial = d->serial;
  {
    std::lock_guard lock(self.mutex_);
    self.spare_.push_back(d);
  }
  self.listener_.message_ended(self.number_, serial, reason);
}

paho_connection::paho_connection(listener& l, uint64_t number, const mqtt_options& o,
                                 const mqtt_brokers::target& to, mqtt_session_store* store,
                                 mqtt_subscriptions* subscriptions)
    : listener_(l), number_(number), mqtt5_(to.mqtt5), broker_(to.name()), instance_(o.instance),
      store_(store),
      subscriptions_(subscriptions != nullptr && subscriptions->any() ? subscriptions : nullptr),
      attempt_(*this),
      paho_((keep_paho_running(), paho_uri(o, to)), o.client_id, creation(mqtt5_, o.window), store) {
  if (store != nullptr) store->serve(paho_);
  paho_.set_connection_lost_handler([this](const std::string&) {
    std::optional<mqtt_dismissal> why;
    if (take_paho_hint().no_pings) why = mqtt_dismissal{0, {}, {}, true};
    listener_.ended(number_, why);
  });
  // Without it Paho keeps all that the broker sends, for ever.
  paho_.set_message_callback([this](const mqtt::const_message_ptr& m) {
    if (subscriptions_ != nullptr) return subscriptions_->received(*m);
    std::lock_guard lock(mutex_);
    if (unsolicited_.messages++ > 0) return;
    const auto& topic = m->get_topic();
    unsolicited_.topic = cleaned(topic.data(), topic.size());
  });
  // Nothing else is heard of a connection that is up. Of one that is not, on_failure comes next.
  paho_.set_disconnected_handler([this](const mqtt::properties& p, mqtt::ReasonCode reason) {
    const auto said = read_connack(p);
    dismissal_ = mqtt_dismissal{reason, said.reason, said.server_reference};
    if (up_) listener_.ended(number_, dismissal_);
  });
}

bool paho_connection::connect(const mqtt_options& o, const mqtt_brokers::target& to, bool clean) {
  mqtt::connect_options options;
  set_paho_options(options, o, to, clean);
  try {
    paho_.connect(options, nullptr, attempt_);
    return true;
  } catch (const mqtt::exception&) {
    return false;
  }
}

paho_connection::published paho_connection::publish(uint64_t serial, const std::string& topic,
                                                    const std::string& payload, uint8_t qos, bool retain,
                                                    const MQTTProperties& properties) {
  MQTTAsync_responseOptions o = MQTTAsync_responseOptions_initializer;
  auto* const context = begin(serial);
  o.context = context;
  if (mqtt5_) {
    o.onSuccess5 = [](void* d, MQTTAsync_successData5*) { end(d, 0); };
    o.onFailure5 = [](void* d, MQTTAsync_failureData5* why) {
      // With a code it is no answer of the broker's, and Paho may have left the reason uninitialized.
      const bool refused = why != nullptr && why->code == MQTTASYNC_SUCCESS && why->reasonCode >= 0x80;
      end(d, refused ? why->reasonCode : not_written);
    };
    o.properties = properties;
  } else {
    o.onSuccess = [](void* d, MQTTAsync_successData*) { end(d, 0); };
    o.onFailure = [](void* d, MQTTAsync_failureData*) { end(d, not_written); };
  }
  const auto code = MQTTAsync_send(paho_handle(paho_), topic.c_str(), static_cast<int>(payload.size()),
                                   payload.data(), qos, retain ? 1 : 0, &o);
  if (code == MQTTASYNC_SUCCESS) return {code, o.token};
  std::lock_guard lock(mutex_);
  spare_.push_back(context);
  return {code, 0};
}

bool paho_connection::announce(uint64_t serial, const std::string& topic, const char* what,
                               const mqtt_connack& limits) {
  const auto qos = std::min(presence::qos, limits.maximum_qos);
  publish_properties more;
  more.instance = instance_;
  const mqtt5_properties with_instance({topic, what, qos, true}, more);
  const MQTTProperties none = MQTTProperties_initializer;
  return publish(serial, topic, what, qos, limits.retain_available,
                 instance_.empty() ? none : with_instance.list())
             .code == MQTTASYNC_SUCCESS;
}

void paho_connection::subscribe() {
  if (subscriptions_ != nullptr) subscriptions_->begin(paho_handle(paho_), mqtt5_, broker_);
}

paho_connection::unsolicited paho_connection::take_unsolicited() {
  std::lock_guard lock(mutex_);
  return std::exchange(unsolicited_, {});
}

void paho_connection::disconnect(std::chrono::steady_clock::time_point deadline, bool keeps_session) {
  if (store_ != nullptr) store_->on_acknowledged({}); // Paho takes out the whole session
  mqtt::disconnect_options o;
  if (mqtt5_ && !keeps_session) {
    o.set_properties({{mqtt::property::SESSION_EXPIRY_INTERVAL, 0}});
    mqtt::disconnect_options_test::enable_properties(o);
  }
  try {
    paho_.disconnect(o)->wait_until(deadline);
  } catch (const mqtt::exception&) { // it was lost in between
  }
}

} // namespace senseflow::runtime
