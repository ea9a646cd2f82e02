#include "runtime/mqtt/paho_client.hpp"

#include "runtime/mqtt/mqtt5_properties.hpp"
#include "runtime/mqtt/paho_errors.hpp"
#include "runtime/mqtt/presence.hpp"
#include "runtime/mqtt/tls_files.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace senseflow::runtime {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using kind = mqtt_event::kind;
using state = mqtt_link::state;

constexpr auto birth_time = 2s;         // for its acknowledgement
constexpr size_t most_unfinished = 100; // messages of QoS 2 from the broker
constexpr auto forgotten_after = 10s;   // an attempt that should have failed by then

} // namespace

paho_client::paho_client(const mqtt_options& o, std::shared_ptr<resolver> names)
    : options_(o), subscriptions_(o.subscriptions, events_), session_(o.session_expiry, o.keeps_session),
      brokers_(o), finder_(std::move(names)) {}

paho_client::~paho_client() {
  on_event({});
  finder_.stop();
  if (!options_.presence.topic.empty()) disconnect(500ms);
  link_.paho.reset();
  given_up_.reset();
}

void paho_client::on_event(std::function<void()> wake) { events_.on_event(std::move(wake)); }

std::vector<mqtt_event> paho_client::take_events() {
  std::unique_lock lock(mutex_);
  const auto lost = std::move(given_up_);
  lock.unlock();
  return events_.take(); // then destroys it: soon after the loss, see README.md
}

void paho_client::connect() {
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

void paho_client::disconnect(std::chrono::milliseconds timeout) {
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
    ending->disconnect(deadline, options_.keeps_session);
  }
  lock.lock();
  events_.push(session_.forget());
  ++link_.number;
  link_.now = state::idle;
  events_.wake_up(std::move(lock));
}

void paho_client::drop(std::string why) {
  std::unique_lock lock(mutex_);
  if (link_.now == state::connected) lose(std::move(lock), std::move(why), {}, mqtt_blame::none);
}

void paho_client::watch() {
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

void paho_client::announce() {
  std::lock_guard lock(mutex_);
  if (link_.now == state::connected && link_.target.presence) link_.birth_due = clock::now();
}

publish_result paho_client::publish(uint64_t token, const messages::mqtt_message& m,
                                    const publish_properties& p) {
  if (!fits_into_mqtt(m)) return publish_result::refused;
  auto told = p;
  if (p.tells_instance && m.retain) told.instance = options_.instance;
  const mqtt5_properties properties(m, told);
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
  if (p.awaited) session_.awaited = serial;
  auto through = link_.paho;
  const auto number = link_.number;
  lock.unlock();
  const auto done = through->publish(serial, m.topic.str(), m.payload.str(), qos, retain, properties.list());
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

std::unique_ptr<mqtt_client> make_mqtt_client(const mqtt_options& options, std::shared_ptr<resolver> names) {
  return std::make_unique<paho_client>(options, std::move(names));
}

} // namespace senseflow::runtime
