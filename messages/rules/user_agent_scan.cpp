#include "messages/rules/user_agent_scan.hpp"

#include "messages/text/text.hpp"

namespace senseflow::messages::scan {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// NUL where the text ends.
char peek(std::string_view text, size_t at) { return at < text.size() ? text[at] : '\0'; }

bool digit_at(std::string_view text, size_t at) { return is_digit(peek(text, at)); }

/// Moves over it if it is there.
bool take(std::string_view text, size_t& at, char wanted) {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

bool take(std::string_view text, size_t& at, std::string_view wanted) {
  if (at > text.size() || text.substr(at, wanted.size()) != wanted) return false;
  at += wanted.size();
  return true;
}

bool take_space(std::string_view text, size_t& at) {
  const auto length = space_at(text, at);
  at += length;
  return length > 0;
}

/// The bytes of a line separator at `at`.
size_t line_separator_at(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '\n' || c == '\r') return 1;
  return c == '\xe2' && (text.substr(at, 3) == "\u2028" || text.substr(at, 3) == "\u2029") ? 3 : 0;
}

/// One UTF-16 code unit, as `.` in JavaScript means it: half a pair never stands before a digit.
bool take_any(std::string_view text, size_t& at) {
  if (at >= text.size() || line_separator_at(text, at) > 0) return false;
  auto next = at;
  bool valid = true;
  if (next_code_point(text, next, valid) > 0xffff) return false;
  at = next;
  return true;
}

bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_digit_or_point(char c) { return is_digit(c) || c == '.'; }

template <class Predicate>
size_t take_while(std::string_view text, size_t& at, Predicate belongs) {
  const auto from = at;
  while (at < text.size() && belongs(text[at])) ++at;
  return at - from;
}

/// `.2.3`
void take_further_numbers(std::string_view text, size_t& at) {
  while (peek(text, at) == '.' && digit_at(text, at + 1)) {
    ++at;
    digits(text, at);
  }
}

/// ` 10.0`, with so many digits in front and any character for the point.
bool take_windows_number(std::string_view text, size_t& at, size_t digits_in_front) {
  auto next = at;
  if (!take(text, next, ' ')) return false;
  for (size_t i = 0; i < digits_in_front; ++i, ++next)
    if (!digit_at(text, next)) return false;
  if (!take_any(text, next) || !digit_at(text, next)) return false;
  at = next + 1;
  return true;
}

} // namespace

size_t space_at(std::string_view text, size_t at) {
  if (at >= text.size()) return 0;
  auto behind = at;
  bool valid = true;
  return is_space(next_code_point(text, behind, valid)) ? behind - at : 0;
}

size_t space_before(std::string_view text, size_t at) {
  for (size_t length = 1; length <= 3 && length <= at; ++length)
    if (space_at(text, at - length) == length) return length;
  return 0;
}

std::string_view first_line(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at)
    if (line_separator_at(text, at) > 0) return text.substr(0, at);
  return text;
}

bool behind_space(std::string_view text, size_t at) { return space_before(text, at) > 0; }

bool at_word_start(std::string_view text, size_t at) { return at == 0 || !is_word(text[at - 1]); }

bool nothing(std::string_view, size_t&) { return true; }

bool slash(std::string_view text, size_t& at) { return take(text, at, '/'); }

bool space_or_slash(std::string_view text, size_t& at) { return take(text, at, '/') || take_space(text, at); }

bool space_slash_or_hyphen(std::string_view text, size_t& at) {
  return space_or_slash(text, at) || take(text, at, '-');
}

bool spaces(std::string_view text, size_t& at) {
  const auto from = at;
  while (take_space(text, at)) continue;
  return at > from;
}

bool suffix(std::string_view text, size_t& at) {
  const auto belongs = [](char c) { return is_word(c) || c == '-'; };
  if (peek(text, at) == '-' && take_while(text, at, belongs) < 2) return false;
  return space_or_slash(text, at);
}

bool model_slash(std::string_view text, size_t& at) { return digits(text, at) && slash(text, at); }

bool browser_slash(std::string_view text, size_t& at) {
  take_space(text, at);
  return take(text, at, "browser/");
}

bool phone_system(std::string_view text, size_t& at) {
  if (!take(text, at, ' ')) return false;
  take(text, at, "os");
  take_space(text, at);
  return true;
}

bool tablet(std::string_view text, size_t& at) { return take_space(text, at) && take(text, at, "tablet"); }

bool tablet_system(std::string_view text, size_t& at) {
  return tablet(text, at) && take_space(text, at) && take(text, at, "os") && take_space(text, at);
}

bool digits(std::string_view text, size_t& at) { return take_while(text, at, is_digit) > 0; }

bool number(std::string_view text, size_t& at) {
  if (!digits(text, at)) return false;
  take_further_numbers(text, at);
  return true;
}

bool dotted(std::string_view text, size_t& at) {
  if (!two_numbers(text, at)) return false;
  take_further_numbers(text, at);
  return true;
}

bool two_numbers(std::string_view text, size_t& at) {
  return digits(text, at) && take(text, at, '.') && digits(text, at);
}

bool grouped(std::string_view text, size_t& at) {
  auto count = take_while(text, at, is_digit);
  while (count > 0) {
    auto next = at;
    take(text, next, '.');
    take(text, next, '_');
    if (!digit_at(text, next)) break;
    at = next;
    count += take_while(text, at, is_digit);
  }
  return count > 1;
}

bool underscored(std::string_view text, size_t& at) {
  if (!digits(text, at)) return false;
  for (auto next = at; take(text, next, '_') || take_space(text, next); next = at) {
    if (!digits(text, next)) break;
    at = next;
  }
  return true;
}

bool like_mac(std::string_view text, size_t& at) {
  if (!underscored(text, at)) return false;
  auto behind = at;
  return take(text, behind, " like mac os x");
}

bool digit_and_more(std::string_view text, size_t& at) {
  return digit_at(text, at) && take_while(text, at, is_digit_or_point) > 1;
}

bool points_and_x(std::string_view text, size_t& at) {
  return take_while(text, at, is_digit_or_point) > 0 && peek(text, at) == 'x';
}

bool points_to_end(std::string_view text, size_t& at) {
  return take_while(text, at, is_digit_or_point) > 0 && at == text.size();
}

bool any_text(std::string_view text, size_t& at) {
  const auto from = at;
  while (at < text.size() && space_at(text, at) == 0) ++at;
  return at > from;
}

bool windows_kind(std::string_view text, size_t& at) {
  if (!take(text, at, "nt") && !take(text, at, "xp")) return false;
  if (!take_windows_number(text, at, 2)) take_windows_number(text, at, 1);
  return true;
}

bool slurp(std::string_view text, size_t& at) {
  take(text, at, '!');
  while (space_or_slash(text, at)) continue;
  return take(text, at, "slurp");
}

bool touch_version(std::string_view text, size_t& at) {
  if (!digit_at(text, at)) return false;
  ++at;
  if (digit_at(text, at)) return true;
  auto next = at;
  if (!take_any(text, next)) return false;
  if (digit_at(text, next)) return true;
  return take(text, next, '_') && digit_at(text, next);
}

} // namespace senseflow::messages::scan
