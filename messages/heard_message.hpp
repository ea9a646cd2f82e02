// What others publish and this node listens to, and what it says in return.
#pragma once

#include "messages/shared_text.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace senseflow::messages {

/// All of it comes from outside: whoever may publish there has written what he likes.
struct heard_message {
  std::string topic;
  shared_text payload;
  bool retained = false; ///< the broker had kept it: nobody says it now
  uint8_t qos = 0;
  // With MQTT 5:
  std::string response_topic; ///< where an answer is to go; "" = not said
  std::string correlation;    ///< bytes that are to come with it
  std::map<std::string, std::string> user;
  int64_t at_ms = 0; ///< when it arrived, on the clock of the actors
};
inline bool operator==(const heard_message& a, const heard_message& b) {
  return a.topic == b.topic && a.payload == b.payload && a.retained == b.retained && a.qos == b.qos &&
         a.response_topic == b.response_topic && a.correlation == b.correlation && a.user == b.user &&
         a.at_ms == b.at_ms;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, heard_message& x) {
  return f(caf::meta::type_name("heard_message"), x.topic, x.payload, x.retained, x.qos, x.response_topic,
           x.correlation, x.user, x.at_ms);
}

/// A JSON object that is published at once, not retained, or not at all.
struct spoken_message {
  std::string topic;
  shared_text payload;
  std::string correlation;  ///< "" = none; needs MQTT 5
  shared_text if_too_large; ///< said instead when the broker takes no packet of that size; "" = nothing is
};
inline bool operator==(const spoken_message& a, const spoken_message& b) {
  return a.topic == b.topic && a.payload == b.payload && a.correlation == b.correlation &&
         a.if_too_large == b.if_too_large;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spoken_message& x) {
  return f(caf::meta::type_name("spoken_message"), x.topic, x.payload, x.correlation, x.if_too_large);
}

} // namespace senseflow::messages
