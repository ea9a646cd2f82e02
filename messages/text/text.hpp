// What happens to text from outside before it goes on: repair, cleaning, cutting, and the way JavaScript
// reads and prints numbers. Lengths are UTF-16 code units, as the reference counts them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace senseflow::messages {

/// One code point at `at`, which moves behind it. Bytes that are no UTF-8 give U+FFFD, one for each maximal
/// subpart as the Encoding standard wants it; `valid` tells the two apart. Precondition: `at < text.size()`.
char32_t next_code_point(std::string_view text, size_t& at, bool& valid);

void append_utf8(std::string& out, char32_t code_point);

bool is_utf8(std::string_view text);

/// The text with U+FFFD in place of every byte sequence that is no UTF-8.
std::string repaired_utf8(std::string_view text);

/// The text without control characters (0x00-0x1f, 0x7f), cut before the character that would go beyond
/// `limit` code units. The text must be UTF-8.
std::string cleaned(std::string_view text, size_t limit);

/// `ABC` -> `abc`; everything else stays.
std::string ascii_lower(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in lower-case hex.
bool is_lower_uuid(std::string_view text);

/// As above in any case, and with a version (1-8) and variant (8, 9, a, b) that exist, or all 0 or all f.
bool is_real_uuid(std::string_view text);

/// `YYYY-MM-DD[T or space]hh:mm:ss` or `YYYYMMDDThhmmss`, then optionally `.` or `,` with 1-9 digits, then
/// optionally `Z`, `+hhmm` or `+hh:mm` (or `-`). Only the form counts, not whether such a day exists.
bool is_timestamp(std::string_view text);

/// White space as JavaScript knows it.
bool is_space(char32_t code_point);

/// The leading integer, white space before it skipped; NaN if there is none.
double leading_integer(std::string_view text);

/// The leading decimal number, white space before it skipped; NaN if there is none or it is not finite.
double leading_number(std::string_view text);

/// The whole text as a decimal number, white space around it skipped: 0 if nothing is left, infinite if it is
/// too large, NaN if it is anything else.
double whole_number(std::string_view text);

/// As JavaScript prints a number: 1, 0.000001, 1e-7, 1e+21, NaN, -Infinity.
void append_number(std::string& out, double number);
std::string number_text(double number);

} // namespace senseflow::messages
