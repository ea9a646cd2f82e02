#include "messages/folding/message_shape.hpp"

#include <algorithm>

namespace senseflow::messages {

namespace {

constexpr char left_out = '\x01'; ///< no text holds it
constexpr std::string_view joints = ".,:";
constexpr std::string_view guid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_digit(c) || is_letter(c); }

bool begins_with_guid(std::string_view text) {
  if (text.size() < guid.size() || (text.size() > guid.size() && is_word(text[guid.size()]))) return false;
  for (size_t i = 0; i < guid.size(); ++i)
    if (guid[i] == '-' ? text[i] != '-' : !is_hex(text[i])) return false;
  return true;
}

/// Behind a number and a joint it is part of that number. `begin`: where this text's shape does.
void leave_out(std::string& to, size_t begin) {
  const auto n = to.size();
  if (n >= begin + 2 && to[n - 2] == left_out && joints.find(to[n - 1]) != joints.npos)
    to.pop_back();
  else
    to += left_out;
}

/// A run of letters and digits.
void append_word(std::string& to, size_t begin, std::string_view word) {
  if (std::none_of(word.begin(), word.end(), is_digit)) {
    to += word;
    return;
  }
  const bool marked = word.size() > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
  const auto digits = word.substr(marked ? 2 : 0);
  if (std::all_of(digits.begin(), digits.end(), is_hex)) return leave_out(to, begin);
  for (size_t i = 0; i < word.size(); ++i)
    if (!is_digit(word[i]))
      to += word[i];
    else if (i == 0 || !is_digit(word[i - 1]))
      leave_out(to, begin);
}

} // namespace

void append_shape(std::string& to, std::string_view text) {
  const auto begin = to.size();
  for (size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      const bool sign = (text[at] == '-' || text[at] == '+') && (at == 0 || !is_word(text[at - 1])) &&
                        at + 1 < text.size() && is_digit(text[at + 1]);
      if (!sign) to += text[at];
      ++at;
    } else if (begins_with_guid(text.substr(at))) {
      leave_out(to, begin);
      at += guid.size();
    } else {
      auto end = at;
      while (end < text.size() && is_word(text[end])) ++end;
      append_word(to, begin, text.substr(at, end - at));
      at = end;
    }
  }
}

std::string readable(std::string_view shape) {
  std::string result{shape};
  std::replace(result.begin(), result.end(), left_out, '#');
  return result;
}

} // namespace senseflow::messages
