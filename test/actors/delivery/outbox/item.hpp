// Publications, and items of the outbox.
#pragma once

#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/item.hpp"

#include <string>
#include <utility>

namespace senseflow::test {

using actors::outbox_item;
using messages::item_class;

inline messages::publication publication(item_class c, std::string origin, std::string payload,
                                         size_t n = 1) {
  messages::publication x;
  x.cls = c;
  x.origin = origin;
  if (is_state(c)) x.replaces = std::string{to_string_view(c)} + "/" + origin;
  for (size_t i = 0; i < n; ++i) x.messages.push_back({"topic", payload, 1, false, 0});
  return x;
}

inline outbox_item event(std::string payload = "x", std::string origin = "a") {
  return {publication(item_class::user_event, std::move(origin), std::move(payload))};
}
inline outbox_item state(std::string payload = "x", std::string origin = "a") {
  return {publication(item_class::health, std::move(origin), std::move(payload))};
}

inline std::string payload(const outbox_item& x) { return x.content->messages.front().payload.str(); }

} // namespace senseflow::test
