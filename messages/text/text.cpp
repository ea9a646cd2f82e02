// What text.hpp promises, but for the numbers. utfcpp, the packaged library, does not repair UTF-8 as the
// Encoding standard does: it makes one U+FFFD of the bytes ed a0 80 instead of three.
#include "messages/text/text.hpp"

#include <algorithm>

namespace senseflow::messages {

namespace {

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

bool is_hex(char c, bool upper_too) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (upper_too && c >= 'A' && c <= 'F');
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool has_uuid_form(std::string_view text, bool upper_too) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !is_hex(text[i], upper_too)) return false;
  }
  return true;
}

/// Matches a form in which `0` stands for any digit; true moves `text` behind it.
bool skip_form(std::string_view& text, std::string_view form) {
  if (text.size() < form.size()) return false;
  for (size_t i = 0; i < form.size(); ++i) {
    const char c = text[i];
    if (form[i] == '0' ? c < '0' || c > '9' : c != form[i]) return false;
  }
  text.remove_prefix(form.size());
  return true;
}

} // namespace

// The first byte decides the length and the range of the second one; all further ones are 0x80-0xbf.
char32_t next_code_point(std::string_view text, size_t& at, bool& valid) {
  constexpr char32_t replacement = 0xfffd;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(at++);
  valid = true;
  if (first < 0x80) return first;
  unsigned more = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    more = 1;
  } else if (first >= 0xe0 && first <= 0xef) {
    more = 2;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    more = 3;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else {
    valid = false;
    return replacement;
  }
  char32_t code_point = first & (0x3fu >> more);
  for (; more > 0; --more) {
    if (at >= text.size() || byte(at) < low || byte(at) > high) {
      valid = false;
      return replacement;
    }
    code_point = (code_point << 6) | (byte(at++) & 0x3fu);
    low = 0x80;
    high = 0xbf;
  }
  return code_point;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6));
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3f));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

bool is_utf8(std::string_view text) {
  bool valid = true;
  for (size_t at = 0; valid && at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
    } else {
      next_code_point(text, at, valid);
    }
  }
  return valid;
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  bool valid = true;
  for (size_t at = 0; at < text.size();) append_utf8(out, next_code_point(text, at, valid));
  return out;
}

std::string cleaned(std::string_view text, size_t limit) {
  const bool clean = std::none_of(text.begin(), text.end(),
                                  [](char c) { return is_control(static_cast<unsigned char>(c)); });
  if (clean && text.size() <= limit) return std::string{text}; // no text has more code units than bytes
  std::string out;
  size_t units = 0;
  for (size_t at = 0; at < text.size();) {
    const auto from = at;
    bool valid = true;
    const auto c = next_code_point(text, at, valid);
    if (c < 0x80 && is_control(static_cast<unsigned char>(c))) continue;
    units += c > 0xffff ? 2 : 1;
    if (units > limit) break;
    out.append(text, from, at - from);
  }
  return out;
}

std::string ascii_lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out) c = lower(c);
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool is_lower_uuid(std::string_view text) { return has_uuid_form(text, false); }

bool is_real_uuid(std::string_view text) {
  if (!has_uuid_form(text, true)) return false;
  const auto all = [text](char digit) {
    return std::all_of(text.begin(), text.end(), [digit](char c) { return c == '-' || lower(c) == digit; });
  };
  const char version = text[14];
  const char variant = lower(text[19]);
  const bool exists = version >= '1' && version <= '8' &&
                      (variant == '8' || variant == '9' || variant == 'a' || variant == 'b');
  return exists || all('0') || all('f');
}

bool is_timestamp(std::string_view text) {
  if (!skip_form(text, "0000-00-00T00:00:00") && !skip_form(text, "0000-00-00 00:00:00") &&
      !skip_form(text, "00000000T000000"))
    return false;
  if (!text.empty() && (text[0] == '.' || text[0] == ',')) {
    text.remove_prefix(1);
    size_t digits = 0;
    while (digits < 9 && skip_form(text, "0")) ++digits;
    if (digits == 0) return false;
  }
  if (text.empty() || text == "Z") return true;
  if (text[0] != '+' && text[0] != '-') return false;
  text.remove_prefix(1);
  return (skip_form(text, "00:00") || skip_form(text, "0000")) && text.empty();
}

} // namespace senseflow::messages
