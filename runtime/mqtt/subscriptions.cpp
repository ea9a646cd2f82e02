#include "runtime/mqtt/subscriptions.hpp"

#include "runtime/mqtt/reasons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace senseflow::runtime {
namespace {

using kind = mqtt_event::kind;

constexpr int refused_by_311 = 0x80; // all that MQTT 3.1.1 says

constexpr size_t most_user_properties = 20, longest_user_property = 256;

void read_properties(mqtt_received& to, const mqtt::properties& from) {
  using code = mqtt::property;
  if (from.contains(code::RESPONSE_TOPIC))
    to.response_topic = mqtt::get<std::string>(from, code::RESPONSE_TOPIC);
  if (from.contains(code::CORRELATION_DATA))
    to.correlation = mqtt::get<std::string>(from, code::CORRELATION_DATA);
  const auto n = std::min(from.count(code::USER_PROPERTY), most_user_properties);
  for (size_t i = 0; i < n; ++i) {
    auto [name, value] = mqtt::get<mqtt::string_pair>(from, code::USER_PROPERTY, i);
    if (name.size() <= longest_user_property && value.size() <= longest_user_property)
      to.user[std::move(name)] = std::move(value);
  }
}

} // namespace

mqtt_subscriptions::mqtt_subscriptions(const std::vector<mqtt_subscription>& wanted, mqtt_event_queue& to)
    : to_(to) {
  for (const auto& x : wanted) requests_.push_back({this, x});
}

void mqtt_subscriptions::begin(MQTTAsync connection, bool mqtt5, const std::string& broker) {
  {
    std::lock_guard lock(mutex_);
    granted_ = 0;
    broker_ = broker;
  }
  for (auto& r : requests_) {
    MQTTAsync_responseOptions o = MQTTAsync_responseOptions_initializer;
    o.context = &r;
    if (mqtt5) {
      o.subscribeOptions.noLocal = r.what.no_local ? 1 : 0;
      o.subscribeOptions.retainAsPublished = r.what.retain_as_published ? 1 : 0;
      o.onSuccess5 = [](void* x, MQTTAsync_successData5* d) {
        answered(x, d != nullptr ? static_cast<int>(d->reasonCode) : 0);
      };
      // Without a reason of the broker's the connection has ended: that is told elsewhere.
      o.onFailure5 = [](void* x, MQTTAsync_failureData5* d) {
        if (d != nullptr && d->reasonCode >= 0x80) answered(x, static_cast<int>(d->reasonCode));
      };
    } else {
      o.onSuccess = [](void* x, MQTTAsync_successData* d) { answered(x, d != nullptr ? d->alt.qos : 0); };
      o.onFailure = [](void* x, MQTTAsync_failureData* d) {
        if (d != nullptr && d->code == refused_by_311) answered(x, refused_by_311);
      };
    }
    MQTTAsync_subscribe(connection, r.what.filter.c_str(), r.what.qos, &o);
  }
}

void mqtt_subscriptions::answered(void* of_request, int reason) {
  const auto& r = *static_cast<request*>(of_request);
  r.owner->note(r, reason);
}

void mqtt_subscriptions::note(const request& r, int reason) {
  {
    std::lock_guard lock(mutex_);
    if (reason >= 0x80)
      to_.push({kind::subscription_denied, static_cast<uint64_t>(&r - requests_.data()),
                fmt::format("MQTT broker {} refuses the subscription to \"{}\" ({}).", broker_, r.what.filter,
                            reason == refused_by_311 ? "no reason given" : reason_words(reason))});
    else if (++granted_ == requests_.size())
      to_.push({kind::subscribed});
    else
      return;
  }
  to_.wake_up();
}

void mqtt_subscriptions::received(const mqtt::message& m) {
  const auto& payload = m.get_payload();
  if (payload.size() > mqtt_largest_received) {
    to_.discarded("too_large");
  } else {
    auto x = std::make_shared<mqtt_received>();
    x->topic = m.get_topic();
    x->payload = payload;
    x->qos = static_cast<uint8_t>(m.get_qos());
    x->retain = m.is_retained();
    read_properties(*x, m.get_properties());
    to_.push_received(std::move(x));
  }
  to_.wake_up();
}

} // namespace senseflow::runtime
