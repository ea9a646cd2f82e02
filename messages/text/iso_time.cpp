#include "messages/text/iso_time.hpp"

#include <fmt/chrono.h>

namespace senseflow::messages {

std::string iso_time(caf::timestamp when) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(when); // 64-bit nanoseconds end in 2262: years have four digits
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(whole),
                     floor<milliseconds>(when - whole).count());
}

} // namespace senseflow::messages
