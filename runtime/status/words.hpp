// Durations and sizes as people say them.
#pragma once

#include "messages/publication.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace senseflow::runtime {

/// "12 s", "3 min", "5 h", "2 d": the largest unit of which there are two or more.
std::string in_words(std::chrono::milliseconds x);
/// "900 bytes", "1.2 MiB".
std::string in_bytes(uint64_t x);
/// Of a UDP port: "user events", "log events".
const char* port_name(messages::item_class c);

} // namespace senseflow::runtime
