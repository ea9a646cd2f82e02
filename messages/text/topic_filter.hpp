// What a subscription covers.
#pragma once

#include <string_view>

namespace senseflow::messages {

/// As brokers do it: `+` stands for one level, `#` at the end for any number, none included; neither for a
/// first level that begins with `$`.
bool covers(std::string_view filter, std::string_view topic);

} // namespace senseflow::messages
