// What becomes of an attempt to connect, and what Paho and the address finder report.
#include "runtime/mqtt/paho_client.hpp"

#include "runtime/mqtt/nodelay.hpp"
#include "runtime/mqtt/paho_errors.hpp"
#include "runtime/mqtt/paho_lookup.hpp"
#include "runtime/mqtt/presence.hpp"
#include "runtime/mqtt/reasons.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace senseflow::runtime {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using kind = mqtt_event::kind;
using state = mqtt_link::state;

mqtt_event presence_denied(const mqtt_options& o, const mqtt_link& link, mqtt_brokers& brokers,
                           const std::string& why) {
  return {kind::presence_denied, 0, presence_problem(o, link.target, why, brokers.rights().pause())};
}

} // namespace

void paho_client::found(uint64_t number, const address_finder::answer& x) {
  std::unique_lock lock(mutex_);
  if (number != link_.number || link_.now != state::connecting) return;
  auto& target = link_.target;
  const auto broker = "MQTT broker " + target.name() + ": ";
  if (!x.objection.empty()) return fail(std::move(lock), failure::other, x.objection, {});
  if (!x.address) return fail(std::move(lock), failure::unreachable, broker + x.problem, {});
  brokers_.found(*x.address, x.others);
  link_.address = to_string(*x.address);
  link_.one_of_several = x.others + target.tried.size() > 0;
  const auto to = target;
  const auto clean = session_.clean();
  lock.unlock();
  if (x.tunnel)
    hand_to_paho(to.host, x.tunnel);
  else
    tell_paho(to.host, *x.address);
  try {
    paho_connection::listener& self = *this;
    const auto made = std::make_shared<paho_connection>(self, number, options_, to, session_.lasting_store(),
                                                        &subscriptions_);
    lock.lock();
    if (number != link_.number) return;
    link_.paho = made;
    lock.unlock();
    if (!made->connect(options_, to, clean)) connect_failed(number, {});
  } catch (const std::runtime_error& e) {
    attempt_failed(number, broker + e.what());
  }
}

void paho_client::connected(uint64_t number, const mqtt_connack& x) {
  std::unique_lock lock(mutex_);
  if (number != link_.number || link_.now != state::connecting) return;
  if (!link_.paho) return; // seen under load: a late word of a client whose place the next one has taken
  if (x.receive_maximum == 0)
    return fail(std::move(lock), failure::other, no_receive_maximum(options_, link_.target), {});
  link_.since = clock::now();
  if (brokers_.connected(link_.since))
    events_.push(presence_denied(options_, link_, brokers_,
                                 "it refused a connection with it as the will, and accepted one without"));
  auto why = session_.objection(x);
  if (why.empty()) why = brokers_.objection(x);
  if (!why.empty()) {
    give_up_connection();
    events_.push({kind::try_again, 0, std::move(why)});
    return events_.wake_up(std::move(lock));
  }
  events_.push(session_.accepted(x));
  const auto told = std::make_shared<mqtt_connack>(x);
  told->window = std::min<uint32_t>(options_.window, x.receive_maximum);
  if (link_.one_of_several) told->address = link_.address;
  link_.connack = told;
  auto* const through = link_.paho.get(); // who destroys it waits for us
  const auto address = link_.address;
  const auto port = options_.proxy.host.empty() ? link_.target.port : options_.proxy.port;
  const auto with_presence = link_.target.presence;
  lock.unlock();
  switch_nagle_off(address, port);
  through->subscribe();
  const auto said =
      with_presence && through->announce(birth, options_.presence.topic, presence::online, *told);
  lock.lock();
  if (link_.now != state::connecting) return;
  link_.now = state::announcing;
  if (!said || told->maximum_qos == 0) up(std::move(lock), said);
}

void paho_client::connect_failed(uint64_t number, const paho_failure& f) {
  std::unique_lock lock(mutex_);
  if (number == link_.number && link_.now == state::connecting)
    fail(std::move(lock), f.why(), connect_problem(options_, link_.target, f), f.dismissal,
         f.refused() ? static_cast<uint64_t>(f.code) : 0);
}

void paho_client::ended(uint64_t number, const std::optional<mqtt_dismissal>& d) {
  std::unique_lock lock(mutex_);
  if (number != link_.number) return;
  if (link_.is_up()) return lose(std::move(lock), lost_connection(options_, link_.target, d), d);
  if (link_.now == state::closing) link_.now = state::closed;
  changed_.notify_all();
}

void paho_client::message_ended(uint64_t number, uint64_t serial, int reason) {
  std::unique_lock lock(mutex_);
  if (number != link_.number) return;
  if (serial == farewell) {
    if (link_.now == state::closing) link_.now = state::closed;
    return changed_.notify_all();
  }
  if (serial == birth) return birth_ended(std::move(lock), reason);
  if (reason == paho_connection::not_written) return; // the connection will be lost: that decides
  const auto open = session_.in_flight.with_acknowledgement();
  const auto token = session_.in_flight.take(serial);
  if (!token) return;
  if (session_.in_flight.with_acknowledgement() < open) link_.proven = true;
  if (reason < 0x80) return delivered(std::move(lock), *token, serial == session_.awaited);
  const auto how = is_temporary(reason) ? kind::failed : kind::refused;
  events_.push({how, *token, std::string(refusal_word(reason))});
  events_.wake_up(std::move(lock));
}

void paho_client::acknowledged(uint64_t number, int packet_id) {
  std::unique_lock lock(mutex_);
  if (number != link_.number) return;
  if (const auto token = session_.in_flight.take_packet(packet_id)) {
    events_.push({kind::delivered, *token});
    events_.wake_up(std::move(lock));
  }
}

void paho_client::birth_ended(lock_type lock, int reason) {
  if (reason == paho_connection::not_written || !link_.is_up()) return;
  if (reason < 0x80) {
    if (link_.connack->mqtt5) brokers_.rights().taken(); // else it can't say no, see `lose`
  } else if (is_temporary(reason)) {
    link_.birth_due = clock::now() + options_.presence.again;
    events_.push({kind::presence_denied, 0,
                  presence_postponed(options_, link_.target, std::string(reason_words(reason)),
                                     options_.presence.again)});
  } else {
    link_.target.presence = false;
    brokers_.rights().denied(clock::now());
    events_.push(presence_denied(options_, link_, brokers_, std::string(reason_words(reason))));
  }
  if (link_.now == state::announcing) return up(std::move(lock), reason < 0x80);
  events_.wake_up(std::move(lock));
}

// Nobody waits for one of many, unless it is the last of what fills the window.
void paho_client::delivered(lock_type lock, uint64_t token, bool awaited) {
  events_.push({kind::delivered, token});
  if (awaited || events_.holds_much(link_.connack->window)) events_.wake_up(std::move(lock));
}

void paho_client::up(lock_type lock, bool announced) {
  link_.now = state::connected;
  events_.push({kind::connected, 0, described(*link_.connack), link_.connack, mqtt_blame::none, announced});
  events_.wake_up(std::move(lock));
}

void paho_client::attempt_failed(uint64_t number, const std::string& text) {
  std::unique_lock lock(mutex_);
  if (number == link_.number && link_.now == state::connecting)
    fail(std::move(lock), failure::other, text, {});
}

void paho_client::fail(lock_type lock, failure why, const std::string& text,
                       const std::optional<mqtt_dismissal>& d, uint64_t code) {
  give_up_connection();
  const auto next = brokers_.failed(why, clock::now());
  if (d) brokers_.prefer(d->server);
  if (next == mqtt_brokers::advice::without_presence && why == failure::ended_at_birth)
    events_.push(presence_denied(options_, link_, brokers_,
                                 "two connections in a row ended when nothing else had been published"));
  events_.push({next == mqtt_brokers::advice::later ? kind::connect_failed : kind::try_again, code,
                failed_attempt(link_.target, why, text, next, brokers_.next(clock::now()))});
  events_.wake_up(std::move(lock));
}

void paho_client::lose(lock_type lock, std::string why, const std::optional<mqtt_dismissal>& d,
                       mqtt_blame blame) {
  const auto age = clock::now() - link_.since;
  const auto others = !session_.in_flight.empty();
  events_.push(session_.ended());
  if (link_.now == state::announcing)
    return fail(std::move(lock), others ? failure::other : failure::ended_at_birth, why, d);
  // With MQTT 3.1.1 a broker may have acknowledged what it does not take.
  if (link_.target.presence && !link_.connack->mqtt5) {
    if (link_.proven || age >= 1s)
      brokers_.rights().taken();
    else if (brokers_.rights().ended(clock::now(), others))
      events_.push(
          presence_denied(options_, link_, brokers_, "connections ended again and again right after it"));
  }
  give_up_connection();
  brokers_.lost(age < mqtt_stable_after, d && sends_away(d->reason));
  if (d) brokers_.prefer(d->server);
  events_.push({kind::connection_lost, 0, std::move(why), {}, d ? d->blame() : blame});
  events_.wake_up(std::move(lock));
}

void paho_client::give_up_connection() {
  session_.store.seal(true);
  given_up_ = link_.give_up(); // not destroyed here: Paho is calling us
}

} // namespace senseflow::runtime
