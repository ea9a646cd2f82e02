#include "config/schema/formats.hpp"

#include "config/schema/utf8.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace senseflow::config::schema {

namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Labels of letters, digits, '-' and '_' (Windows host names have it), separated by dots.
bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  if (text.back() == '.') text.remove_suffix(1);
  while (true) {
    auto label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; }))
      return false;
    if (label.size() == text.size()) return true;
    text.remove_prefix(label.size() + 1);
  }
}

bool is_host(std::string_view text) { return is_ip_address(text) || is_host_name(text); }

template <class T>
bool is_number_in(std::string_view text, T min, T max) {
  T value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= min && value <= max;
}

bool is_host_port(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_number_in(text.substr(colon + 1), 1, 65535)) return false;
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return is_ip_address(host.substr(1, host.size() - 2)) && host.find(':') != std::string_view::npos;
  return host.find(':') == std::string_view::npos && is_host(host);
}

bool is_network(std::string_view text) {
  auto slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  auto address = text.substr(0, slash);
  auto bits = address.find(':') == std::string_view::npos ? 32 : 128;
  return is_ip_address(address) && is_number_in(text.substr(slash + 1), 0, bits);
}

/// `text` is UTF-8, as the whole file was. Topics that begin with '$' belong to the broker.
bool is_topic(std::string_view text) {
  if (text.size() >= 32768 || text.substr(0, 1) == "$") return false;
  for (size_t at = 0; at < text.size();)
    if (is_refused_in_topics(next_code_point(text, at))) return false;
  return true;
}

bool is_log_level(std::string_view text) {
  static constexpr std::string_view levels[] = {"fatal",   "error", "warn", "info",
                                                "verbose", "debug", "silly"};
  return std::any_of(std::begin(levels), std::end(levels),
                     [&](std::string_view x) { return equal_ignoring_case(x, text); });
}

/// As messages/requests knows them; a test compares the two.
bool is_request(std::string_view text) {
  static constexpr std::string_view commands[] = {"ping",     "status",   "reload",     "log-level",
                                                  "poll-now", "snapshot", "rediscover", "replay"};
  return std::find(std::begin(commands), std::end(commands), text) != std::end(commands);
}

} // namespace

bool is_refused_in_topics(char32_t c) {
  return c == '+' || c == '#' || c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0xfdd0 && c <= 0xfdef) ||
         (c & 0xfffe) == 0xfffe;
}

bool is_ip_address(std::string_view text) {
  unsigned char bytes[16];
  std::string s(text);
  if (s.size() != std::string_view(s.c_str()).size()) return false;
  return inet_pton(AF_INET, s.c_str(), bytes) == 1 || inet_pton(AF_INET6, s.c_str(), bytes) == 1;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool reads_as_bool(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" ||
         text == "FALSE";
}

bool reads_as_number(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (text == ".inf" || text == ".Inf" || text == ".INF" || text == ".nan" || text == ".NaN" ||
      text == ".NAN")
    return true;
  if (text.empty() || !((text.front() >= '0' && text.front() <= '9') || text.front() == '.')) return false;
  auto last = text.data() + text.size();
  if (text.size() > 2 && text.front() == '0' && (text[1] == 'x' || text[1] == 'o' || text[1] == 'b')) {
    auto base = text[1] == 'x' ? 16 : text[1] == 'o' ? 8 : 2;
    uint64_t value = 0;
    return std::from_chars(text.data() + 2, last, value, base).ptr == last;
  }
  double value = 0;
  return std::from_chars(text.data(), last, value).ptr == last;
}

std::string why_not(format f, std::string_view text) {
  switch (f) {
  case format::free:
    break;
  case format::host:
    if (!is_host(text)) return "Write a host name or an IP address, without a port.";
    break;
  case format::host_port:
    if (!is_host_port(text))
      return "Write a host name or an IP address, a colon and a port, as in sense1:4747.";
    break;
  case format::host_any_port:
    if (!is_host(text) && !is_host_port(text))
      return "Write a host name or an IP address, with or without a colon and a port.";
    break;
  case format::source:
    if (!is_host(text) && !is_network(text))
      return "Write an IP address, a network such as 10.0.0.0/8, or a host name.";
    break;
  case format::topic:
    if (!is_topic(text))
      return "A topic to publish to holds no '+', '#' or control characters, does not begin with '$', and "
             "has at most 32767 bytes.";
    break;
  case format::topic_level:
    if (!is_topic(text) || text.find('/') != text.npos || text.size() > 64)
      return "Write at most 64 bytes without '/', '+', '#' or control characters, not beginning with '$'.";
    break;
  case format::url_path:
    if (text.empty() || text.front() != '/' || text.size() > 1024 ||
        std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c >= 0x7f; }))
      return "Write a path that begins with '/', without spaces or other special characters, as in /mqtt.";
    break;
  case format::proxy:
    if (text.empty()) break;
    if (text.back() == '/') text.remove_suffix(1);
    if (text.substr(0, 7) != "http://" || !is_host_port(text.substr(7)))
      return "Write http://, a host, a colon and a port, as in http://proxy.example.com:3128.";
    break;
  case format::endpoint: {
    const auto scheme = text.substr(0, text.find("://") + 3);
    if ((scheme != "http://" && scheme != "https://") || !is_host_port(text.substr(scheme.size())))
      return "Write http:// or https://, a host, a colon and a port, as in https://etcd1.example.com:2379.";
    break;
  }
  case format::alpn:
    if (text.empty() || text.size() > 255 || std::any_of(text.begin(), text.end(), is_control))
      return "Write the name of a protocol, 1 to 255 bytes, as in mqtt or x-amzn-mqtt-ca.";
    break;
  case format::file:
    if (std::any_of(text.begin(), text.end(), is_control)) return "Write a path without control characters.";
    break;
  case format::log_level:
    if (!is_log_level(text))
      return "Write fatal, error, warn, info, verbose, debug or silly, in upper or lower case.";
    break;
  case format::request:
    if (!is_request(text))
      return "Write ping, status, reload, log-level, poll-now, snapshot, rediscover or replay.";
    break;
  case format::header:
    if (std::any_of(text.begin(), text.end(), is_control))
      return "Names and values of headers hold no line breaks or other control characters.";
    break;
  }
  return {};
}

} // namespace senseflow::config::schema
