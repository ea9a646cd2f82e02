// Splits a datagram into its fields; a surplus of separators in one of them is beyond what libraries split.
#pragma once

#include <array>
#include <string_view>

namespace senseflow::messages {

/// At most `max` fields, views into the datagram; there is always one. If more separators come than that,
/// the surplus stays in field number `greedy`, so that fields behind it are counted from the end. Fields
/// that are not there are "".
template <size_t Max>
std::array<std::string_view, Max> split_fields(std::string_view text, size_t count, size_t greedy) {
  std::array<std::string_view, Max> fields;
  size_t separators = 0;
  for (const char c : text) separators += c == ';' ? 1 : 0;
  auto surplus = separators + 1 > count ? separators + 1 - count : 0;
  for (size_t i = 0; i < count; ++i) {
    auto end = text.find(';');
    if (i == greedy)
      for (; surplus > 0; --surplus) end = text.find(';', end + 1);
    fields[i] = text.substr(0, end);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return fields;
}

} // namespace senseflow::messages
