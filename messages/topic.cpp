#include "messages/topic.hpp"

#include "messages/text.hpp"

namespace senseflow::messages {

namespace {

std::string without_wildcards(std::string_view text) {
  auto out = is_utf8(text) ? std::string{text} : repaired_utf8(text);
  for (auto& c : out)
    if (c == '+' || c == '#' || c == '\0') c = '_';
  return out;
}

} // namespace

std::string safe_levels(std::string_view text) {
  std::string out;
  for (const char c : without_wildcards(text)) {
    if (c == '/' && (out.empty() || out.back() == '/')) continue;
    out += c;
  }
  if (!out.empty() && out.back() == '/') out.pop_back();
  return out;
}

std::string safe_level(std::string_view text) {
  auto out = without_wildcards(text);
  for (auto& c : out)
    if (c == '/') c = '_';
  return out;
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
