// What tells subscribers whether a node is there: the birth and the will of its connection.
#pragma once

#include <cstdint>

namespace senseflow::runtime::presence {

inline constexpr const char* online = "online";
inline constexpr const char* offline = "offline";
inline constexpr uint8_t qos = 1;

} // namespace senseflow::runtime::presence
