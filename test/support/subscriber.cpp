#include "test/support/subscriber.hpp"

#include <mosquitto.h>

#include <algorithm>
#include <stdexcept>

namespace senseflow::test {

subscriber::subscriber(const subscriber_options& options) : options_(options) {
  [[maybe_unused]] static const int library = mosquitto_lib_init();
  client_ = mosquitto_new(nullptr, true, this);
  mosquitto_connect_callback_set(client_, &subscriber::on_connect);
  mosquitto_subscribe_callback_set(client_, &subscriber::on_subscribe);
  mosquitto_message_callback_set(client_, &subscriber::on_message);
  if (!options_.username.empty())
    mosquitto_username_pw_set(client_, options_.username.c_str(), options_.password.c_str());
  if (!options_.tls_ca_file.empty())
    mosquitto_tls_set(client_, options_.tls_ca_file.c_str(), nullptr, nullptr, nullptr, nullptr);
  mosquitto_reconnect_delay_set(client_, 1, 1, false);
  const auto rc = mosquitto_connect(client_, "127.0.0.1", options_.port, 60);
  if (rc == MOSQ_ERR_SUCCESS) mosquitto_loop_start(client_);
  std::unique_lock lock(mutex_);
  const auto ok = rc == MOSQ_ERR_SUCCESS && changed_.wait_for(lock, std::chrono::seconds(10), [this] {
    return subscribed_ || refused_ != 0;
  });
  if (ok && subscribed_) return;
  const auto code = refused_;
  lock.unlock();
  mosquitto_loop_stop(client_, true);
  mosquitto_destroy(client_);
  throw std::runtime_error(code != 0 ? mosquitto_connack_string(code) : mosquitto_strerror(rc));
}

subscriber::~subscriber() {
  mosquitto_disconnect(client_);
  mosquitto_loop_stop(client_, true);
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
  std::lock_guard lock(mutex_);
  messages_.clear();
}

bool subscriber::wait_for(const predicate& p, std::chrono::milliseconds within) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, within, [&] { return p(messages_); });
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

void subscriber::on_connect(mosquitto* client, void* self, int code) {
  auto& me = *static_cast<subscriber*>(self);
  if (code == 0) {
    mosquitto_subscribe(client, nullptr, me.options_.filter.c_str(), me.options_.qos);
    return;
  }
  std::lock_guard lock(me.mutex_);
  me.refused_ = code;
  me.changed_.notify_all();
}

void subscriber::on_subscribe(mosquitto*, void* self, int, int, const int*) {
  auto& me = *static_cast<subscriber*>(self);
  std::lock_guard lock(me.mutex_);
  me.subscribed_ = true;
  me.changed_.notify_all();
}

void subscriber::on_message(mosquitto*, void* self, const mosquitto_message* m) {
  auto& me = *static_cast<subscriber*>(self);
  std::lock_guard lock(me.mutex_);
  me.messages_.push_back({m->topic, std::string(static_cast<const char*>(m->payload), size_t(m->payloadlen)),
                          m->qos, m->retain});
  me.changed_.notify_all();
}

} // namespace senseflow::test
