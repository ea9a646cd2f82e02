#include "messages/text/iso_time.hpp"

#include <cstdint>

namespace senseflow::messages {

namespace {

struct civil_date {
  int64_t year;
  int64_t month;
  int64_t day;
};

// Days since 1970-01-01 to a date of the proleptic Gregorian calendar: years that begin on 1 March put the
// leap day last, and 400 of them always have the same number of days.
civil_date to_date(int64_t days) {
  constexpr int64_t days_of_era = 146097;
  days += 719468; // since 0000-03-01
  const auto era = (days >= 0 ? days : days - (days_of_era - 1)) / days_of_era;
  const auto day_of_era = days - era * days_of_era;
  const auto year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const auto day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto month_from_march = (5 * day_of_year + 2) / 153;
  const auto day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const auto month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

void append_padded(std::string& out, int64_t value, int width) {
  char digits[8];
  for (int i = width; i-- > 0; value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<size_t>(width));
}

} // namespace

std::string iso_time(caf::timestamp when) {
  constexpr int64_t ms_of_day = 86'400'000;
  const auto ns = when.time_since_epoch().count();
  const auto ms = ns / 1'000'000 - (ns % 1'000'000 < 0 ? 1 : 0);
  const auto days = ms / ms_of_day - (ms % ms_of_day < 0 ? 1 : 0);
  const auto of_day = ms - days * ms_of_day;
  const auto date = to_date(days); // 64-bit nanoseconds end in 2262: years have four digits
  std::string out;
  out.reserve(24);
  append_padded(out, date.year, 4);
  out += '-';
  append_padded(out, date.month, 2);
  out += '-';
  append_padded(out, date.day, 2);
  out += 'T';
  append_padded(out, of_day / 3'600'000, 2);
  out += ':';
  append_padded(out, of_day / 60'000 % 60, 2);
  out += ':';
  append_padded(out, of_day / 1000 % 60, 2);
  out += '.';
  append_padded(out, of_day % 1000, 3);
  out += 'Z';
  return out;
}

} // namespace senseflow::messages
