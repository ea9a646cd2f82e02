#include "config/reading/topics.hpp"

#include "config/schema/formats.hpp"
#include "config/schema/utf8.hpp"

namespace senseflow::config::reading {

namespace {

std::string without_refused(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto begin = at;
    if (schema::is_refused_in_topics(schema::next_code_point(text, at)))
      out += '_';
    else
      out += text.substr(begin, at - begin);
  }
  return out;
}

std::string without_empty_levels(std::string_view text) {
  std::string out;
  for (auto c : text)
    if (c != '/' || (!out.empty() && out.back() != '/')) out += c;
  if (!out.empty() && out.back() == '/') out.pop_back();
  return out;
}

} // namespace

std::string as_level(std::string_view text) {
  auto out = without_refused(text);
  for (auto& c : out)
    if (c == '/') c = '_';
  return out;
}

std::string proxy_levels(std::string_view virtual_proxy) {
  auto levels = without_empty_levels(without_refused(virtual_proxy));
  return levels.empty() ? "default" : levels;
}

std::string topic_host(const server_settings& server) {
  auto host = std::string_view(server.host).substr(0, server.host.rfind(':'));
  for (auto& [name, value] : server.tags)
    if (name == "host") host = value;
  return without_empty_levels(without_refused(host));
}

} // namespace senseflow::config::reading
