#include "runtime/wiring/broker_certificates.hpp"

#include "messages/insights/noted.hpp"
#include "runtime/net/tcp_connection.hpp"
#include "runtime/net/tls_handshake.hpp"
#include "runtime/wiring/options.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;
using time_point = broker_certificates::time_point;

constexpr auto connect_limit = 1500ms, handshake_limit = 2000ms;
constexpr auto all_of_it = 4s; // with the moment for an alert
constexpr auto daily = 24h;
constexpr std::chrono::milliseconds rest = 10min, first_retry = 1min;

struct place {
  std::string host;
  uint16_t port = 0;
};

/// Of `host:port`, `[address]:port`.
std::optional<place> place_of(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  auto host = address.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto port = std::strtoul(address.c_str() + colon + 1, nullptr, 10);
  return place{std::move(host), static_cast<uint16_t>(port)};
}

/// Whether the same is shown to us, as far as it is up to us.
bool same(const mqtt_options& a, const mqtt_options& b) {
  const auto of = [](const mqtt_options& x) {
    auto all = std::vector<std::pair<std::string, uint16_t>>{{x.host, x.port}};
    for (const auto& one : x.further_brokers) all.emplace_back(one.host, one.port);
    return all;
  };
  return of(a) == of(b) && a.tls_ca_file == b.tls_ca_file &&
         a.tls_certificate_file == b.tls_certificate_file && a.tls_key_file == b.tls_key_file &&
         a.tls_key_passphrase == b.tls_key_passphrase && a.tls_alpn == b.tls_alpn;
}

std::string name_of(const std::string& address) { return "broker " + address; }

} // namespace

struct broker_certificates::state {
  struct known {
    caf::timestamp connection{}; ///< since when the one was up that was looked at
    time_point looked{}, due{};
    std::chrono::milliseconds retry = first_retry;
  };

  std::mutex mutex;                    // guards all below
  std::optional<mqtt_options> options; ///< none: off
  std::shared_ptr<resolver> names;
  std::map<std::string, known> brokers;

  bool is_due(const std::string& address, const broker_notice& b, time_point now) {
    const auto [i, is_new] = brokers.try_emplace(address);
    auto& x = i->second;
    const bool another = x.connection != b.since && now - x.looked >= rest;
    if (!is_new && !another && now < x.due) return false;
    x.connection = b.since;
    x.looked = now;
    x.due = now + x.retry;
    x.retry = std::min<std::chrono::milliseconds>(x.retry * 2, daily);
    return true;
  }
  /// `f` notes it, unless that is not wanted any more.
  template <class F>
  void succeeded(const std::string& address, F f) {
    std::lock_guard lock{mutex};
    const auto i = brokers.find(address);
    if (i == brokers.end()) return;
    i->second.due = i->second.looked + daily;
    i->second.retry = first_retry;
    f();
  }
};

broker_certificates::broker_certificates(actors::context_ptr env)
    : env_(std::move(env)), state_(std::make_shared<state>()) {}

broker_certificates::~broker_certificates() { hand_.idle(all_of_it); }

void broker_certificates::follow(const config::settings& s, std::shared_ptr<resolver> names) {
  std::optional<mqtt_options> o;
  if (s.insights.certificates.enable) o = broker_options(s, 0, node_name(s));
  if (o && (!o->tls || !o->proxy.host.empty())) o.reset();
  std::lock_guard lock{state_->mutex};
  state_->names = std::move(names);
  if (o && state_->options && same(*o, *state_->options)) return;
  for (const auto& [address, x] : state_->brokers) env_->notices.certificates.forget(name_of(address));
  state_->brokers.clear();
  state_->options = std::move(o);
}

void broker_certificates::look(time_point now) {
  if (!hand_.idle(0ms)) return;
  std::lock_guard lock{state_->mutex};
  if (!state_->options) return;
  for (const auto& [slot, b] : env_->notices.brokers.all()) {
    const auto to = b.connected ? place_of(b.address) : std::nullopt;
    if (!to || !state_->is_due(b.address, b, now)) continue;
    auto addresses = state_->names->known(to->host).addresses;
    if (const auto one = parse_address(to->host)) addresses = {*one};
    const auto& o = *state_->options;
    tls_question question{to->host,       o.tls_ca_file,        o.tls_certificate_file,
                          o.tls_key_file, o.tls_key_passphrase, o.tls_alpn};
    hand_.run([=, port = to->port, address = b.address, env = env_, known = state_] {
      const auto c = connect_to(addresses, port, connect_limit);
      if (!c.fd) return;
      const auto seen = shake_hands(c.fd.get(), question, handshake_limit);
      if (seen.expiry == 0) return;
      known->succeeded(address, [&] {
        env->notices.certificates.update(name_of(address), [&](auto& x) {
          x = {"", "", seen.subject, seen.issuer, messages::insights::end_of_validity(seen.expiry)};
        });
      });
    });
    return; // one at a time
  }
}

} // namespace senseflow::runtime
