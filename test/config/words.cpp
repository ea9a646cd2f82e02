#define CAF_SUITE config.words
#include "test/support/unit_test.hpp"

#include "config/fault.hpp"
#include "config/reading/nearest.hpp"
#include "config/reading/wording.hpp"
#include "config/schema/formats.hpp"

using namespace senseflow::config;
using schema::format;

namespace {

bool fits(format f, std::string_view text) { return schema::why_not(f, text).empty(); }

} // namespace

CAF_TEST(edits are counted with swaps and without case) {
  CAF_CHECK_EQUAL(reading::edit_distance("", ""), 0u);
  CAF_CHECK_EQUAL(reading::edit_distance("abc", ""), 3u);
  CAF_CHECK_EQUAL(reading::edit_distance("kitten", "sitting"), 3u);
  CAF_CHECK_EQUAL(reading::edit_distance("BrokerPort", "brokerport"), 0u);
  CAF_CHECK_EQUAL(reading::edit_distance("brokrePort", "brokerPort"), 1u);
}

CAF_TEST(the nearest name is found or none) {
  const std::vector<std::string_view> known = {"enable", "brokerHost", "brokerPort"};
  CAF_CHECK_EQUAL(reading::nearest("brokerPrt", known), "brokerPort");
  CAF_CHECK_EQUAL(reading::nearest("enabled", known), "enable");
  CAF_CHECK_EQUAL(reading::nearest("qqqqqqqq", known), "");
  CAF_CHECK_EQUAL(reading::nearest(std::string(100000, 'b'), known), "");
  CAF_CHECK_EQUAL(reading::nearest("x", {"y"}), "");
}

CAF_TEST(hosts are names and addresses) {
  for (auto text : {"a", "sense1.example.com", "WIN_SRV-1", "127.0.0.1", "::1", "2001:db8::1", "a."})
    CAF_CHECK(fits(format::host, text));
  for (auto text : {"", "a b", "-a", "a-", ".a", "a..b", "a:1", "<IP>", "a/b", "1::2::3", "å"})
    CAF_CHECK(!fits(format::host, text));
  CAF_CHECK(!fits(format::host, std::string(64, 'a')));
  CAF_CHECK(!fits(format::host, std::string("a\0b", 3)));
}

CAF_TEST(hosts with ports have both) {
  for (auto text : {"a:1", "127.0.0.1:65535", "[::1]:4747"}) CAF_CHECK(fits(format::host_port, text));
  for (auto text :
       {"a", "a:", ":1", "a:0", "a:65536", "a:x", "a:1x", "::1:4747", "[a]:1", "[127.0.0.1]:1", "a:+1"})
    CAF_CHECK(!fits(format::host_port, text));
  CAF_CHECK(fits(format::host_any_port, "a") && fits(format::host_any_port, "a:1"));
  CAF_CHECK(fits(format::host_any_port, "::1") && !fits(format::host_any_port, "a:b"));
}

CAF_TEST(sources are hosts and networks) {
  for (auto text : {"a", "10.0.0.0/8", "0.0.0.0/0", "1.2.3.4/32", "::/0", "2001:db8::/128"})
    CAF_CHECK(fits(format::source, text));
  for (auto text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "a/8", "::/129", "/8"})
    CAF_CHECK(!fits(format::source, text));
}

CAF_TEST(numbers and truth values are known by their look) {
  for (auto text : {"0", "-1", "+1", "1.5", ".5", "1e3", "0x1f", "0o7", "0b1", ".inf", "-.inf", ".nan"})
    CAF_CHECK(schema::reads_as_number(text));
  for (auto text :
       {"", "a", "-", "+", ".", "1.2.3", "1a", "0x", "0xg", "inf", "nan", "--1", "127.0.0.1", "12:30"})
    CAF_CHECK(!schema::reads_as_number(text));
  CAF_CHECK(schema::reads_as_bool("true") && schema::reads_as_bool("FALSE"));
  CAF_CHECK(!schema::reads_as_bool("yes") && !schema::reads_as_bool("tRue"));
}

CAF_TEST(long values are cut at a character) {
  CAF_CHECK_EQUAL(reading::shortened(std::string(60, 'a')), std::string(60, 'a'));
  std::string text(56, 'a');
  CAF_CHECK_EQUAL(reading::shortened(text + "åååååå"), text + "...");
}

CAF_TEST(a fault is one line) {
  CAF_CHECK_EQUAL(to_string(fault{"f", 1, 2, "a.b", "is x", "Do y."}), "f:1:2: a.b is x. Do y.");
  CAF_CHECK_EQUAL(to_string(fault{"f\n", 0, 0, "", "is\x1b x", ""}), "f\\x0a: is\\x1b x");
}
