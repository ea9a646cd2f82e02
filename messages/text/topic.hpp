// Topic names that any broker takes, whatever text they are made of. Text from outside loses what would make
// a topic invalid: `+`, `#`, control characters (U+0080-U+009F as well) and noncharacters become `_`, bytes
// that are no UTF-8 become U+FFFD, empty levels disappear. What the configuration names is
// taken as it stands.
#pragma once

#include <string>
#include <string_view>

namespace senseflow::messages {

/// The text as one or more levels without empty ones; "" if nothing is left.
std::string safe_levels(std::string_view text);

/// The text as exactly one level: slashes become `_` as well. "" only for "".
std::string safe_level(std::string_view text);

/// `text` as it stands if it is such a level already, else what is made of it, in `buffer`.
std::string_view safe_level(std::string_view text, std::string& buffer);

/// `System.Engine.Engine` -> `system/engine/engine`. Lower-casing is ASCII.
std::string subsystem_levels(std::string_view subsystem);

/// `base` ends with a slash, or is "".
std::string with_slash(std::string_view base);

/// Joins with exactly one slash; an empty side gives the other one.
std::string join_topic(std::string_view base, std::string_view levels);

/// The part of a session topic that names the virtual proxy, as the reference writes it: `/` and "" -> `/`,
/// `/hdr` and `hdr` -> `/hdr`. A slash at the end is kept.
std::string virtual_proxy_suffix(std::string_view virtual_proxy);

/// Its place in the documented layout: `/` and "" -> `default`, `/hdr` and `hdr` -> `hdr`, `/a/b` -> `a/b`.
std::string virtual_proxy_levels(std::string_view virtual_proxy);

} // namespace senseflow::messages
