#include "config/printing/scalar.hpp"

#include "config/schema/formats.hpp"

#include <algorithm>

namespace senseflow::config::printing {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/' ||
         c == '_' || c == '-' || c == ':' || c == ' ';
}

/// Has a meaning of its own at the ends of a bare text.
bool is_mark(char c) { return c == '-' || c == '.' || c == ':' || c == ' '; }

bool is_plain(std::string_view text) {
  return !text.empty() && !is_mark(text.front()) && !is_mark(text.back()) &&
         text.find(": ") == std::string_view::npos && std::all_of(text.begin(), text.end(), is_safe) &&
         !schema::reads_as_number(text) && !schema::reads_as_bool(text) &&
         !schema::equal_ignoring_case(text, "null");
}

std::string in_double_quotes(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out = "\"";
  for (auto c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (is_control(c)) {
      out += "\\x";
      out += digits[(static_cast<unsigned char>(c) >> 4) & 15];
      out += digits[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

} // namespace

std::string scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  if (std::any_of(text.begin(), text.end(), is_control)) return in_double_quotes(text);
  std::string out = "'";
  for (auto c : text) {
    if (c == '\'') out += c;
    out += c;
  }
  return out + '\'';
}

} // namespace senseflow::config::printing
