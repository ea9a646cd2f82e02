// bare_loop: what senseflow's user and log events cost at least. Datagrams are received, parsed, encoded and
// published by senseflow's own functions and one client of Paho C++, on one thread and from the same
// configuration file: same topics, same payloads, same packets. No actors, no supervision, no outbox, no ledger,
// and nothing is kept for a broker that is away: the yardstick of bench/run. Ends when it is killed.
#include "config/load.hpp"
#include "messages/items/app_names.hpp"
#include "messages/items/log_event.hpp"
#include "messages/items/user_event.hpp"
#include "runtime/mqtt/nodelay.hpp"
#include "runtime/udp/bind.hpp"
#include "runtime/wiring/encoding.hpp"

#include <CLI/CLI.hpp>
#include <mqtt/async_client.h>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <exception>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace senseflow;

/// Messages on their way. Waiting ends when an eighth of them has arrived: one wake-up for several.
class window final : public mqtt::iaction_listener {
public:
  explicit window(size_t size) : size_(size), enough_(size - (size + 7) / 8) {}

  void take() {
    std::unique_lock lock{mutex_};
    if (used_ >= size_) {
      waiting_ = true;
      room_.wait(lock, [this] { return used_ <= enough_; });
      waiting_ = false;
    }
    ++used_;
  }

  void on_success(const mqtt::token&) override {
    std::unique_lock lock{mutex_};
    const bool wanted = --used_ <= enough_ && waiting_;
    lock.unlock();
    if (wanted) room_.notify_one();
  }

  void on_failure(const mqtt::token&) override {
    std::cerr << "bare_loop: a message was not delivered\n";
    std::_Exit(1);
  }

private:
  const size_t size_, enough_;
  std::mutex mutex_; // guards the next
  size_t used_ = 0;
  bool waiting_ = false;
  std::condition_variable room_;
};

mqtt::properties properties_of(const messages::mqtt_message& m, const std::string& origin,
                               uint64_t sequence) {
  using mqtt::property;
  mqtt::properties result;
  result.add({property::PAYLOAD_FORMAT_INDICATOR, 1});
  result.add({property::CONTENT_TYPE, m.json ? "application/json" : "text/plain"});
  result.add({property::USER_PROPERTY, "origin", origin});
  result.add({property::USER_PROPERTY, "sequence", std::to_string(sequence)});
  result.add({property::USER_PROPERTY, "schema", "1"});
  return result;
}

class publisher {
public:
  publisher(const config::mqtt_settings& s, size_t at_most, bool properties)
      : client_("tcp://" + s.broker_host + ":" + std::to_string(s.broker_port), "bare-loop",
                mqtt::create_options(MQTTVERSION_5, static_cast<int>(at_most) + 8)),
        window_(connect(s, at_most)), properties_(properties) {}

  void publish(const messages::publication& x) {
    ++sequence_;
    for (const auto& m : x.messages) {
      window_.take();
      auto message = mqtt::make_message(mqtt::string_ref(m.topic.pointer()),
                                        mqtt::binary_ref(m.payload.pointer()), m.qos, m.retain);
      if (properties_) message->set_properties(properties_of(m, x.origin.str(), sequence_));
      client_.publish(std::move(message), nullptr, window_);
    }
  }

private:
  /// The window: with QoS 1 and 2 no more than the broker takes at a time.
  size_t connect(const config::mqtt_settings& s, size_t at_most) {
    mqtt::connect_options o;
    o.set_mqtt_version(MQTTVERSION_5);
    o.set_clean_start(true);
    o.set_max_inflight(static_cast<int>(at_most) + 1);
    const auto connected = client_.connect(o);
    connected->wait();
    runtime::switch_nagle_off(s.broker_host, s.broker_port);
    auto result = at_most;
    const auto said = connected->get_connect_response().get_properties();
    if (s.qos.events > 0 && said.contains(mqtt::property::RECEIVE_MAXIMUM))
      result = std::min<size_t>(at_most, mqtt::get<uint16_t>(said, mqtt::property::RECEIVE_MAXIMUM));
    std::cout << "connected to the MQTT broker, window " << result << std::endl;
    return result;
  }

  mqtt::async_client client_;
  window window_;
  const bool properties_;
  uint64_t sequence_ = 0;
};

/// What became of one datagram: a publication, or nothing (it is no event, or the rules filter it).
std::optional<messages::publication> user_event(std::string_view bytes, const actors::encoding_options& o) {
  static const messages::app_names none;
  auto event = messages::parse_user_event(bytes);
  if (!event) return {};
  event->received = caf::make_timestamp();
  auto encoded = messages::encode_user_event(*event, o.user_events, none);
  auto* const result = std::get_if<messages::publication>(&encoded);
  return result != nullptr ? std::optional{std::move(*result)} : std::nullopt;
}

std::optional<messages::publication> log_event(std::string_view bytes, const actors::encoding_options& o) {
  static const messages::app_names none;
  auto event = messages::parse_log_event(bytes);
  if (!event) return {};
  event->received = caf::make_timestamp();
  auto encoded = messages::encode_log_event(*event, o.log_events, none);
  auto* const result = std::get_if<messages::publication>(&encoded);
  return result != nullptr ? std::optional{std::move(*result)} : std::nullopt;
}

struct port {
  runtime::bound_udp socket;
  decltype(&user_event) to_publication;
};

port open(const config::udp_settings& s, decltype(&user_event) to_publication) {
  runtime::udp_options o;
  o.host = s.server_host;
  o.port = s.port;
  o.receive_buffer_bytes = s.receive_buffer_bytes;
  port result{runtime::bind_udp(o), to_publication};
  if (!result.socket.error.empty()) throw std::runtime_error(result.socket.error);
  return result;
}

class receiver {
public:
  receiver() {
    for (size_t i = 0; i < at_once; ++i) {
      parts_[i] = {bytes_.data() + i * largest, largest};
      headers_[i].msg_hdr.msg_iov = &parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  /// Calls `f` for each datagram that is there; with `wait` it waits for the first one.
  template <class F>
  void receive(int fd, bool wait, F f) {
    const int n = ::recvmmsg(fd, headers_.data(), at_once, wait ? MSG_WAITFORONE : MSG_DONTWAIT, nullptr);
    for (int i = 0; i < n; ++i) {
      const auto k = static_cast<size_t>(i);
      f(std::string_view{bytes_.data() + k * largest, headers_[k].msg_len});
    }
  }

private:
  static constexpr size_t at_once = 64, largest = 65536;
  std::vector<char> bytes_ = std::vector<char>(at_once * largest);
  std::array<iovec, at_once> parts_{};
  std::array<mmsghdr, at_once> headers_{};
};

[[noreturn]] void run(const config::settings& s, size_t at_most, bool properties) {
  const auto rules = runtime::encoding_options(s);
  std::vector<port> ports;
  if (s.user_events.enable) ports.push_back(open(s.user_events.udp, user_event));
  if (s.log_events.enabled()) ports.push_back(open(s.log_events.udp, log_event));
  if (ports.empty()) throw std::runtime_error("the configuration has neither user nor log events");
  publisher out{s.mqtt, at_most, properties};
  receiver in;
  std::vector<pollfd> watched;
  for (const auto& p : ports) watched.push_back({p.socket.fd.get(), POLLIN, 0});
  const bool only_one = ports.size() == 1;
  for (;;) {
    if (!only_one) ::poll(watched.data(), watched.size(), -1);
    for (const auto& p : ports)
      in.receive(p.socket.fd.get(), only_one, [&](std::string_view bytes) {
        if (const auto x = p.to_publication(bytes, rules)) out.publish(*x);
      });
  }
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Publishes user and log events as senseflow does, without all that makes senseflow safe"};
  std::string file;
  size_t at_most = 128;
  bool no_properties = false;
  app.add_option("-c", file, "senseflow's configuration file")->required();
  app.add_option("--window", at_most, "messages on their way at most")->capture_default_str();
  app.add_flag("--no-properties", no_properties, "without MQTT 5's properties (content type, origin…)");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto loaded = config::load(file);
    for (const auto& x : loaded.faults) std::cerr << to_string(x) << '\n';
    if (!loaded) return 1;
    run(loaded.value, at_most, !no_properties);
  } catch (const std::exception& e) {
    std::cerr << "bare_loop: " << e.what() << '\n';
    return 1;
  }
}
