#include "config/reading/bytes.hpp"

#include "config/schema/utf8.hpp"

#include <cstdio>

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

constexpr char32_t byte_order_mark = 0xfeff;

std::string hex(char32_t c) {
  char text[16];
  std::snprintf(text, sizeof(text), "U+%04X", static_cast<unsigned>(c));
  return text;
}

std::string name_of(char32_t c) {
  if (c == 0x2028 || c == 0x2029) return "a line separator of Unicode (" + hex(c) + ")";
  if (c == byte_order_mark) return "a byte order mark (" + hex(c) + ") in the middle of the file";
  return (c < 0xa0 ? "a control character (" : "a character that Unicode reserves (") + hex(c) + ")";
}

bool is_utf_16(std::string_view text) {
  return text.substr(0, 2) == "\xff\xfe" || text.substr(0, 2) == "\xfe\xff" ||
         (text.size() > 1 && (text[0] == 0) != (text[1] == 0));
}

} // namespace

std::optional<bad_byte> first_bad_byte(std::string_view text) {
  if (is_utf_16(text)) return bad_byte{{1, 1}, "UTF-16 text", "Save the file as UTF-8."};
  mark at{1, 1};
  for (bool at_start = true; !text.empty(); at_start = false) {
    if (sequence_length(text) == 0) return bad_byte{at, "not UTF-8 text", "Save the file as UTF-8."};
    size_t end = 0;
    auto c = schema::next_code_point(text, end);
    if (c == '\r' && text.substr(0, 2) != "\r\n")
      return bad_byte{at, "a carriage return that is not part of a line end", "Remove it."};
    if (schema::needs_escape(c) && !(at_start && c == byte_order_mark))
      return bad_byte{at, name_of(c),
                      "Remove it; in double quotes it can be written as \\u and four hex digits."};
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else if (c != byte_order_mark) {
      ++at.column;
    }
    text.remove_prefix(end);
  }
  return std::nullopt;
}

} // namespace senseflow::config::reading
