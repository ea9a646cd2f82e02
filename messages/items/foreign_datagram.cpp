#include "messages/items/foreign_datagram.hpp"

#include "messages/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace senseflow::messages {

namespace {

using namespace std::string_view_literals;

constexpr size_t longest_header = 300; // of a syslog line, in front of the event

enum class sender : uint8_t { current, before_version_7 };

struct marker {
  std::string_view text;
  event_port port;
  sender from;
  std::string_view service; ///< whose appender writes it
};

constexpr std::array<marker, 14> markers{{
    {"/qseow-proxy-session/", event_port::user_events, sender::current, "Proxy"},
    {"/qseow-proxy-connection/", event_port::user_events, sender::current, "Proxy"},
    {"/qseow-engine/", event_port::log_events, sender::current, "Engine"},
    {"/qseow-proxy/", event_port::log_events, sender::current, "Proxy"},
    {"/qseow-repository/", event_port::log_events, sender::current, "Repository"},
    {"/qseow-scheduler/", event_port::log_events, sender::current, "Scheduler"},
    {"/qseow-qix-perf/", event_port::log_events, sender::current, "Engine"},
    {"/proxy-session/", event_port::user_events, sender::before_version_7, "Proxy"},
    {"/proxy-connection/", event_port::user_events, sender::before_version_7, "Proxy"},
    {"/engine/", event_port::log_events, sender::before_version_7, "Engine"},
    {"/proxy/", event_port::log_events, sender::before_version_7, "Proxy"},
    {"/repository/", event_port::log_events, sender::before_version_7, "Repository"},
    {"/scheduler/", event_port::log_events, sender::before_version_7, "Scheduler"},
    {"/qix-perf/", event_port::log_events, sender::before_version_7, "Engine"},
}};

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

/// The marker that stands at the beginning of the text, with the separator behind it.
const marker* marker_of(std::string_view text) {
  const auto first = text.substr(0, text.find(';'));
  if (first.size() == text.size()) return nullptr;
  const auto i = std::find_if(markers.begin(), markers.end(),
                              [&](const auto& m) { return equal_ignoring_case(first, m.text); });
  return i == markers.end() ? nullptr : &*i;
}

std::string of_marker(const marker& m, event_port port) {
  if (m.from == sender::before_version_7)
    return "an event of a log appender from before Butler SOS 7: install the " + std::string{m.service} +
           " appender of version 7 or later (LocalLogConfig.xml) on that Sense server";
  if (m.port == port) return {};
  return m.port == event_port::user_events
             ? "a user event: send it to the port of the user events (userEvents.udpServerConfig)"
             : "a log event: send it to the port of the log events (logEvents.udpServerConfig)";
}

/// `<14>`: where a syslog line begins.
bool is_syslog(std::string_view text) {
  const auto end = text.find('>');
  return starts_with(text, "<") && end != std::string_view::npos && end >= 2 && end <= 4 &&
         text.substr(1, end - 1).find_first_not_of("0123456789") == std::string_view::npos;
}

/// An event that something stands in front of.
std::string of_header(std::string_view text, event_port port) {
  const auto head = text.substr(0, longest_header);
  for (size_t at = head.find('/'); at != std::string_view::npos; at = head.find('/', at + 1)) {
    const auto* m = at == 0 ? nullptr : marker_of(text.substr(at));
    if (!m) continue;
    const auto front = text.substr(0, at);
    const auto what = is_syslog(front)                                               ? "a syslog header"
                      : front == "\xef\xbb\xbf"                                      ? "a byte order mark"
                      : front.find_first_not_of(" \t\r\n") == std::string_view::npos ? "white space"
                                                                                     : "other text";
    auto result = "an event with " + std::string{what} +
                  " in front of it, which has to go: see what relays it, or "
                  "the conversion pattern of the appender";
    const auto more = of_marker(*m, port);
    return more.empty() ? result : result + "; behind that, " + more;
  }
  return {};
}

/// Latin text in UTF-16 has a zero byte in every other place.
bool is_utf16(std::string_view text) {
  if (starts_with(text, "\xff\xfe") || starts_with(text, "\xfe\xff")) return true;
  const auto head = text.substr(0, 64);
  if (head.size() < 8) return false;
  std::array<size_t, 2> zeros{};
  for (size_t i = 0; i < head.size(); ++i) zeros[i % 2] += head[i] == '\0' ? 1 : 0;
  const auto half = head.size() / 2;
  return (zeros[0] == 0 && zeros[1] * 10 >= half * 9) || (zeros[1] == 0 && zeros[0] * 10 >= half * 9);
}

/// A first field that is nearly a marker, `/qseow-engine` say.
bool is_unknown_marker(std::string_view text) {
  const auto first = ascii_lower(text.substr(0, std::min(text.find(';'), size_t{100})));
  return first.find("qseow-") != std::string::npos;
}

std::string of_protocol(std::string_view text) {
  const auto head = text.substr(0, 512);
  if (is_utf16(text)) return "text in UTF-16: set the encoding of the appender to utf-8";
  if (is_syslog(text)) return "a syslog message of another program";
  if (starts_with(text, "\x1e\x0f")) return "a part of a GELF message";
  if (starts_with(text, "\x1f\x8b")) return "data compressed by gzip, as GELF messages are";
  if (starts_with(text, "\x78\x01") || starts_with(text, "\x78\x5e") || starts_with(text, "\x78\x9c") ||
      starts_with(text, "\x78\xda"))
    return "data compressed by zlib, as GELF messages are";
  if (starts_with(text, "{") && head.find("\"short_message\"") != std::string_view::npos)
    return "a GELF message of another program";
  if (starts_with(text, "{") || starts_with(text, "[")) return "JSON of another program";
  if (starts_with(text, "\x16\x03") || starts_with(text, "\x16\xfe"))
    return "the start of a TLS connection: this port takes plain UDP";
  for (const auto method :
       {"GET "sv, "POST "sv, "HEAD "sv, "PUT "sv, "OPTIONS "sv, "HTTP/"sv, "M-SEARCH "sv, "NOTIFY "sv})
    if (starts_with(text, method)) return "HTTP: this port takes plain UDP";
  const auto is_control = [](char c) {
    return (c >= '\0' && c < ' ' && c != '\t' && c != '\r' && c != '\n');
  };
  return is_utf8(text) && std::none_of(text.begin(), text.end(), is_control)
             ? "text of another program"
             : "binary data of another program";
}

} // namespace

std::string looks_like(std::string_view datagram, event_port port) {
  if (datagram.empty()) return "an empty datagram";
  if (const auto* m = marker_of(datagram)) return of_marker(*m, port);
  if (auto result = of_header(datagram, port); !result.empty()) return result;
  if (is_unknown_marker(datagram))
    return "an event of a source that is not known here: see the conversion pattern of the appender";
  return of_protocol(datagram);
}

std::string excerpt(std::string_view bytes, size_t limit) {
  constexpr std::string_view hex = "0123456789abcdef";
  constexpr std::string_view cut = "…";
  std::string result;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = c >= ' ' && c <= '~' && c != '\\';
    if (result.size() + (plain ? 1 : 4) > limit) return result + std::string{cut};
    if (plain)
      result += c;
    else
      (result += "\\x") += {hex[byte >> 4], hex[byte & 15]};
  }
  return result;
}

} // namespace senseflow::messages
