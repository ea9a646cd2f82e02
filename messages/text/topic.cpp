#include "messages/text/topic.hpp"

#include "messages/text/text.hpp"

#include <algorithm>

namespace senseflow::messages {

namespace {

/// Brokers close the connection for any of them, control and noncharacters of Unicode included.
bool is_refused(char32_t c) {
  return c == '+' || c == '#' || c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0xfdd0 && c <= 0xfdef) ||
         (c & 0xfffe) == 0xfffe;
}

std::string without_refused(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  bool valid = true;
  for (size_t at = 0; at < text.size();) {
    const auto c = next_code_point(text, at, valid);
    append_utf8(out, is_refused(c) ? U'_' : c);
  }
  return out;
}

} // namespace

std::string safe_levels(std::string_view text) {
  std::string out;
  for (const char c : without_refused(text)) {
    if (c == '/' && (out.empty() || out.back() == '/')) continue;
    out += c;
  }
  if (!out.empty() && out.back() == '/') out.pop_back();
  return out;
}

std::string safe_level(std::string_view text) {
  auto out = without_refused(text);
  for (auto& c : out)
    if (c == '/') c = '_';
  return out;
}

std::string_view safe_level(std::string_view text, std::string& buffer) {
  const auto plain = [](char c) { return c > 0x20 && c < 0x7f && c != '+' && c != '#' && c != '/'; };
  if (std::all_of(text.begin(), text.end(), plain)) return text;
  buffer = safe_level(text);
  return buffer;
}

std::string subsystem_levels(std::string_view subsystem) {
  auto text = ascii_lower(subsystem);
  for (auto& c : text)
    if (c == '.') c = '/';
  return safe_levels(text);
}

std::string with_slash(std::string_view base) {
  std::string out{base};
  if (!out.empty() && out.back() != '/') out += '/';
  return out;
}

std::string join_topic(std::string_view base, std::string_view levels) {
  return levels.empty() ? std::string{base} : with_slash(base).append(levels);
}

std::string virtual_proxy_suffix(std::string_view virtual_proxy) {
  std::string out = "/";
  const auto levels = safe_levels(virtual_proxy);
  if (levels.empty()) return out;
  out += levels;
  if (virtual_proxy.back() == '/') out += '/';
  return out;
}

std::string virtual_proxy_levels(std::string_view virtual_proxy) {
  auto levels = safe_levels(virtual_proxy);
  return levels.empty() ? "default" : levels;
}

} // namespace senseflow::messages
