// Reads strict JSON (RFC 8259) token by token and keeps what a tree of doubles would lose: the order of keys
// and the text of numbers. Never throws; deeper nesting than `max_depth` is an error like any other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::messages {

enum class json_token : uint8_t {
  begin_object,
  end_object,
  begin_array,
  end_array,
  key,
  text,
  number,
  boolean,
  null,
  end,  ///< the document is complete and valid
  error ///< it is not; so is everything after it
};

class json_reader {
public:
  static constexpr size_t max_depth = 512;

  /// `document` must outlive the reader. A byte order mark is skipped; bytes that are no UTF-8 come out of
  /// texts as U+FFFD, half surrogates in escapes are an error.
  explicit json_reader(std::string_view document);

  json_token next();

  /// Of a key or text: its content. Of a number, boolean or null: as it stands in the document.
  const std::string& content() const { return content_; }

  /// Given the first token of a value, reads the rest of that value.
  void skip(json_token first);

private:
  enum class expectation : uint8_t { value, value_or_end, key, key_or_end, comma_or_end, nothing };

  json_token fail();
  json_token value();
  json_token closed(json_token what);
  json_token word(std::string_view text, json_token what);
  json_token number();
  bool read_text();
  bool read_escape();
  bool read_hex(char32_t& unit);
  void after_value();
  void skip_space();
  char peek() const { return at_ < document_.size() ? document_[at_] : '\0'; }
  bool in_object() const { return !nesting_.empty() && nesting_.back() == '{'; }

  std::string_view document_;
  size_t at_ = 0;
  expectation expects_ = expectation::value;
  bool failed_ = false;
  std::string nesting_; ///< the open brackets
  std::string content_;
};

} // namespace senseflow::messages
