// Splits a datagram into its fields; a surplus of separators in one of them is beyond what libraries split.
#pragma once

#include <array>
#include <string_view>

namespace senseflow::messages {

/// Views into the datagram; fields that are not there are "".
template <size_t Max>
struct split_datagram {
  std::array<std::string_view, Max> fields;
  bool surplus = false; ///< there are more separators than `count` fields need
};

/// `count` fields at most; there is always one. A surplus stays in field number `greedy`, so that fields
/// behind it are counted from the end; if there is no such field, it is left out.
template <size_t Max>
split_datagram<Max> split_fields(std::string_view text, size_t count, size_t greedy) {
  split_datagram<Max> result;
  auto& fields = result.fields;
  auto rest = text;
  for (size_t i = 0; i < count; ++i) {
    const auto end = rest.find(';');
    fields[i] = rest.substr(0, end);
    if (end == std::string_view::npos) return result;
    rest.remove_prefix(end + 1);
  }
  result.surplus = true;
  if (greedy >= count) return result;
  for (size_t i = count - 1; i > greedy; --i) {
    const auto separator = text.rfind(';');
    fields[i] = text.substr(separator + 1);
    text = text.substr(0, separator);
  }
  fields[greedy] = text.substr(static_cast<size_t>(fields[greedy].data() - text.data()));
  return result;
}

} // namespace senseflow::messages
