#define CAF_SUITE messages.text.numbers

#include "test/support/unit_test.hpp"

#include "messages/text/text.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace senseflow::messages;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

} // namespace

CAF_TEST(numbers print as JavaScript prints them) {
  const std::vector<std::pair<double, std::string>> cases{
      {0, "0"},
      {-0.0, "0"},
      {1, "1"},
      {-1.5, "-1.5"},
      {100, "100"},
      {0.1, "0.1"},
      {0.30000000000000004, "0.30000000000000004"},
      {7215.08203125, "7215.08203125"},
      {12345678.9, "12345678.9"},
      {0.000001, "0.000001"},
      {1e-7, "1e-7"},
      {1.5e-10, "1.5e-10"},
      {1e20, "100000000000000000000"},
      {1e21, "1e+21"},
      {1.2345678901234568e29, "1.2345678901234568e+29"},
      {9007199254740993.0, "9007199254740992"},
      {123456789012345680.0, "123456789012345680"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {infinite, "Infinity"},
      {-infinite, "-Infinity"},
      {std::nan(""), "NaN"},
  };
  for (const auto& [number, text] : cases) CAF_CHECK_EQUAL(number_text(number), text);
}

CAF_TEST(the leading integer counts) {
  const std::vector<std::pair<std::string, double>> cases{
      {"14", 14},
      {" 12 ", 12},
      {"\t7", 7},
      {"\xc2\xa0"
       "8",
       8},
      {"\xef\xbb\xbf"
       "9",
       9},
      {"+5", 5},
      {"-5", -5},
      {"1.9", 1},
      {"1e3", 1},
      {"0x10", 0},
      {"12abc", 12},
      {"007", 7},
      {"99999999999999999999", 1e20},
      {"9007199254740993", 9007199254740992.0},
  };
  for (const auto& [text, number] : cases) CAF_CHECK_EQUAL(leading_integer(text), number);
  for (const auto* x : {"", " ", "abc", "-", "- 1", "NaN", "\xef\xbc\x91", "."})
    CAF_CHECK(std::isnan(leading_integer(x)));
}

CAF_TEST(the leading number counts if it is finite) {
  const std::vector<std::pair<std::string, double>> cases{
      {"1.5", 1.5},  {"5.", 5},    {".5", 0.5},        {"-.5", -0.5}, {" 7.25 ", 7.25},
      {"1e+2", 100}, {"1E5", 1e5}, {"1e", 1},          {"1e+", 1},    {"1.2.3", 1.2},
      {"0x1F", 0},   {"1_0", 1},   {"5e-324", 5e-324}, {"1e-400", 0}, {"00012.50", 12.5},
  };
  for (const auto& [text, number] : cases) CAF_CHECK_EQUAL(leading_number(text), number);
  for (const auto* x : {"", ".", "abc", "--1", "NaN", "Infinity", "1e309", "-1e309", "e5", ".e5"})
    CAF_CHECK(std::isnan(leading_number(x)));
}

CAF_TEST(a whole number is nothing but a number) {
  CAF_CHECK_EQUAL(whole_number(" 12 "), 12);
  CAF_CHECK_EQUAL(whole_number(""), 0);
  CAF_CHECK(whole_number("-1e400") == -infinite);
  CAF_CHECK(std::isnan(whole_number("12x")));
  CAF_CHECK(std::isnan(whole_number("x")));
}
