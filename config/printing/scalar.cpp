#include "config/printing/scalar.hpp"

#include "config/schema/formats.hpp"
#include "config/schema/utf8.hpp"

#include <algorithm>
#include <cstdio>

namespace senseflow::config::printing {

namespace {

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

bool needs_double_quotes(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    auto c = schema::next_code_point(text, at);
    if (c < 0x20 || schema::needs_escape(c)) return true;
  }
  return false;
}

std::string escape(char32_t c) {
  char text[16];
  std::snprintf(text, sizeof(text),
                c < 0x100     ? "\\x%02X"
                : c < 0x10000 ? "\\u%04X"
                              : "\\U%08X",
                static_cast<unsigned>(c));
  return text;
}

std::string in_double_quotes(std::string_view text) {
  std::string out = "\"";
  for (size_t at = 0; at < text.size();) {
    const auto begin = at;
    const auto c = schema::next_code_point(text, at);
    if (c == '\n')
      out += "\\n";
    else if (c < 0x20 || schema::needs_escape(c))
      out += escape(c);
    else if (c == '"' || c == '\\')
      out += {'\\', static_cast<char>(c)};
    else
      out += text.substr(begin, at - begin);
  }
  return out + '"';
}

} // namespace

std::string scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  if (needs_double_quotes(text)) return in_double_quotes(text);
  std::string out = "'";
  for (auto c : text) {
    if (c == '\'') out += c;
    out += c;
  }
  return out + '\'';
}

} // namespace senseflow::config::printing
