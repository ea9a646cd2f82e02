// How well a Sense server answers, as its poller sees it. Made when that changes.
#pragma once

#include "messages/items/polled_by.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/timestamp.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace senseflow::messages {

enum class server_state : uint8_t {
  online,   ///< all APIs that are polled answer well
  degraded, ///< neither of the others
  offline   ///< the engine's health can't be had
};
std::string_view to_string_view(server_state x);

struct availability_sample {
  std::string server;         ///< the name it has in the configuration: the routing key
  std::string host;           ///< as in health_sample
  caf::timestamp timestamp{}; ///< UTC, when it was noticed
  server_state state = server_state::online;
  caf::timestamp since{};          ///< of this state; the error may have changed meanwhile
  std::string api;                 ///< that fails, `health` or `sessions<virtual proxy>`; "" = none
  std::string error;               ///< its class: a short fixed word; "" = none
  int32_t http_status = 0;         ///< with the error `http_status`
  caf::timestamp last_good_poll{}; ///< of any API; zero = none since the start
  polled_by by = {};
};

bool operator==(const availability_sample& a, const availability_sample& b);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, availability_sample& x) {
  return f(caf::meta::type_name("availability_sample"), x.server, x.host, x.timestamp, x.state, x.since,
           x.api, x.error, x.http_status, x.last_good_poll, x.by);
}

} // namespace senseflow::messages
