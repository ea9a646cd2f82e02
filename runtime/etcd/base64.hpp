// Standard base64 with padding, as the gateway wants keys and values; by OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace senseflow::runtime {

std::string to_base64(std::string_view bytes);

/// Nothing for what is no standard base64: other characters, line ends, missing padding.
std::optional<std::string> from_base64(std::string_view text);

} // namespace senseflow::runtime
