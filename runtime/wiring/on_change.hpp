// Settings to what of unchanged state is not published again. Pure functions.
#pragma once

#include "actors/delivery/outbox/sent_values.hpp"
#include "config/settings.hpp"

#include <string>

namespace senseflow::runtime {

actors::on_change_options on_change_of(const config::settings& s);

/// In words, for the log; "" while it is off.
std::string describe_on_change(const config::settings& s);

} // namespace senseflow::runtime
