// The numbers of text.hpp: JavaScript's parseInt, parseFloat and String(number). <charconv> finds the digits;
// no packaged library places point and exponent as JavaScript does.
#include "messages/text/text.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <system_error>

namespace senseflow::messages {

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_leading_space(std::string_view text) {
  size_t behind = 0;
  for (size_t at = 0; at < text.size(); behind = at) {
    bool valid = true;
    if (!is_space(next_code_point(text, at, valid))) break;
  }
  return text.substr(behind);
}

/// Removes the sign; true if it is a minus.
bool take_sign(std::string_view& text) {
  if (text.empty() || (text[0] != '-' && text[0] != '+')) return false;
  const bool minus = text[0] == '-';
  text.remove_prefix(1);
  return minus;
}

size_t count_digits(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  return n;
}

/// How much of the text is a decimal number: digits, a point, an exponent; 0 if it does not begin with one.
size_t decimal_length(std::string_view text) {
  auto length = count_digits(text);
  if (length < text.size() && text[length] == '.') {
    const auto fraction = count_digits(text.substr(length + 1));
    if (length + fraction == 0) return 0;
    length += 1 + fraction;
  }
  if (length > 0 && length < text.size() && (text[length] == 'e' || text[length] == 'E')) {
    auto exponent = length + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    const auto digits = count_digits(text.substr(exponent));
    if (digits > 0) length = exponent + digits;
  }
  return length;
}

/// `text` must be a decimal number; too large is infinite, too small is 0.
double to_double(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // from_chars does not say which of the two it is, strtod does.
  return error == std::errc{} ? value : std::strtod(std::string{text}.c_str(), nullptr);
}

} // namespace

bool is_space(char32_t c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff;
}

double leading_integer(std::string_view text) {
  text = without_leading_space(text);
  const bool minus = take_sign(text);
  const auto digits = count_digits(text);
  if (digits == 0) return no_number;
  const auto value = to_double(text.substr(0, digits));
  return minus ? -value : value;
}

double leading_number(std::string_view text) {
  text = without_leading_space(text);
  const bool minus = take_sign(text);
  const auto length = decimal_length(text);
  const auto value = length == 0 ? no_number : to_double(text.substr(0, length));
  if (!std::isfinite(value)) return no_number;
  return minus ? -value : value;
}

double whole_number(std::string_view text) {
  text = without_leading_space(text);
  const bool minus = take_sign(text);
  const auto length = decimal_length(text);
  if (!without_leading_space(text.substr(length)).empty()) return no_number;
  const auto value = length == 0 ? 0 : to_double(text.substr(0, length));
  return minus ? -value : value;
}

void append_number(std::string& out, double number) {
  if (std::isnan(number)) {
    out += "NaN";
    return;
  }
  if (number < 0) {
    out += '-';
    number = -number;
  }
  if (std::isinf(number)) {
    out += "Infinity";
    return;
  }
  char buffer[32];
  const auto whole = static_cast<int64_t>(number < 1e15 ? number : 0);
  if (number < 1e15 && static_cast<double>(whole) == number) {
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, whole).ptr);
    return;
  }
  // Shortest digits that read back the same, as d.ddde+x, then laid out by JavaScript's rules.
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
  const std::string_view text{buffer, static_cast<size_t>(end - buffer)};
  const auto e = text.find('e');
  std::string digits{text.substr(0, 1)};
  if (e > 2) digits += text.substr(2, e - 2);
  int exponent = 0;
  const auto after = e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(buffer + after, end, exponent);
  const int point = exponent + 1; // digits before the decimal point
  const int count = static_cast<int>(digits.size());
  if (count <= point && point <= 21) {
    out += digits;
    out.append(static_cast<size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out += digits.insert(static_cast<size_t>(point), ".");
  } else if (-6 < point && point <= 0) {
    out += "0.";
    out.append(static_cast<size_t>(-point), '0');
    out += digits;
  } else {
    if (count > 1) digits.insert(1, ".");
    out += digits;
    out += exponent < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(exponent));
  }
}

std::string number_text(double number) {
  std::string out;
  append_number(out, number);
  return out;
}

} // namespace senseflow::messages
