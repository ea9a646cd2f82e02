#include "messages/text/json_reader.hpp"

#include "messages/text/text.hpp"

namespace senseflow::messages {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_high_surrogate(char32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool is_low_surrogate(char32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

} // namespace

json_reader::json_reader(std::string_view document) : document_(document) {
  if (document_.substr(0, byte_order_mark.size()) == byte_order_mark)
    document_.remove_prefix(byte_order_mark.size());
}

json_token json_reader::fail() {
  failed_ = true;
  return json_token::error;
}

void json_reader::skip_space() {
  while (at_ < document_.size()) {
    const char c = document_[at_];
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
    ++at_;
  }
}

void json_reader::after_value() {
  expects_ = nesting_.empty() ? expectation::nothing : expectation::comma_or_end;
}

json_token json_reader::next() {
  if (failed_) return json_token::error;
  skip_space();
  if (expects_ == expectation::nothing) return at_ == document_.size() ? json_token::end : fail();
  const char c = peek();
  if (expects_ == expectation::comma_or_end) {
    if (c == '}' && in_object()) return closed(json_token::end_object);
    if (c == ']' && !in_object()) return closed(json_token::end_array);
    if (c != ',') return fail();
    ++at_;
    expects_ = in_object() ? expectation::key : expectation::value;
    skip_space();
  } else if (expects_ == expectation::key_or_end) {
    if (c == '}') return closed(json_token::end_object);
    expects_ = expectation::key;
  } else if (expects_ == expectation::value_or_end) {
    if (c == ']') return closed(json_token::end_array);
    expects_ = expectation::value;
  }
  if (expects_ == expectation::value) return value();
  if (!read_text()) return fail();
  skip_space();
  if (peek() != ':') return fail();
  ++at_;
  expects_ = expectation::value;
  return json_token::key;
}

json_token json_reader::closed(json_token what) {
  ++at_;
  nesting_.pop_back();
  after_value();
  return what;
}

json_token json_reader::value() {
  const char c = peek();
  if (c == '{' || c == '[') {
    if (nesting_.size() == max_depth) return fail();
    ++at_;
    nesting_ += c;
    expects_ = c == '{' ? expectation::key_or_end : expectation::value_or_end;
    return c == '{' ? json_token::begin_object : json_token::begin_array;
  }
  after_value();
  switch (c) {
  case '"':
    return read_text() ? json_token::text : fail();
  case 't':
    return word("true", json_token::boolean);
  case 'f':
    return word("false", json_token::boolean);
  case 'n':
    return word("null", json_token::null);
  default:
    return number();
  }
}

json_token json_reader::word(std::string_view text, json_token what) {
  if (document_.substr(at_, text.size()) != text) return fail();
  at_ += text.size();
  content_ = text;
  return what;
}

json_token json_reader::number() {
  const auto from = at_;
  const auto digits = [this] {
    const auto first = at_;
    while (is_digit(peek())) ++at_;
    return at_ > first;
  };
  if (peek() == '-') ++at_;
  if (peek() == '0') {
    ++at_;
  } else if (!digits()) {
    return fail();
  }
  if (peek() == '.') {
    ++at_;
    if (!digits()) return fail();
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    if (!digits()) return fail();
  }
  content_ = document_.substr(from, at_ - from);
  return json_token::number;
}

bool json_reader::read_text() {
  if (peek() != '"') return false;
  ++at_;
  content_.clear();
  while (at_ < document_.size()) {
    const char c = document_[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c == '\\') {
      if (!read_escape()) return false;
    } else {
      bool valid = true;
      append_utf8(content_, next_code_point(document_, at_, valid));
    }
  }
  return false;
}

bool json_reader::read_hex(char32_t& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = peek();
    unit <<= 4;
    if (is_digit(c)) {
      unit |= static_cast<char32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      unit |= static_cast<char32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      unit |= static_cast<char32_t>(c - 'A' + 10);
    } else {
      return false;
    }
  }
  return true;
}

bool json_reader::read_escape() {
  ++at_; // the backslash
  const char c = peek();
  ++at_;
  switch (c) {
  case '"':
  case '\\':
  case '/':
    content_ += c;
    return true;
  case 'b':
    content_ += '\b';
    return true;
  case 'f':
    content_ += '\f';
    return true;
  case 'n':
    content_ += '\n';
    return true;
  case 'r':
    content_ += '\r';
    return true;
  case 't':
    content_ += '\t';
    return true;
  case 'u':
    break;
  default:
    return false;
  }
  char32_t unit = 0;
  if (!read_hex(unit) || is_low_surrogate(unit)) return false;
  if (is_high_surrogate(unit)) {
    char32_t low = 0;
    if (document_.substr(at_, 2) != "\\u") return false;
    at_ += 2;
    if (!read_hex(low) || !is_low_surrogate(low)) return false;
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }
  append_utf8(content_, unit);
  return true;
}

void json_reader::skip(json_token first) {
  if (first != json_token::begin_object && first != json_token::begin_array) return;
  for (const auto depth = nesting_.size(); !failed_ && nesting_.size() >= depth;) next();
}

} // namespace senseflow::messages
