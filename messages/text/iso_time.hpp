// Points in time as ISO 8601 text in UTC, with milliseconds: `2026-11-22T09:21:07.123Z`.
#pragma once

#include <caf/timestamp.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace senseflow::messages {

std::string iso_time(caf::timestamp when);
void append_iso_time(std::string& to, caf::timestamp when);

/// The moment that an `is_timestamp` names, from 1970 to 2200; none without its offset from UTC (`Z`, `+0100`).
std::optional<caf::timestamp> parse_iso_time(std::string_view text);

} // namespace senseflow::messages
