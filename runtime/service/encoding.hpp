// From settings to the encoders' rules. A pure function.
#pragma once

#include "actors/encoding/encoder.hpp"
#include "config/settings.hpp"

namespace senseflow::runtime {

actors::encoder_options encoder_options(const config::settings& s);

} // namespace senseflow::runtime
