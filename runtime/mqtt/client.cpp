#include "runtime/mqtt/client.hpp"

#include "runtime/mqtt/address_finder.hpp"
#include "runtime/mqtt/event_queue.hpp"
#include "runtime/mqtt/link.hpp"
#include "runtime/mqtt/mqtt5_properties.hpp"
#include "runtime/mqtt/nodelay.hpp"
#include "runtime/mqtt/paho_lookup.hpp"
#include "runtime/mqtt/presence.hpp"
#include "runtime/mqtt/reasons.hpp"
#include "runtime/mqtt/session.hpp"
#include "runtime/mqtt/tls_files.hpp"

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace senseflow::runtime {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using failure = mqtt_brokers::failure;
using kind = mqtt_event::kind;
using state = mqtt_link::state;

constexpr uint64_t birth = 0, farewell = std::numeric_limits<uint64_t>::max(); // serials of presence
constexpr auto birth_time = 2s;                                                // for its acknowledgement
constexpr size_t most_unfinished = 100; // messages of QoS 2 from the broker
constexpr auto forgotten_after = 10s;   // an attempt that should have failed by then

mqtt_event presence_denied(const mqtt_options& o, const mqtt_link& link, mqtt_brokers& brokers,
                           const std::string& why) {
  return {kind::presence_denied, 0, presence_problem(o, link.target, why, brokers.rights().pause())};
}

// Every attempt to connect has a Paho connection of its own; what continues over them is in `session_`.
// Paho's callbacks come with its global lock held: they only note what happened, and `mutex_` is never held
// while Paho is called. Those of a connection that was given up are known by its number and have no effect.
// Destroying a connection waits for callbacks under way, so that is done without the lock.
class paho_client final : public mqtt_client, private paho_connection::listener {
public:
  paho_client(const mqtt_options& o, std::shared_ptr<resolver> names)
      : options_(o), session_(o.session_expiry), brokers_(o), finder_(std::move(names)) {}

  ~paho_client() override {
    on_event({});
    finder_.stop();
    if (!options_.presence.topic.empty()) disconnect(500ms);
    link_.paho.reset();
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
    if (link_.now != state::idle) return;
    auto former = std::exchange(link_, {link_.number + 1, brokers_.next(clock::now())}).paho;
    link_.now = state::connecting;
    auto lost = std::move(given_up_);
    const auto number = link_.number;
    const auto target = link_.target;
    events_.push(session_.start(target.mqtt5));
    lock.unlock();
    former.reset(); // before its client id is used again
    lost.reset();
    session_.store.seal(false);
    address_finder::question q{target.host, target.port, options_.proxy, target.tried,
                               options_.connect_timeout};
    if (options_.tls) q.objection = [o = options_] { return tls_file_problem(o); }; // not on this thread
    const auto figures = parse_address(target.host);
    if (figures && options_.proxy.host.empty() && !q.objection) return found(number, {figures, 0, {}});
    try {
      finder_.find(std::move(q), [this, number](const address_finder::answer& x) { found(number, x); });
    } catch (const std::system_error& e) { // no more threads
      attempt_failed(number, "MQTT broker " + target.name() + ": " + e.what());
    }
  }

  void disconnect(std::chrono::milliseconds timeout) override {
    const auto deadline = clock::now() + timeout;
    std::unique_lock lock(mutex_);
    const auto was_up = link_.is_up();
    link_.now = state::closing;
    lock.unlock();
    finder_.stop();
    lock.lock();
    const auto ending = std::move(link_.paho), lost = std::move(given_up_);
    const auto limits = link_.connack;
    const auto with_presence = link_.target.presence;
    lock.unlock();
    if (ending && was_up) {
      if (with_presence && ending->announce(farewell, options_.presence.topic, presence::offline, *limits)) {
        lock.lock();
        changed_.wait_until(lock, deadline, [this] { return link_.now == state::closed; });
        lock.unlock();
      }
      ending->disconnect(deadline);
    }
    lock.lock();
    events_.push(session_.forget());
    ++link_.number;
    link_.now = state::idle;
    events_.wake_up(std::move(lock));
  }

  void drop(std::string why) override {
    std::unique_lock lock(mutex_);
    if (link_.now == state::connected) lose(std::move(lock), std::move(why), {}, mqtt_blame::none);
  }

  void watch() override {
    std::unique_lock lock(mutex_);
    const auto age = clock::now() - link_.since;
    if (link_.now == state::connecting && age >= 2 * options_.connect_timeout + forgotten_after)
      return fail(std::move(lock), failure::unreachable,
                  connect_problem(options_, link_.target, {0, "timeout", {}}), {});
    if (!link_.is_up()) return;
    if (link_.now == state::announcing && age >= birth_time) return up(std::move(lock));
    if (session_.store.unfinished() > most_unfinished)
      return lose(std::move(lock), unfinished_messages(link_.target), {}, mqtt_blame::none);
    const auto through = link_.paho;
    const auto number = link_.number;
    const auto limits = link_.connack;
    const auto birth_due = link_.birth_due && clock::now() >= *link_.birth_due;
    if (birth_due) link_.birth_due.reset();
    if (const auto x = through->take_unsolicited(); x.messages > 0) {
      events_.push({kind::unsolicited, x.messages, unsolicited_messages(link_.target, x.topic)});
      events_.wake_up(std::move(lock));
    } else {
      lock.unlock();
    }
    if (birth_due) through->announce(birth, options_.presence.topic, presence::online, *limits);
    // Paho reports the end of a connection before it lets go of the lock that this waits for.
    if (!through->is_connected()) ended(number, {});
  }

  publish_result publish(uint64_t token, const messages::mqtt_message& m,
                         const publish_properties& p) override {
    if (!fits_into_mqtt(m)) return publish_result::refused;
    const mqtt5_properties properties(m, p);
    std::unique_lock lock(mutex_);
    if (link_.now != state::connected) return publish_result::not_connected;
    auto& in_flight = session_.in_flight;
    const auto& limits = *link_.connack;
    const auto qos = std::min(m.qos, limits.maximum_qos);
    const auto retain = m.retain && limits.retain_available;
    if (in_flight.size() >= options_.window || in_flight.being_completed() ||
        (qos > 0 && in_flight.with_acknowledgement() >= limits.receive_maximum))
      return publish_result::window_full;
    if (limits.maximum_packet_size > 0 &&
        publish_packet_bytes(m, limits.mqtt5, properties.size()) > limits.maximum_packet_size)
      return publish_result::too_large;
    const auto serial = in_flight.add(token, qos);
    if (p.awaited) awaited_ = serial;
    auto through = link_.paho;
    const auto number = link_.number;
    lock.unlock();
    const auto done =
        through->publish(serial, m.topic.str(), m.payload.str(), qos, retain, properties.list());
    through.reset(); // if it is the last one, without the lock
    lock.lock();
    if (done.code != MQTTASYNC_SUCCESS)
      // If the connection was lost meanwhile the token's end is among the events already.
      return in_flight.take(serial) ? paho_result(done.code) : publish_result::sent;
    if (number == link_.number) {
      in_flight.set_packet(serial, done.packet_id);
    } else if (qos > 0) { // lost before its packet was known
      events_.push(in_flight.decide(serial, done.packet_id, session_.store.was_sent(done.packet_id)));
      events_.wake_up(std::move(lock));
    }
    return publish_result::sent;
  }

private:
  // The attempt goes on, on the finder's thread or on the caller's.
  void found(uint64_t number, const address_finder::answer& x) {
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
      const auto made =
          std::make_shared<paho_connection>(self, number, options_, to, session_.lasting_store());
      lock.lock();
      if (number != link_.number) return;
      link_.paho = made;
      lock.unlock();
      if (!made->connect(options_, to, clean)) connect_failed(number, {});
    } catch (const std::runtime_error& e) {
      attempt_failed(number, broker + e.what());
    }
  }

  // --- what Paho reports --------------------------------------------------------------------------

  void connected(uint64_t number, const mqtt_connack& x) override {
    std::unique_lock lock(mutex_);
    if (number != link_.number || link_.now != state::connecting) return;
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
    const auto said =
        with_presence && through->announce(birth, options_.presence.topic, presence::online, *told);
    lock.lock();
    if (link_.now != state::connecting) return;
    link_.now = state::announcing;
    if (!said || told->maximum_qos == 0) up(std::move(lock), said);
  }

  void connect_failed(uint64_t number, const paho_failure& f) override {
    std::unique_lock lock(mutex_);
    if (number == link_.number && link_.now == state::connecting)
      fail(std::move(lock), f.why(), connect_problem(options_, link_.target, f), f.dismissal);
  }

  void ended(uint64_t number, const std::optional<mqtt_dismissal>& d) override {
    std::unique_lock lock(mutex_);
    if (number != link_.number) return;
    if (link_.is_up()) return lose(std::move(lock), lost_connection(options_, link_.target, d), d);
    if (link_.now == state::closing) link_.now = state::closed;
    changed_.notify_all();
  }

  void message_ended(uint64_t number, uint64_t serial, int reason) override {
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
    if (reason < 0x80) return delivered(std::move(lock), *token, serial == awaited_);
    const auto how = is_temporary(reason) ? kind::failed : kind::refused;
    events_.push({how, *token, std::string(refusal_word(reason))});
    events_.wake_up(std::move(lock));
  }

  void acknowledged(uint64_t number, int packet_id) override {
    std::unique_lock lock(mutex_);
    if (number != link_.number) return;
    if (const auto token = session_.in_flight.take_packet(packet_id)) {
      events_.push({kind::delivered, *token});
      events_.wake_up(std::move(lock));
    }
  }

  // --- presence -----------------------------------------------------------------------------------

  void birth_ended(std::unique_lock<std::mutex> lock, int reason) {
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

  // --- the rest -----------------------------------------------------------------------------------

  // Nobody waits for one of many, unless it is the last of what fills the window.
  void delivered(std::unique_lock<std::mutex> lock, uint64_t token, bool awaited) {
    events_.push({kind::delivered, token});
    if (awaited || events_.holds_much(link_.connack->window)) events_.wake_up(std::move(lock));
  }

  void up(std::unique_lock<std::mutex> lock, bool announced = false) {
    link_.now = state::connected;
    events_.push({kind::connected, 0, described(*link_.connack), link_.connack, mqtt_blame::none, announced});
    events_.wake_up(std::move(lock));
  }

  void attempt_failed(uint64_t number, const std::string& text) {
    std::unique_lock lock(mutex_);
    if (number == link_.number && link_.now == state::connecting)
      fail(std::move(lock), failure::other, text, {});
  }

  void fail(std::unique_lock<std::mutex> lock, failure why, const std::string& text,
            const std::optional<mqtt_dismissal>& d) {
    give_up_connection();
    const auto next = brokers_.failed(why, clock::now());
    if (d) brokers_.prefer(d->server);
    if (next == mqtt_brokers::advice::without_presence && why == failure::ended_at_birth)
      events_.push(presence_denied(options_, link_, brokers_,
                                   "two connections in a row ended when nothing else had been published"));
    events_.push({next == mqtt_brokers::advice::later ? kind::connect_failed : kind::try_again, 0,
                  failed_attempt(link_.target, why, text, next, brokers_.next(clock::now()))});
    events_.wake_up(std::move(lock));
  }

  // A connection that was up has ended.
  void lose(std::unique_lock<std::mutex> lock, std::string why, const std::optional<mqtt_dismissal>& d,
            mqtt_blame blame = mqtt_blame::likely) {
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

  void give_up_connection() {
    session_.store.seal(true);
    given_up_ = link_.give_up(); // not destroyed here: Paho is calling us
  }

  const mqtt_options options_;
  mqtt_event_queue events_; // pushed to with the lock, so that their order is that of what happened

  std::mutex mutex_; // guards all below, but not `session_.store`
  std::condition_variable changed_;
  mqtt_session session_;
  uint64_t awaited_ = 0; // serial of the newest that is
  mqtt_brokers brokers_;
  mqtt_link link_;                            // the current one, or the last
  std::shared_ptr<paho_connection> given_up_; // what is left of the one before

  address_finder finder_; // calls `found`
};

} // namespace

std::unique_ptr<mqtt_client> make_mqtt_client(const mqtt_options& options, std::shared_ptr<resolver> names) {
  return std::make_unique<paho_client>(options, std::move(names));
}

} // namespace senseflow::runtime
