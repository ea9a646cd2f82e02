#define CAF_SUITE messages.items.foreign_datagram

#include "test/support/unit_test.hpp"

#include "messages/items/foreign_datagram.hpp"

#include <random>
#include <string>

using namespace senseflow::messages;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string at_user_port(const std::string& datagram) {
  return looks_like(datagram, event_port::user_events);
}
std::string at_log_port(const std::string& datagram) { return looks_like(datagram, event_port::log_events); }

std::string utf16(const std::string& text, bool big_endian) {
  std::string out;
  for (const char c : text) {
    if (big_endian) out += '\0';
    out += c;
    if (!big_endian) out += '\0';
  }
  return out;
}

} // namespace

CAF_TEST(old appenders are named with what replaces them) {
  const auto session = at_user_port("/proxy-session/;SENSE1;Start session;LAB;anna");
  CAF_MESSAGE(session);
  CAF_CHECK(contains(session, "before Butler SOS 7") && contains(session, "Proxy appender of version 7"));
  CAF_CHECK(contains(at_log_port("/proxy-session/;SENSE1"), "before Butler SOS 7"));
  CAF_CHECK(contains(at_log_port("/engine/;1;x"), "Engine appender"));
}

CAF_TEST(events of the other port are named) {
  CAF_CHECK(contains(at_log_port("/qseow-proxy-session/;SENSE1"), "userEvents.udpServerConfig"));
  CAF_CHECK(contains(at_user_port("/qseow-engine/;1"), "logEvents.udpServerConfig"));
}

CAF_TEST(what stands in front of an event is named) {
  const std::string event = "/qseow-proxy-session/;SENSE1;Start session";
  CAF_CHECK(contains(at_user_port("<14>Nov 25 10:00:00 relay1 qlik: " + event), "a syslog header"));
  CAF_CHECK(contains(at_user_port("<13>1 2026-01-01T00:00:00Z host app - - - " + event), "a syslog header"));
  CAF_CHECK(contains(at_user_port("\xef\xbb\xbf" + event), "a byte order mark"));
  CAF_CHECK(contains(at_user_port(" " + event), "white space"));
  CAF_CHECK(contains(at_user_port("x" + event), "other text"));
  CAF_CHECK(contains(at_log_port(" " + event), "userEvents.udpServerConfig"));
  CAF_CHECK(contains(at_user_port("/qseow-proxy-sess/;SENSE1"), "source that is not known"));
  CAF_CHECK(contains(at_log_port("/qseow-engine;1"), "source that is not known"));
}

CAF_TEST(other protocols are named) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "empty"},
      {"TestMsg", "text of another program"},
      {"gr\xc3\xbc\xc3\x9f dich", "text of another program"},
      {"<30>Nov 25 10:00:00 host sshd[1]: accepted", "a syslog message"},
      {R"({"version":"1.1","host":"h","short_message":"m"})", "a GELF message"},
      {R"({"a":1})", "JSON"},
      {"\x78\x9c\x01\x02", "zlib"},
      {"\x1f\x8b\x08", "gzip"},
      {"\x1e\x0f\x01\x02", "a part of a GELF message"},
      {utf16("/qseow-engine/;1", false), "UTF-16"},
      {utf16("/qseow-engine/;1", true), "UTF-16"},
      {"\xff\xfe/", "UTF-16"},
      {std::string("\x16\x03\x01\x00\xa5\x01", 6), "TLS"},
      {"GET / HTTP/1.1\r\n\r\n", "HTTP"},
      {std::string("\x30\x82\x00\x01\x02\xff", 6), "binary data"},
  };
  for (const auto& [datagram, what] : cases) {
    const auto words = at_user_port(datagram);
    CAF_MESSAGE(words);
    CAF_CHECK(contains(words, what));
  }
}

CAF_TEST(an excerpt is printable and short) {
  CAF_CHECK_EQUAL(excerpt("TestMsg"), "TestMsg");
  CAF_CHECK_EQUAL(excerpt("a\r\n\t\\\xff\x1b[31m"), R"(a\x0d\x0a\x09\x5c\xff\x1b[31m)");
  CAF_CHECK_EQUAL(excerpt(std::string(100, 'x')), std::string(100, 'x'));
  CAF_CHECK_EQUAL(excerpt(std::string(101, 'x')), std::string(100, 'x') + "…");
  std::mt19937 random{5};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (auto n = random() % 300; n > 0; --n) bytes += static_cast<char>(random());
    const auto text = excerpt(bytes);
    CAF_REQUIRE(text.size() <= 100 + std::string{"…"}.size());
    looks_like(bytes, event_port::log_events);
    looks_like("<14>" + bytes, event_port::user_events);
  }
}
