#include "messages/text/iso_time.hpp"

#include "messages/text/text.hpp"

#include <fmt/chrono.h>

#include <ctime>
#include <iterator>

namespace senseflow::messages {

namespace {

/// The next `n` digits, what stands between them skipped.
int take(std::string_view& text, int n) {
  int result = 0;
  while (n > 0 && !text.empty()) {
    const auto c = text.front();
    text.remove_prefix(1);
    if (c < '0' || c > '9') continue;
    result = result * 10 + (c - '0');
    --n;
  }
  return result;
}

/// In nanoseconds, of `.5` or `,123456789`; 0 if there is none.
int64_t take_fraction(std::string_view& text) {
  if (text.front() != '.' && text.front() != ',') return 0;
  text.remove_prefix(1);
  int64_t result = 0, unit = 1'000'000'000;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    unit /= 10;
    result += unit * (text.front() - '0');
    text.remove_prefix(1);
  }
  return result;
}

bool exists(const std::tm& given, std::tm t) {
  timegm(&t); // which makes the 1st of March of the 30th of February
  return t.tm_mday == given.tm_mday && t.tm_mon == given.tm_mon && t.tm_hour == given.tm_hour &&
         t.tm_min == given.tm_min && t.tm_sec == given.tm_sec;
}

} // namespace

std::string iso_time(caf::timestamp when) {
  std::string result;
  append_iso_time(result, when);
  return result;
}

void append_iso_time(std::string& to, caf::timestamp when) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(when); // 64-bit nanoseconds end in 2262: years have four digits
  fmt::format_to(std::back_inserter(to), "{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(whole),
                 floor<milliseconds>(when - whole).count());
}

std::optional<caf::timestamp> parse_iso_time(std::string_view text) {
  if (!is_timestamp(text)) return std::nullopt;
  std::tm t{};
  const auto year = take(text, 4);
  t.tm_year = year - 1900;
  t.tm_mon = take(text, 2) - 1;
  t.tm_mday = take(text, 2);
  t.tm_hour = take(text, 2);
  t.tm_min = take(text, 2);
  t.tm_sec = take(text, 2);
  if (text.empty() || year < 1970 || year > 2200 || !exists(t, t)) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (text.empty()) return std::nullopt;
  std::chrono::seconds offset{0};
  if (const auto sign = text.front(); sign != 'Z') {
    offset = std::chrono::hours(take(text, 2));
    offset += std::chrono::minutes(take(text, 2));
    if (sign == '-') offset = -offset;
  }
  return caf::timestamp{std::chrono::seconds(timegm(&t)) - offset + std::chrono::nanoseconds(fraction)};
}

} // namespace senseflow::messages
