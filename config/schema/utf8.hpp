// Characters of texts that are known to be UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace senseflow::config::schema {

/// The character at `at`, which moves behind it.
inline char32_t next_code_point(std::string_view text, size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  auto more = first < 0xc0 ? 0u : first < 0xe0 ? 1u : first < 0xf0 ? 2u : 3u;
  char32_t c = more == 0 ? first : first & (0x3fu >> more);
  for (; more > 0 && at < text.size(); --more) c = c << 6 | (static_cast<unsigned char>(text[at++]) & 0x3fu);
  return c;
}

/// Must not stand in a file as it is, only as an escape: control characters (but tab and line ends), line
/// separators that not every program takes for one, the byte order mark, and what Unicode reserves.
inline bool needs_escape(char32_t c) {
  return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c <= 0x9f) || c == 0x2028 ||
         c == 0x2029 || c == 0xfeff || (c & 0xfffe) == 0xfffe;
}

} // namespace senseflow::config::schema
