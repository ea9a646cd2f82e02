#include "config/reading/bytes.hpp"

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

/// Of a valid sequence.
char32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence.front());
  char32_t c = sequence.size() == 1 ? first : first & (0x7fu >> sequence.size());
  for (auto byte : sequence.substr(1)) c = c << 6 | (static_cast<unsigned char>(byte) & 0x3fu);
  return c;
}

constexpr char32_t byte_order_mark = 0xfeff;

std::string hex(char32_t c) {
  char text[16];
  std::snprintf(text, sizeof(text), "U+%04X", static_cast<unsigned>(c));
  return text;
}

/// What is wrong with a character of a text; empty if nothing.
bad_byte judged(char32_t c, bool at_start) {
  constexpr auto in_quotes = "Remove it; in double quotes it can be written as \\u and four hex digits.";
  if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c <= 0x9f))
    return {{}, "a control character (" + hex(c) + ")", in_quotes};
  if (c == 0x2028 || c == 0x2029)
    return {{}, "a line separator of Unicode (" + hex(c) + ")", "Write an ordinary line end."};
  if (c == byte_order_mark && !at_start)
    return {{}, "a byte order mark (U+FEFF) in the middle of the file", "Remove it; it is not visible."};
  if ((c & 0xfffe) == 0xfffe)
    return {{}, "a character that Unicode does not have (" + hex(c) + ")", in_quotes};
  return {};
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
    auto length = sequence_length(text);
    if (length == 0) return bad_byte{at, "not UTF-8 text", "Save the file as UTF-8."};
    auto c = code_point(text.substr(0, length));
    if (c == '\r' && text.substr(0, 2) != "\r\n")
      return bad_byte{at, "a carriage return that is not part of a line end", "Remove it."};
    if (auto bad = judged(c, at_start); !bad.problem.empty()) {
      bad.at = at;
      return bad;
    }
    if (c == '\n') {
      ++at.line;
      at.column = 1;
    } else if (c != byte_order_mark) {
      ++at.column;
    }
    text.remove_prefix(length);
  }
  return std::nullopt;
}

} // namespace senseflow::config::reading
