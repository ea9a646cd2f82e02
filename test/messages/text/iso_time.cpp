#define CAF_SUITE messages.text.iso_time

#include "test/support/unit_test.hpp"

#include "messages/text/iso_time.hpp"

#include <cstdint>
#include <ctime>
#include <random>
#include <string>

using namespace senseflow::messages;

namespace {

std::string at(int64_t seconds, int64_t nanoseconds = 0) {
  return iso_time(caf::timestamp{caf::timespan{seconds * 1'000'000'000 + nanoseconds}});
}

} // namespace

CAF_TEST(time is printed in UTC with milliseconds) {
  CAF_CHECK_EQUAL(at(0), "1970-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(at(0, 999'999), "1970-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(at(951782399, 7'000'000), "2000-02-28T23:59:59.007Z");
  CAF_CHECK_EQUAL(at(951782400), "2000-02-29T00:00:00.000Z");
  CAF_CHECK_EQUAL(at(1709164800), "2024-02-29T00:00:00.000Z");
  CAF_CHECK_EQUAL(at(-1, 999'000'000), "1969-12-31T23:59:59.999Z");
}

CAF_TEST(dates agree with those of the C library) {
  std::mt19937_64 random{7};
  for (int i = 0; i < 20000; ++i) {
    const auto seconds = static_cast<std::time_t>(random() % 9'000'000'000ull) - 2'000'000'000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char expected[32];
    std::strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
    if (at(seconds) != expected) CAF_ERROR(at(seconds) << " is not " << expected);
  }
}

CAF_TEST(a time is read as it is printed and in the forms of the services) {
  const auto read = [](std::string_view text) {
    const auto x = parse_iso_time(text);
    return x ? iso_time(*x) : "none";
  };
  CAF_CHECK_EQUAL(read("2026-11-22T09:21:07.123Z"), "2026-11-22T09:21:07.123Z");
  CAF_CHECK_EQUAL(read("20211126T121836.005+0100"), "2021-11-26T11:18:36.005Z");
  CAF_CHECK_EQUAL(read("2021-11-26T12:18:36,5-03:30"), "2021-11-26T15:48:36.500Z");
  CAF_CHECK_EQUAL(read("2024-02-29 23:59:59Z"), "2024-02-29T23:59:59.000Z");
  CAF_CHECK_EQUAL(read("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00.000Z");
  CAF_MESSAGE("where it does not say of which zone it is, and where there is no such moment");
  CAF_CHECK_EQUAL(read("2021-11-26 12:18:36,551"), "none");
  CAF_CHECK_EQUAL(read("2021-11-26T12:18:36"), "none");
  CAF_CHECK_EQUAL(read("2023-02-29T12:18:36Z"), "none");
  CAF_CHECK_EQUAL(read("2023-02-28T24:18:36Z"), "none");
  CAF_CHECK_EQUAL(read("9999-01-01T00:00:00Z"), "none");
  CAF_CHECK_EQUAL(read(""), "none");
}
