#define CAF_SUITE messages.folding.message_shape
#include "test/support/unit_test.hpp"

#include "messages/folding/message_shape.hpp"
#include "test/support/dice.hpp"

#include <string>

using namespace senseflow;
using namespace senseflow::messages;

namespace {

std::string shape(const std::string& text) {
  std::string result;
  append_shape(result, text);
  return readable(result);
}

} // namespace

CAF_TEST(numbers are taken out) {
  CAF_CHECK_EQUAL(shape("took 15 ms"), "took # ms");
  CAF_CHECK_EQUAL(shape("took 1.5 ms"), "took # ms");
  CAF_CHECK_EQUAL(shape("took -1,500.25 ms"), "took # ms");
  CAF_CHECK_EQUAL(shape("at 10:15:02.123"), "at #");
  CAF_CHECK_EQUAL(shape("from 192.168.1.10:4747."), "from #.");
  CAF_CHECK_EQUAL(shape("2026-11-26T10:15:02.123Z"), "#-#-#T#Z");
  CAF_CHECK_EQUAL(shape("x=-5, y=+6"), "x=#, y=#");
  CAF_CHECK_EQUAL(shape("a - b, 7-8"), "a - b, #-#");
  CAF_CHECK_EQUAL(shape("1"), "#");
}

CAF_TEST(GUIDs and hexadecimal words are taken out) {
  CAF_CHECK_EQUAL(shape("session abcdefab-abcd-abcd-abcd-abcdefabcdef ended"), "session # ended");
  CAF_CHECK_EQUAL(shape("{ABCDEFAB-1234-ABCD-ABCD-ABCDEFABCDEF}"), "{#}");
  CAF_CHECK_EQUAL(shape("error 0x80004005, deadbeef1, 0XaF"), "error #, #, #");
  CAF_CHECK_EQUAL(shape("0x"), "#x"); // no number
}

CAF_TEST(words stay but for their digits) {
  CAF_CHECK_EQUAL(shape("a cafe in sense1, node22b7x"), "a cafe in sense#, node#b#x");
  CAF_CHECK_EQUAL(shape("abcdefab-abcd-abcd-abcd-abcdefabcdefg"), "abcdefab-abcd-abcd-abcd-abcdefabcdefg");
  CAF_CHECK_EQUAL(shape(""), "");
  CAF_CHECK_EQUAL(shape("Gr\xc3\xb6\xc3\x9f"
                        "e 5 \xe2\x82\xac"),
                  "Gr\xc3\xb6\xc3\x9f"
                  "e # \xe2\x82\xac");
}

CAF_TEST(what was taken out is told from all that a text can hold) {
  std::string number, sign;
  append_shape(number, "a 5");
  append_shape(sign, "a #");
  CAF_CHECK(number != sign);
  CAF_CHECK_EQUAL(readable(number), readable(sign));
}

CAF_TEST(what stood before does not change a shape) {
  std::string alone, behind = "12:";
  append_shape(alone, "5 apples");
  append_shape(behind, "5 apples");
  CAF_CHECK_EQUAL(behind, "12:" + alone);
}

CAF_TEST(texts that differ in their numbers only have the same shape) {
  test::dice dice{1};
  const std::vector<std::string> words{"event", "of", "user", "sense", ".", ", ", "(", "): ", "ms", "-x"};
  for (int i = 0; i < 2000; ++i) {
    std::string one, other;
    for (int n = dice.from_to(1, 12); n > 0; --n) {
      const auto& word = dice.of(words);
      one += word + ' ' + std::to_string(dice.from_to(0, 1'000'000)) + ' ';
      other += word + ' ' + std::to_string(dice.from_to(0, 9)) + ' ';
    }
    CAF_REQUIRE_EQUAL(shape(one), shape(other));
  }
}
