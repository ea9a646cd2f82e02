// What messages that say the same have in common: their text without numbers, GUIDs and hexadecimal words.
#pragma once

#include <string>
#include <string_view>

namespace senseflow::messages {

/// Appends the shape of `text`, which has no control characters. Taken out are GUIDs, words of hexadecimal
/// digits with a decimal one among them, and the digits of other words; numbers joined by `.`, `,` or `:`
/// (1.5, 10:15:02) are one, and a sign before a number goes with it. All else stays as it is.
void append_shape(std::string& to, std::string_view text);

/// A shape for people: with `#` for what was taken out.
std::string readable(std::string_view shape);

} // namespace senseflow::messages
