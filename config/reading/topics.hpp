// Which topics settings become, as far as two may become the same. messages/text/topic.hpp makes them; the
// suite runtime.topics compares.
#pragma once

#include "config/sense_settings.hpp"

#include <string>
#include <string_view>

namespace senseflow::config::reading {

/// A name as one level. `text` is UTF-8.
std::string as_level(std::string_view text);

/// A virtual proxy in the documented layout.
std::string proxy_levels(std::string_view virtual_proxy);

/// What stands for a server in the layout of Butler SOS.
std::string topic_host(const server_settings& server);

} // namespace senseflow::config::reading
