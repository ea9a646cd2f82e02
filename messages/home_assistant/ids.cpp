#include "messages/home_assistant/ids.hpp"

namespace senseflow::messages::home_assistant {

namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

} // namespace

std::string escaped_id(std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    if (is_lower_or_digit(c) || is_upper(c)) {
      out += c;
      continue;
    }
    out += '-';
    if (c == '-') {
      out += '-';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += hex[byte >> 4];
      out += hex[byte & 0xf];
    }
  }
  return out;
}

std::string slug(std::string_view text) {
  std::string out;
  bool gap = false;
  for (char c : text) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
    if (!is_lower_or_digit(c)) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += '_';
    gap = false;
    out += c;
  }
  return out;
}

} // namespace senseflow::messages::home_assistant
