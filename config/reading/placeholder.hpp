// Texts that somebody meant to be filled in: nothing fills them in, they are taken literally.
#pragma once

#include <string_view>

namespace senseflow::config::reading {

/// Holds `${NAME}`, `{NAME}`, `%NAME%` or `{{ ... }}`.
bool looks_like_placeholder(std::string_view text);

/// The same for passwords and names to log in with: also `$NAME`, `$(...)` and `<...>` as a whole.
bool looks_like_secret_placeholder(std::string_view text);

} // namespace senseflow::config::reading
