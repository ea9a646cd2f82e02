#include "messages/text/iso_time.hpp"

#include <fmt/chrono.h>

#include <iterator>

namespace senseflow::messages {

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

} // namespace senseflow::messages
