#define CAF_SUITE messages.text.text

#include "test/support/unit_test.hpp"

#include "messages/text/text.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace senseflow::messages;

namespace {

std::string repeated(const std::string& text, size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

const std::string bad = "\xef\xbf\xbd"; // U+FFFD

} // namespace

CAF_TEST(each maximal subpart that is not UTF8 becomes one replacement character) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", ""},
      {"plain", "plain"},
      {"\xc3\xa5\xe6\x97\xa5\xf0\x9f\x98\x80", "\xc3\xa5\xe6\x97\xa5\xf0\x9f\x98\x80"},
      {"a\xe5", "a" + bad},                                  // latin1
      {"\xf0\x9f\x98", bad},                                 // cut off: one subpart
      {"\xf0\x9f\x41", bad + "A"},                           // broken by something valid
      {"\xc0\x80", bad + bad},                               // overlong
      {"\xe0\x9f\x80", bad + bad + bad},                     // overlong in three bytes
      {"\xed\xa0\x80", bad + bad + bad},                     // surrogate
      {"\xf4\x90\x80\x80", bad + bad + bad + bad},           // above U+10FFFF
      {"\xf8\x88\x80\x80\x80", bad + bad + bad + bad + bad}, // five bytes
      {"\x80", bad},
      {"\xe2\x28\xa1", bad + "(" + bad},
      {"\xff\xfe", bad + bad},
  };
  for (const auto& [in, out] : cases) {
    CAF_CHECK_EQUAL(repaired_utf8(in), out);
    CAF_CHECK_EQUAL(is_utf8(in), in == out);
    CAF_CHECK(is_utf8(repaired_utf8(in)));
  }
}

CAF_TEST(cleaning removes controls before it counts) {
  CAF_CHECK_EQUAL(cleaned("a\tb\x01"
                          "c\x7f"
                          "d",
                          3),
                  "abc");
  CAF_CHECK_EQUAL(cleaned("short", 20), "short");
  CAF_CHECK_EQUAL(cleaned("", 5), "");
  CAF_CHECK_EQUAL(cleaned("abc", 0), "");
}

CAF_TEST(a cut falls before the character that is too long) {
  const std::string smile = "\xf0\x9f\x98\x80"; // two code units
  CAF_CHECK_EQUAL(cleaned("a" + repeated(smile, 3), 4), "a" + smile);
  CAF_CHECK_EQUAL(cleaned(repeated(smile, 3), 4), smile + smile);
  CAF_CHECK_EQUAL(cleaned(repeated("\xc3\xa5", 10), 4), repeated("\xc3\xa5", 4));
}

CAF_TEST(only lower case hyphenated hex is a UUID) {
  CAF_CHECK(is_lower_uuid("2933711d-6638-41d4-a2d2-6dd2d965208b"));
  for (const auto* x : {"", "2933711D-6638-41d4-a2d2-6dd2d965208b", "2933711d66384-1d4-a2d2-6dd2d965208b",
                        "2933711d-6638-41d4-a2d2-6dd2d965208", "2933711d-6638-41d4-a2d2-6dd2d965208bb",
                        "2933711d-6638-41d4-a2d2-6dd2d965208\n", "g933711d-6638-41d4-a2d2-6dd2d965208b"})
    CAF_CHECK(!is_lower_uuid(x));
}

CAF_TEST(a real UUID has a version and a variant) {
  CAF_CHECK(is_real_uuid("2933711D-6638-41d4-A2d2-6dd2d965208b"));
  CAF_CHECK(is_real_uuid("00000000-0000-0000-0000-000000000000"));
  CAF_CHECK(is_real_uuid("FFFFFFFF-ffff-ffff-ffff-ffffffffffff"));
  CAF_CHECK(!is_real_uuid("12345678-1234-4234-c234-123456789012"));
  CAF_CHECK(!is_real_uuid("12345678-1234-9234-a234-123456789012"));
}

CAF_TEST(only the form makes a timestamp) {
  for (const auto* x : {"2021-11-09T15:37:26.028+0200", "2021-11-09 15:37:26,028", "20211109T153726.028+0200",
                        "2021-11-09T15:37:26Z", "20211109T153726", "2021-11-09 15:37:26.123456789-02:00",
                        "9999-99-99 99:99:99"})
    CAF_CHECK(is_timestamp(x));
  for (const auto* x :
       {"", " 2021-11-09T15:37:26", "2021-11-09T15:37:26 ", "2021-11-09t15:37:26", "2021-11-09T15:37",
        "2021-11-09T15:37:26.", "2021-11-09T15:37:26.1234567890", "2021-11-09T15:37:26+2",
        "2021-11-09T15:37:26+02:0", "20211109 153726", "2021-11-09T15:37:26ZZ", "undefined"})
    CAF_CHECK(!is_timestamp(x));
}

CAF_TEST(only ASCII is lowered and compared without case) {
  CAF_CHECK_EQUAL(ascii_lower("ABC \xc3\x85"), "abc \xc3\x85");
  CAF_CHECK(equal_ignoring_case("WARN", "warn"));
  CAF_CHECK(!equal_ignoring_case("WARN", "warning"));
}
