#define CAF_SUITE messages.items.user_event

#include "test/support/unit_test.hpp"

#include "messages/items/user_event.hpp"
#include "messages/text/text.hpp"

#include <random>
#include <string>

using namespace senseflow::messages;

CAF_TEST(eight fields are read and the last one takes the rest) {
  auto event = parse_user_event("/qseow-proxy-session/;h;Start session;LAB;me;Proxy;/app/x;a;b;");
  CAF_REQUIRE(event);
  CAF_CHECK_EQUAL(event->type, "qseow-proxy-session");
  CAF_CHECK_EQUAL(event->host, "h");
  CAF_CHECK_EQUAL(event->command, "Start session");
  CAF_CHECK_EQUAL(event->user_directory, "LAB");
  CAF_CHECK_EQUAL(event->user_id, "me");
  CAF_CHECK_EQUAL(event->origin, "Proxy");
  CAF_CHECK_EQUAL(event->context, "/app/x");
  CAF_CHECK_EQUAL(event->message, "a;b;");
}

CAF_TEST(missing fields are empty) {
  auto event = parse_user_event("/QSEOW-PROXY-CONNECTION/;h;Open connection");
  CAF_REQUIRE(event);
  CAF_CHECK_EQUAL(event->type, "qseow-proxy-connection");
  CAF_CHECK_EQUAL(event->command, "Open connection");
  CAF_CHECK_EQUAL(event->user_directory, "");
  CAF_CHECK_EQUAL(event->message, "");
}

CAF_TEST(two slashes of the type may stand anywhere) {
  for (const auto* x : {"/qseow-proxy-session/", "/qseow-proxy-session", "qseow-proxy-session",
                        "qseow-proxy-session//", "//qseow-proxy-session", "qseow/-proxy/-session"})
    CAF_CHECK(parse_user_event(std::string{x} + ";h"));
  for (const auto* x : {"///qseow-proxy-session", "/qseow-proxy-session//", "//qseow-proxy-session/"})
    CAF_CHECK(!parse_user_event(std::string{x} + ";h"));
}

CAF_TEST(what is no user event is rejected) {
  for (const auto* x : {"", ";", "garbage", "/qseow-proxy/;h", "/qseow-engine/;1", " /qseow-proxy-session/;h",
                        "\xef\xbb\xbf/qseow-proxy-session/;h", "/qseow-proxy-session/\n;h"}) {
    auto event = parse_user_event(x);
    CAF_CHECK(!event);
    CAF_CHECK_EQUAL(std::string{event.reason}, "unknown_source");
  }
}

CAF_TEST(fields are cut each at its own length) {
  const std::string long_text(3000, 'x');
  std::string datagram = "/qseow-proxy-session/";
  for (int i = 0; i < 7; ++i) datagram += ";" + long_text;
  auto event = parse_user_event(datagram);
  CAF_REQUIRE(event);
  CAF_CHECK_EQUAL(event->host.size(), 100u);
  CAF_CHECK_EQUAL(event->command.size(), 100u);
  CAF_CHECK_EQUAL(event->user_directory.size(), 100u);
  CAF_CHECK_EQUAL(event->user_id.size(), 100u);
  CAF_CHECK_EQUAL(event->origin.size(), 200u);
  CAF_CHECK_EQUAL(event->context.size(), 500u);
  CAF_CHECK_EQUAL(event->message.size(), 1000u);
}

CAF_TEST(any bytes give valid text or a rejection) {
  std::mt19937 random{11};
  for (int round = 0; round < 5000; ++round) {
    std::string datagram = round % 2 == 0 ? "/qseow-proxy-session/;" : "";
    for (auto n = random() % 300; n > 0; --n)
      datagram += static_cast<char>(random() % 4 == 0 ? ';' : random());
    if (auto event = parse_user_event(datagram))
      CAF_REQUIRE(is_utf8(event->host + event->command + event->user_id + event->context + event->message));
  }
}
