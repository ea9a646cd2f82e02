// Texts as YAML scalars that read back as the same text.
#pragma once

#include <string>
#include <string_view>

namespace senseflow::config::printing {

/// Without quotes where that is safe.
std::string scalar(std::string_view text);

} // namespace senseflow::config::printing
