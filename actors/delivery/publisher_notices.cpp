#include "actors/delivery/publisher_notices.hpp"

#include "actors/context.hpp"

#include <caf/timestamp.hpp>

namespace senseflow::actors {

using kind = runtime::mqtt_event::kind;
using runtime::broker_notice;

publisher_notices::publisher_notices(context& env, uint32_t slot, uint32_t window)
    : slot_(slot), work_(env.meters.of(names::publisher(slot))) {
  env.notices.brokers.update(slot_, [&](broker_notice& x) {
    if (x.connected || x.since == caf::timestamp{}) x.since = caf::make_timestamp();
    x.connected = false;
    x.window = window;
    x.in_flight = 0;
  });
}

void publisher_notices::heard(context& env, const runtime::mqtt_event& e) {
  switch (e.what) {
  case kind::delivered:
    if (timed_ && timed_->token == e.token) env.timings.acknowledgement.observe(e.when - timed_->when);
    break;
  case kind::connected:
    env.notices.brokers.update(slot_, [&](broker_notice& x) {
      x.connected = true;
      x.since = caf::make_timestamp();
      if (e.connack) x.address = e.connack->broker;
      if (e.connack) x.window = e.connack->window;
    });
    break;
  case kind::connection_lost:
  case kind::connect_failed:
  case kind::try_again:
  case kind::presence_denied:
    env.notices.brokers.update(slot_, [&](broker_notice& x) {
      x.trouble = e.text;
      x.trouble_at = caf::make_timestamp();
      if (e.what != kind::connection_lost) return;
      x.connected = false;
      x.since = x.trouble_at;
      x.in_flight = 0;
    });
    break;
  default:
    break;
  }
  if (timed_ && (timed_->token == e.token || e.what == kind::connected)) timed_.reset();
}

void publisher_notices::holds(context& env, size_t in_flight) const {
  env.notices.brokers.update(slot_, [&](broker_notice& x) { x.in_flight = in_flight; });
}

} // namespace senseflow::actors
