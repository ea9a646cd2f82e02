#include "config/fault.hpp"

#include <string_view>

namespace senseflow::config {

namespace {

void append_escaped(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
}

} // namespace

std::string to_string(const fault& x) {
  std::string text;
  append_escaped(text, x.file);
  if (x.line > 0) text += ":" + std::to_string(x.line) + ":" + std::to_string(x.column);
  text += ": ";
  if (!x.key.empty()) {
    append_escaped(text, x.key);
    text += ' ';
  }
  append_escaped(text, x.problem);
  if (!x.remedy.empty()) {
    text += ". ";
    append_escaped(text, x.remedy);
  }
  return text;
}

} // namespace senseflow::config
