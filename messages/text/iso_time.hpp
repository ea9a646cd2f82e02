// Points in time as ISO 8601 text in UTC, with milliseconds: `2026-11-22T09:21:07.123Z`.
#pragma once

#include <caf/timestamp.hpp>

#include <string>

namespace senseflow::messages {

std::string iso_time(caf::timestamp when);
void append_iso_time(std::string& to, caf::timestamp when);

} // namespace senseflow::messages
