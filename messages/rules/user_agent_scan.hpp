// The small steps in which a user agent is read: what has to stand around a word, and what its version is.
#pragma once

#include <string_view>

namespace senseflow::messages::scan {

/// Moves `at` over what has to stand behind a word. If that is not there: false, and no word that ends before
/// where `at` has come to has it either. Texts are in lower case.
using step = bool (*)(std::string_view text, size_t& at);

/// Whether a word may begin at `at`.
using look_behind = bool (*)(std::string_view text, size_t at);

/// The bytes of the one white-space character, as JavaScript knows it, at `at`; 0 if there is none.
size_t space_at(std::string_view text, size_t at);
/// The same, right before `at`.
size_t space_before(std::string_view text, size_t at);

/// The text up to its first line separator: as far as `.` goes in JavaScript.
std::string_view first_line(std::string_view text);

// What a word has before it.
bool behind_space(std::string_view text, size_t at);
bool at_word_start(std::string_view text, size_t at);

// What stands between a word and the version.
bool nothing(std::string_view text, size_t& at);
bool slash(std::string_view text, size_t& at);
bool space_or_slash(std::string_view text, size_t& at);
bool space_slash_or_hyphen(std::string_view text, size_t& at);
bool spaces(std::string_view text, size_t& at);
bool suffix(std::string_view text, size_t& at);        ///< maybe `-linkexpanding`, then space or slash
bool model_slash(std::string_view text, size_t& at);   ///< `9800/`
bool browser_slash(std::string_view text, size_t& at); ///< ` browser/` or `browser/`
bool phone_system(std::string_view text, size_t& at);  ///< ` os ` and less of it
bool tablet(std::string_view text, size_t& at);        ///< ` tablet`
bool tablet_system(std::string_view text, size_t& at); ///< ` tablet os `

// Versions.
bool digits(std::string_view text, size_t& at);
bool number(std::string_view text, size_t& at);         ///< 1 and 1.2 and 1.2.3
bool dotted(std::string_view text, size_t& at);         ///< the same with at least one point
bool two_numbers(std::string_view text, size_t& at);    ///< 1.2, whatever comes then
bool grouped(std::string_view text, size_t& at);        ///< 12 and 1.2 and 1_2 and 1._2: two digits at least
bool underscored(std::string_view text, size_t& at);    ///< 1 and 1_2 and `1 2`
bool like_mac(std::string_view text, size_t& at);       ///< the same, and then ` like mac os x`
bool digit_and_more(std::string_view text, size_t& at); ///< a digit, then at least one digit or point
bool points_and_x(std::string_view text, size_t& at);   ///< digits and points, and then `x`
bool points_to_end(std::string_view text, size_t& at);  ///< digits and points, and then nothing
bool any_text(std::string_view text, size_t& at);       ///< up to the next white space
bool windows_kind(std::string_view text, size_t& at);   ///< `nt`, `xp`, `nt 10.0`

// What makes a word a browser's.
bool slurp(std::string_view text, size_t& at);         ///< `! slurp` and the like
bool touch_version(std::string_view text, size_t& at); ///< 12 and 1.2 and 1x2 and 1x_2

} // namespace senseflow::messages::scan
