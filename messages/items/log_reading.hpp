// Which part of a datagram is which field of a log event: the fields are known by their position only, and
// texts in them may hold the separator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace senseflow::messages {

/// What stands in a field, as far as it tells a shifted reading from a right one.
enum class field_form : uint8_t {
  any,
  free_text, ///< somebody wrote it: may hold separators
  level,     ///< a word
  number,
  timestamp,
  uuid,
  account ///< `directory\id`
};

inline constexpr size_t max_fields = 32;

/// The fields of a source in their order, the source itself included.
struct field_forms {
  size_t count = 0;
  std::array<field_form, max_fields> forms{};
};

using raw_fields = std::array<std::string_view, max_fields>;

/// Views into the datagram; fields that are not there are "". Line ends, NULs and blanks at the end don't
/// count. If there are more separators than fields, the surplus belongs to one of the free texts, or to
/// fields that somebody added at the end: the reading wins in which most fields look as they should, and the
/// message takes it where that does not tell. Allocates nothing.
raw_fields read_positions(std::string_view datagram, const field_forms& shape);

} // namespace senseflow::messages
