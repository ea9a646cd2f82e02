#include "test/support/subscriber.hpp"

#include "test/support/eventually.hpp"
#include "test/support/message_judge.hpp"

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace senseflow::test {
namespace {

std::string taken(char* text) {
  std::string result = text == nullptr ? "" : text;
  std::free(text);
  return result;
}

void read_properties(received_message& to, const mqtt5__property* properties) {
  for (const auto* p = properties; p != nullptr; p = mosquitto_property_next(p)) {
    const auto id = mosquitto_property_identifier(p);
    char *name = nullptr, *value = nullptr;
    if (id == MQTT_PROP_MESSAGE_EXPIRY_INTERVAL) {
      mosquitto_property_read_int32(p, id, &to.expiry.emplace(), false);
    } else if (id == MQTT_PROP_PAYLOAD_FORMAT_INDICATOR) {
      uint8_t format = 0;
      mosquitto_property_read_byte(p, id, &format, false);
      to.utf8 = format == 1;
    } else if (id == MQTT_PROP_CONTENT_TYPE) {
      mosquitto_property_read_string(p, id, &value, false);
      to.content_type = taken(value);
    } else if (id == MQTT_PROP_USER_PROPERTY) {
      mosquitto_property_read_string_pair(p, id, &name, &value, false);
      to.user[taken(name)] = taken(value);
    }
  }
}

constexpr const char* mark_topic = "test/settle";

} // namespace

subscriber::subscriber(const subscriber_options& options)
    : options_(options), judge_(message_judge::is_on() ? std::make_unique<message_judge>() : nullptr) {
  [[maybe_unused]] static const int library = mosquitto_lib_init();
  const auto named = !options_.client_id.empty();
  client_ = mosquitto_new(named ? options_.client_id.c_str() : nullptr, !named, this);
  mosquitto_int_option(client_, MOSQ_OPT_PROTOCOL_VERSION, options_.version);
  mosquitto_int_option(client_, MOSQ_OPT_RECEIVE_MAXIMUM, 65535);
  mosquitto_connect_v5_callback_set(client_, &subscriber::on_connect);
  mosquitto_subscribe_v5_callback_set(client_, &subscriber::on_subscribe);
  mosquitto_message_v5_callback_set(client_, &subscriber::on_message);
  if (!options_.username.empty())
    mosquitto_username_pw_set(client_, options_.username.c_str(), options_.password.c_str());
  if (!options_.tls_ca_file.empty())
    mosquitto_tls_set(client_, options_.tls_ca_file.c_str(), nullptr, nullptr, nullptr, nullptr);
  mosquitto_reconnect_delay_set(client_, 1, 1, false);
  const auto rc = connect();
  mosquitto_threaded_set(client_, true);
  if (rc == MOSQ_ERR_SUCCESS) loop_ = std::thread{[this] { loop(); }};
  std::unique_lock lock(mutex_);
  const auto ok = rc == MOSQ_ERR_SUCCESS && changed_.wait_for(lock, std::chrono::seconds(10), [this] {
    return subscribed_ || refused_ != 0;
  });
  if (ok && subscribed_) return;
  const auto code = refused_;
  lock.unlock();
  end();
  throw std::runtime_error(code == 0               ? mosquitto_strerror(rc)
                           : options_.version == 5 ? mosquitto_reason_string(code)
                                                   : mosquitto_connack_string(code));
}

int subscriber::connect() {
  mosquitto_property* properties = nullptr;
  if (options_.version == 5 && !options_.client_id.empty())
    mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, options_.session_expiry);
  const auto rc = mosquitto_connect_bind_v5(client_, "127.0.0.1", options_.port, 60, nullptr, properties);
  mosquitto_property_free_all(&properties);
  return rc;
}

subscriber::~subscriber() {
  end();
  if (!judge_) return;
  judge_->take(std::move(messages_));
  judge_->report();
}

/// The library connects again by itself, but ends its own thread over a TLS handshake that fails half-way, as
/// when the broker is being stopped.
void subscriber::loop() {
  while (mosquitto_loop_forever(client_, -1, 1) != MOSQ_ERR_SUCCESS) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, std::chrono::milliseconds(100), [this] { return ending_; })) return;
    lock.unlock();
    mosquitto_reconnect(client_);
  }
}

void subscriber::end() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  mosquitto_disconnect(client_);
  if (loop_.joinable()) loop_.join();
  mosquitto_destroy(client_);
}

std::vector<received_message> subscriber::messages() const {
  std::lock_guard lock(mutex_);
  return messages_;
}

size_t subscriber::count() const {
  std::lock_guard lock(mutex_);
  return messages_.size();
}

size_t subscriber::count(const std::string& topic) const {
  std::lock_guard lock(mutex_);
  return static_cast<size_t>(
      std::count_if(messages_.begin(), messages_.end(), [&](const auto& m) { return m.topic == topic; }));
}

std::map<std::string, size_t> subscriber::counts() const {
  std::lock_guard lock(mutex_);
  std::map<std::string, size_t> result;
  for (const auto& m : messages_) ++result[m.topic];
  return result;
}

void subscriber::clear() {
  std::vector<received_message> gone;
  {
    std::lock_guard lock(mutex_);
    gone = std::exchange(messages_, {});
  }
  if (judge_) judge_->take(std::move(gone));
}

void subscriber::knows(const std::string& filter, const std::string& schema) {
  if (judge_) judge_->knows(filter, schema);
}

size_t subscriber::connects() const {
  std::lock_guard lock(mutex_);
  return connects_;
}

size_t subscriber::resumed() const {
  std::lock_guard lock(mutex_);
  return resumed_;
}

bool subscriber::settle(std::chrono::milliseconds within) {
  const auto deadline = std::chrono::steady_clock::now() + within * slowdown;
  const auto topic = options_.filter.substr(0, options_.filter.find('#')) + mark_topic;
  // A mark comes back behind everything the broker had for us before; the next mark goes behind our
  // acknowledgements of that. A broker reads on between the two: so until nothing comes any more.
  for (auto rounds = 0;; ++rounds) {
    const auto before = count();
    const auto mark = std::to_string(++last_mark_);
    const auto published = [&] { // fails while it is not connected
      return mosquitto_publish(client_, nullptr, topic.c_str(), static_cast<int>(mark.size()), mark.data(), 1,
                               false) == MOSQ_ERR_SUCCESS;
    };
    if (!eventually(published, within)) return false;
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, deadline, [this] { return mark_seen_ == last_mark_; })) return false;
    if (rounds > 0 && messages_.size() == before) return true;
  }
}

bool subscriber::wait_for(const predicate& p, std::chrono::milliseconds within) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, within * slowdown, [&] { return p(messages_); });
}

bool subscriber::wait_for_count(size_t n, std::chrono::milliseconds within) const {
  return wait_for([n](const auto& messages) { return messages.size() >= n; }, within);
}

bool subscriber::wait_for_topic(const std::string& topic, std::chrono::milliseconds within) const {
  return wait_for(
      [&](const auto& messages) {
        return std::any_of(messages.begin(), messages.end(), [&](const auto& m) { return m.topic == topic; });
      },
      within);
}

void subscriber::on_connect(mosquitto* client, void* self, int code, int flags, const mqtt5__property*) {
  auto& me = *static_cast<subscriber*>(self);
  std::unique_lock lock(me.mutex_);
  if (code != 0) {
    me.refused_ = code;
    me.changed_.notify_all();
    return;
  }
  ++me.connects_;
  if ((flags & 1) != 0) { // the broker knows the session, with its subscription
    ++me.resumed_;
    me.subscribed_ = true;
    me.changed_.notify_all();
    return;
  }
  lock.unlock();
  mosquitto_subscribe(client, nullptr, me.options_.filter.c_str(), me.options_.qos);
}

void subscriber::on_subscribe(mosquitto*, void* self, int, int, const int*, const mqtt5__property*) {
  auto& me = *static_cast<subscriber*>(self);
  std::lock_guard lock(me.mutex_);
  me.subscribed_ = true;
  me.changed_.notify_all();
}

void subscriber::on_message(mosquitto*, void* self, const mosquitto_message* m,
                            const mqtt5__property* properties) {
  received_message x;
  x.topic = m->topic;
  x.payload.assign(static_cast<const char*>(m->payload), size_t(m->payloadlen));
  x.qos = m->qos;
  x.retain = m->retain;
  read_properties(x, properties);
  auto& me = *static_cast<subscriber*>(self);
  std::lock_guard lock(me.mutex_);
  if (const auto at = x.topic.rfind(mark_topic); at != std::string::npos)
    me.mark_seen_ = std::stoull(x.payload);
  else
    me.messages_.push_back(std::move(x));
  me.changed_.notify_all();
}

} // namespace senseflow::test
