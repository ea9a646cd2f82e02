// `senseflow appenders`: writes the files.
#pragma once

#include "config/settings.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace senseflow::runtime::appenders {

/// All files or none: where one of them is there and is not ours, or ours and was changed since, nothing is
/// written. What to do with them goes to `out`, and into a file beside them. Returns the exit code: 0, or 1.
int write_all(const config::settings& s, const std::string& host, const std::string& directory,
              std::ostream& out, std::ostream& err);

/// Signed, so that it can be told later whether somebody has changed it. `open`, `close`: of a comment.
std::string signed_text(const std::string& first_line, const std::string& open, const std::string& text,
                        const std::string& close);
/// What `signed_text` has made, unchanged since.
bool is_ours(const std::string& content);

} // namespace senseflow::runtime::appenders
