#include "messages/items/insight.hpp"

namespace senseflow::messages {

std::string_view to_string_view(insight_kind x) {
  switch (x) {
  case insight_kind::silence:
    return "silence";
  case insight_kind::sessions:
    return "sessions";
  case insight_kind::storm:
    return "storm";
  case insight_kind::performance:
    return "performance";
  case insight_kind::memory:
    return "memory";
  case insight_kind::clock:
    return "clock";
  case insight_kind::certificates:
    return "certificates";
  }
  return "unknown";
}

bool operator==(const insight& a, const insight& b) {
  return a.kind == b.kind && a.event == b.event && a.origin == b.origin && a.topic == b.topic &&
         a.payload == b.payload && a.by == b.by;
}

} // namespace senseflow::messages
