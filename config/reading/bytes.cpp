#include "config/reading/bytes.hpp"

namespace senseflow::config::reading {

namespace {

/// Length of the valid UTF-8 sequence at the front; 0 if there is none.
size_t sequence_length(std::string_view s) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  auto first = byte(0);
  if (first < 0x80) return 1;
  size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                  : (first & 0xf0) == 0xe0         ? 3
                  : first >= 0xf0 && first <= 0xf4 ? 4
                                                   : 0;
  if (length == 0 || s.size() < length) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  auto overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  auto surrogate = first == 0xed && byte(1) > 0x9f;
  auto too_high = first == 0xf4 && byte(1) > 0x8f;
  return overlong || surrogate || too_high ? 0 : length;
}

} // namespace

std::optional<bad_byte> first_bad_byte(std::string_view text) {
  mark at{1, 1};
  while (!text.empty()) {
    auto c = static_cast<unsigned char>(text.front());
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
      return bad_byte{at, "holds a control character (code " + std::to_string(c) + ")",
                      "Save the file as plain UTF-8 text; in a quoted text, write \\x and two hex digits."};
    auto length = sequence_length(text);
    if (length == 0) return bad_byte{at, "is not UTF-8 text", "Save the file as UTF-8."};
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else {
      ++at.column;
    }
    text.remove_prefix(length);
  }
  return std::nullopt;
}

} // namespace senseflow::config::reading
