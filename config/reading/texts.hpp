// Values that are texts: whether they are, and whether they are the ones that were meant.
#pragma once

#include "config/reading/scope.hpp"
#include "config/schema/formats.hpp"

#include <string>

namespace senseflow::config::reading {

enum class secrecy { none, filled_in, secret }; ///< `filled_in`: may come from the environment

/// The text of a value of `s`, after a `doubt`; false (and a fault) if it is none. A secret is never shown.
bool read_text(const scope& s, const node& n, const std::string& path, std::string& out,
               secrecy kept = secrecy::none);

/// Warns of a text that is perhaps not the one that was meant.
void doubt(const scope& s, const node& n, const std::string& path, secrecy kept = secrecy::none);

/// False (and a fault) if `x`, the text of `n`, has not the right form.
bool check_format(const scope& s, const node& n, const std::string& path, const std::string& x,
                  schema::format f);

/// Warns of a '#' behind the value that may belong to it.
void doubt_comment(const scope& s, const node::member* m, const std::string& path);

} // namespace senseflow::config::reading
