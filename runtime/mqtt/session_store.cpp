#include "runtime/mqtt/session_store.hpp"

#include <mqtt/exception.h>

#include <charconv>
#include <string_view>
#include <utility>

namespace senseflow::runtime {
namespace {

// "s-12" and "s5-12" are PUBLISH packets, "sc-12" and "sc5-12" PUBREL; those with c are commands that have
// not been written: they are of no use once their client is gone.
bool is_sent_packet(std::string_view key) { return !key.empty() && key.front() == 's'; }

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
bool is_to_be_continued(std::string_view key, std::string_view packet) {
  return is_sent_packet(key) && !packet.empty() && (publish_id(key) == 0 || (packet.front() & 0x06) == 0x04);
}

} // namespace

void mqtt_session_store::on_acknowledged(std::function<void(int)> f) {
  std::lock_guard lock(mutex_);
  acknowledged_ = std::move(f);
}

void mqtt_session_store::seal(bool on) {
  std::lock_guard lock(mutex_);
  if (sealed_ && !on)
    for (auto i = packets_.begin(); i != packets_.end();)
      i = is_to_be_continued(i->first, i->second) ? std::next(i) : packets_.erase(i);
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
}

bool mqtt_session_store::was_sent(int packet_id) const {
  const auto id = std::to_string(packet_id);
  std::lock_guard lock(mutex_);
  for (const auto* prefix : {"s-", "s5-", "sc-", "sc5-"})
    if (packets_.count(prefix + id) > 0) return true;
  return false;
}

void mqtt_session_store::clear() {
  std::lock_guard lock(mutex_);
  if (!sealed_) packets_.clear();
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
  std::string packet;
  size_t size = 0;
  for (const auto& part : parts) size += part.size();
  packet.reserve(size);
  for (const auto& part : parts) packet.append(part.data(), part.size());
  std::lock_guard lock(mutex_);
  if (sealed_) return;
  if (is_received_packet(key))
    received_.insert(key);
  else
    packets_[key] = std::move(packet);
}

std::string mqtt_session_store::get(const std::string& key) const {
  std::lock_guard lock(mutex_);
  const auto i = packets_.find(key);
  if (i == packets_.end()) throw mqtt::persistence_exception();
  return i->second;
}

// Paho tries all keys that a packet may have: only those that are there count.
void mqtt_session_store::remove(const std::string& key) {
  std::unique_lock lock(mutex_);
  received_.erase(key);
  if (sealed_ || packets_.erase(key) == 0 || !acknowledged_) return;
  const auto id = publish_id(key);
  if (id == 0) return;
  const auto acknowledged = acknowledged_;
  lock.unlock();
  acknowledged(id);
}

} // namespace senseflow::runtime
