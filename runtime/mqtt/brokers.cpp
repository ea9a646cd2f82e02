#include "runtime/mqtt/brokers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace senseflow::runtime {
namespace {

std::string name_of(const std::string& host, uint16_t port) {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

} // namespace

std::string mqtt_brokers::target::name() const { return name_of(host, port); }

mqtt_brokers::mqtt_brokers(const mqtt_options& o)
    : version_(o.version), presence_(!o.presence.topic.empty()) {
  brokers_.push_back({o.host, o.port, false, false, {}, o.keep_alive});
  for (const auto& b : o.further_brokers)
    brokers_.push_back({b.host, b.port, false, false, {}, o.keep_alive});
}

bool mqtt_brokers::mqtt5(const broker& b, time now) const {
  if (version_ != mqtt_version::automatic) return version_ == mqtt_version::v5;
  return !b.only_311_until || now >= *b.only_311_until;
}

mqtt_brokers::target mqtt_brokers::next(time now) const {
  const auto& b = brokers_[at_];
  const auto presence = presence_ && b.rights.usable(now);
  return {b.host, b.port, mqtt5(b, now), b.keep_alive, presence, b.will_qos, b.will_retain, b.tried};
}

void mqtt_brokers::found(const ip_address& address, size_t others) {
  auto& b = brokers_[at_];
  b.tried.push_back(address);
  b.untried = others;
}

mqtt_brokers::advice mqtt_brokers::failed(failure why, time now) {
  auto& b = brokers_[at_];
  const auto with5 = mqtt5(b, now);
  const auto had_presence = presence_ && b.rights.usable(now);
  if (std::exchange(b.untried, 0) > 0 && (why == failure::unreachable || why == failure::ended_early))
    return advice::next_address;
  b.tried.clear();
  if (why == failure::ended_at_birth && b.rights.ended(now, false)) return advice::without_presence;
  if (had_presence && (why == failure::refused_access || why == failure::ended_early) &&
      b.rights.try_without(now))
    return advice::without_presence;
  b.rights.failed();
  if (version_ == mqtt_version::automatic && with5 &&
      (why == failure::refused_version || (why == failure::ended_early && !b.has_spoken_5))) {
    b.only_311_until = now + std::chrono::hours(1);
    b.has_spoken_5 = b.has_spoken_311 = false;
    return advice::older_version;
  }
  if (why == failure::refused_retain && b.will_retain) {
    b.will_retain = false;
    return advice::lesser_will;
  }
  if (why == failure::refused_qos && b.will_qos > 0) {
    b.will_qos = 0;
    return advice::lesser_will;
  }
  if (!with5 && !b.has_spoken_311) b.only_311_until.reset(); // so that was not it
  at_ = (at_ + 1) % brokers_.size();
  return ++failures_ % brokers_.size() == 0 ? advice::later : advice::next_broker;
}

bool mqtt_brokers::connected(time now) {
  auto& b = brokers_[at_];
  (mqtt5(b, now) ? b.has_spoken_5 : b.has_spoken_311) = true;
  failures_ = 0;
  return b.rights.connected(now);
}

void mqtt_brokers::lost(bool was_short, bool sent_away) {
  auto& b = brokers_[at_];
  if (std::exchange(b.untried, 0) == 0 || !was_short) b.tried.clear();
  b.short_ones = was_short ? b.short_ones + 1 : 0;
  if (b.short_ones < 2 && !sent_away) return;
  b.short_ones = 0;
  at_ = (at_ + 1) % brokers_.size();
}

std::string mqtt_brokers::objection(const mqtt_connack& x) {
  auto& ours = brokers_[at_].keep_alive;
  if (!x.keep_alive || x.keep_alive->count() == 0 || *x.keep_alive >= ours) return {};
  ours = *x.keep_alive;
  return fmt::format("MQTT broker {} asks for a keep alive of {} s. Reconnecting with that.", x.broker,
                     ours.count());
}

std::optional<size_t> mqtt_brokers::find(std::string_view reference) const {
  while (!reference.empty()) {
    const auto one = reference.substr(0, reference.find(' '));
    reference.remove_prefix(std::min(reference.size(), one.size() + 1));
    for (size_t i = 0; i < brokers_.size(); ++i) {
      const auto& b = brokers_[i];
      if (!one.empty() && (one == b.host || one == name_of(b.host, b.port))) return i;
    }
  }
  return {};
}

void mqtt_brokers::prefer(std::string_view reference) {
  if (const auto i = find(reference)) at_ = *i;
}

} // namespace senseflow::runtime
