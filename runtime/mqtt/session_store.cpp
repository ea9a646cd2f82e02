#include "runtime/mqtt/session_store.hpp"

#include "runtime/mqtt/paho_handle.hpp"

#include <MQTTClientPersistence.h>

#include <charconv>
#include <new>
#include <string_view>
#include <utility>

namespace senseflow::runtime {
namespace {

// "s-12" and "s5-12" are PUBLISH packets, "sc-12" and "sc5-12" PUBREL; those that begin with c are commands that
// have not been written: they are of no use once their client is gone.
bool is_command(std::string_view key) { return !key.empty() && key.front() == 'c'; }

// "r-12" and "r5-12": what the broker sends with QoS 2.
bool is_received_packet(std::string_view key) { return !key.empty() && key.front() == 'r'; }

// Of a PUBLISH packet; 0 = it is none.
int publish_id(std::string_view key) {
  const size_t prefix = key.substr(0, 2) == "s-" ? 2 : key.substr(0, 3) == "s5-" ? 3 : key.size();
  int id = 0;
  std::from_chars(key.data() + prefix, key.data() + key.size(), id);
  return id;
}

// QoS 1 is not for Paho to send again: it does that also for clients that have just sent it themselves, the
// next client numbers its packets from 1 again, and a second PUBACK for a number would be taken for that of a
// new message. So a message could be lost.
bool is_of_qos_1(std::string_view key, int parts, const char* const* bytes) {
  return publish_id(key) > 0 && parts > 0 && (*bytes[0] & 0x06) == 0x02;
}

} // namespace

void mqtt_session_store::serve(const mqtt::async_client& client) {
  static const auto self = [](void* handle) -> mqtt_session_store& {
    return *static_cast<mqtt_session_store*>(static_cast<mqtt::iclient_persistence*>(handle));
  };
  auto& table = paho_persistence(client);
  table.pput = [](void* handle, char* key, int parts, char* bytes[], int lengths[]) {
    try {
      if (self(handle).keep(key, parts, bytes, lengths)) return 0;
    } catch (const std::bad_alloc&) { // must not leave through C
    }
    return MQTTCLIENT_PERSISTENCE_ERROR;
  };
  table.premove = [](void* handle, char* key) {
    try {
      self(handle).take_out(key);
      return 0;
    } catch (const std::bad_alloc&) {
      return MQTTCLIENT_PERSISTENCE_ERROR;
    }
  };
}

void mqtt_session_store::on_acknowledged(std::function<void(int)> f) {
  std::lock_guard lock(mutex_);
  acknowledged_ = std::move(f);
}

void mqtt_session_store::seal(bool on) {
  std::lock_guard lock(mutex_);
  if (sealed_ && !on) sent_once_.reset();
  received_.clear();
  sealed_ = on;
}

size_t mqtt_session_store::unfinished() const {
  std::lock_guard lock(mutex_);
  return received_.size();
}

void mqtt_session_store::forget() {
  std::lock_guard lock(mutex_);
  packets_.clear();
  sent_once_.reset();
}

bool mqtt_session_store::was_sent(int packet_id) const {
  const auto id = std::to_string(packet_id);
  std::lock_guard lock(mutex_);
  if (sent_once_[static_cast<size_t>(packet_id)]) return true;
  for (const auto* prefix : {"s-", "s5-", "sc-", "sc5-"})
    if (packets_.count(prefix + id) > 0) return true;
  return false;
}

void mqtt_session_store::clear() {
  std::lock_guard lock(mutex_);
  if (sealed_) return;
  packets_.clear();
  sent_once_.reset();
}

bool mqtt_session_store::contains_key(const std::string& key) {
  std::lock_guard lock(mutex_);
  return packets_.count(key) > 0;
}

mqtt::string_collection mqtt_session_store::keys() const {
  std::lock_guard lock(mutex_);
  mqtt::string_collection result;
  for (const auto& entry : packets_) result.push_back(entry.first);
  return result;
}

void mqtt_session_store::put(const std::string& key, const std::vector<mqtt::string_view>& parts) {
  std::vector<const char*> bytes;
  std::vector<int> lengths;
  for (const auto& part : parts) {
    bytes.push_back(part.data());
    lengths.push_back(static_cast<int>(part.size()));
  }
  if (!keep(key, static_cast<int>(parts.size()), bytes.data(), lengths.data()))
    throw mqtt::persistence_exception();
}

// What is refused stays in Paho's memory until it is written.
bool mqtt_session_store::keep(std::string_view key, int parts, const char* const* bytes, const int* lengths) {
  if (is_command(key)) return false;
  std::lock_guard lock(mutex_);
  if (sealed_) return true;
  if (is_received_packet(key)) {
    received_.emplace(key);
  } else if (is_of_qos_1(key, parts, bytes)) {
    sent_once_.set(static_cast<size_t>(publish_id(key)));
  } else {
    auto& packet = packets_[std::string(key)];
    packet.clear();
    for (int i = 0; i < parts; ++i) packet.append(bytes[i], static_cast<size_t>(lengths[i]));
  }
  return true;
}

std::string mqtt_session_store::get(const std::string& key) const {
  std::lock_guard lock(mutex_);
  const auto i = packets_.find(key);
  if (i == packets_.end()) throw mqtt::persistence_exception();
  return i->second;
}

// Paho tries all keys that a packet may have: only those that are there count.
void mqtt_session_store::take_out(std::string_view key) {
  if (is_command(key)) return;
  const auto id = publish_id(key);
  std::unique_lock lock(mutex_);
  if (!received_.empty()) received_.erase(std::string(key));
  if (sealed_) return;
  sent_once_.reset(static_cast<size_t>(id));
  if (packets_.empty() || packets_.erase(std::string(key)) == 0 || id == 0 || !acknowledged_) return;
  const auto acknowledged = acknowledged_;
  lock.unlock();
  acknowledged(id);
}

} // namespace senseflow::runtime
