#include "runtime/mqtt/session.hpp"

#include <utility>

namespace senseflow::runtime {

mqtt_session::lost mqtt_session::start(bool mqtt5) {
  lost result;
  if (mqtt5_ && *mqtt5_ != mqtt5) result = forget();
  // MQTT 3.1.1 has no clean start: only a session that is not to stay.
  clean_ = mqtt5 ? !mqtt5_ && !kept_ : expiry_.count() == 0 || wipe_;
  return result;
}

std::string mqtt_session::objection(const mqtt_connack& x) {
  if (kept_ || mqtt5_ || x.mqtt5 || !x.session_present || clean_)
    return {}; // after a clean start it means nothing
  // Its packet ids would make the broker take our messages for repetitions.
  wipe_ = true;
  return "MQTT broker " + x.broker + " holds a session of a previous run. Starting a new one.";
}

mqtt_session::lost mqtt_session::accepted(const mqtt_connack& x) {
  lost result;
  if (!x.session_present || clean_) result = forget();
  const auto lasting = x.mqtt5 ? x.session_expiry.value_or(expiry_).count() > 0 : !clean_;
  if (lasting) mqtt5_ = x.mqtt5;
  in_flight.complete_first();
  wipe_ = false;
  return result;
}

mqtt_session::lost mqtt_session::ended() {
  lost result;
  if (mqtt5_ && is_stuck()) {
    wipe_ = !*mqtt5_;
    result = forget();
  } else if (mqtt5_) {
    result = in_flight.take_lost([this](int id) { return store.was_sent(id); });
  } else {
    result = forget();
  }
  return result;
}

// A message over which the broker ends the connection would be sent again by every session that is resumed:
// one that gets no further twice is given up, and the outbox decides about its messages.
bool mqtt_session::is_stuck() {
  const auto before = std::exchange(oldest_when_lost_, in_flight.oldest());
  if (!in_flight.being_completed() || before != oldest_when_lost_)
    fruitless_ = 0;
  else
    ++fruitless_;
  return fruitless_ >= 2;
}

mqtt_session::lost mqtt_session::forget() {
  mqtt5_.reset();
  store.forget();
  return {in_flight.take_all(), {}};
}

} // namespace senseflow::runtime
