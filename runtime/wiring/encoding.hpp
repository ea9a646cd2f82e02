// From settings to the rules of the encoder. A pure function.
#pragma once

#include "actors/encoding/encode_batch.hpp"
#include "config/settings.hpp"

namespace senseflow::runtime {

actors::encoding_options encoding_options(const config::settings& s);

} // namespace senseflow::runtime
