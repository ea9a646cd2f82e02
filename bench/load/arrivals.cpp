#include "bench/load/arrivals.hpp"

#include <mosquitto.h>

#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace senseflow::bench {

namespace {

using namespace std::chrono_literals;

std::chrono::microseconds since_1970(arrivals::wall_clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::microseconds>(t.time_since_epoch());
}

} // namespace

arrivals::arrivals(uint16_t broker_port, const std::vector<std::string>& topics) {
  [[maybe_unused]] static const int once = mosquitto_lib_init();
  client_.reset(mosquitto_new(nullptr, true, this));
  auto* const client = client_.get();
  mosquitto_message_callback_set(client, on_message);
  mosquitto_subscribe_callback_set(client, on_subscribe);
  if (mosquitto_connect(client, "127.0.0.1", broker_port, 60) != MOSQ_ERR_SUCCESS)
    throw std::runtime_error("no broker at port " + std::to_string(broker_port));
  mosquitto_loop_start(client);
  for (const auto& x : topics) mosquitto_subscribe(client, nullptr, x.c_str(), 0);
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (subscribed_ < static_cast<int>(topics.size())) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("the broker does not answer a subscription");
    std::this_thread::sleep_for(2ms);
  }
}

arrivals::~arrivals() = default;

void arrivals::closer::operator()(mosquitto* client) const {
  mosquitto_disconnect(client);
  mosquitto_loop_stop(client, false);
  mosquitto_destroy(client);
}

void arrivals::measure(wall_clock::time_point from, wall_clock::time_point to) {
  std::lock_guard lock{mutex_};
  from_ = since_1970(from);
  to_ = since_1970(to);
  latency_ = {};
}

histogram arrivals::latency() const {
  std::lock_guard lock{mutex_};
  return latency_;
}

void arrivals::on_message(mosquitto*, void* self, const mosquitto_message* m) {
  static_cast<arrivals*>(self)->add(
      {static_cast<const char*>(m->payload), static_cast<size_t>(m->payloadlen)});
}

void arrivals::on_subscribe(mosquitto*, void* self, int, int, const int*) {
  ++static_cast<arrivals*>(self)->subscribed_;
}

void arrivals::add(std::string_view payload) {
  constexpr std::string_view before_time = " at ";
  if (const auto at = payload.find(before_time); at != payload.npos) {
    const std::chrono::microseconds sent{std::strtoll(payload.data() + at + before_time.size(), nullptr, 10)};
    std::lock_guard lock{mutex_};
    if (sent >= from_ && sent < to_) latency_.add(since_1970(wall_clock::now()) - sent);
  }
  ++messages_;
}

} // namespace senseflow::bench
