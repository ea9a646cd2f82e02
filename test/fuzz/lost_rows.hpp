// A log appender that counts its rows, and a network that loses some of them.
#pragma once

#include "test/fuzz/input.hpp"

namespace senseflow::fuzz {

/// Never more are told to be lost than were, and exactly those where nothing makes it doubtful.
void check_lost_rows(input& in);

} // namespace senseflow::fuzz
