#include "runtime/status/words.hpp"

#include <fmt/format.h>

namespace senseflow::runtime {

std::string in_words(std::chrono::milliseconds x) {
  const auto s = x.count() / 1000;
  if (s < 120) return fmt::format("{} s", s);
  if (s < 2 * 3600) return fmt::format("{} min", s / 60);
  if (s < 2 * 86400) return fmt::format("{} h", s / 3600);
  return fmt::format("{} d", s / 86400);
}

std::string in_bytes(uint64_t x) {
  if (x < 1024) return fmt::format("{} bytes", x);
  auto value = static_cast<double>(x) / 1024;
  for (const auto* unit : {"KiB", "MiB", "GiB"}) {
    if (value < 1024) return fmt::format("{:.1f} {}", value, unit);
    value /= 1024;
  }
  return fmt::format("{:.1f} TiB", value);
}

const char* port_name(messages::item_class c) {
  return c == messages::item_class::user_event ? "user events" : "log events";
}

} // namespace senseflow::runtime
