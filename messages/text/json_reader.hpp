// Reads strict JSON (RFC 8259) and keeps what a tree of doubles would lose: the order of keys and the text of
// numbers. Never throws; deeper nesting than `max_depth` is an error like any other. nlohmann/json parses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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
  error ///< it is not
};

class json_reader {
public:
  static constexpr size_t max_depth = 512;

  /// Parses the whole document; if it is not valid, `error` is its only token. A byte order mark is skipped;
  /// bytes that are no UTF-8 come out of texts as U+FFFD, half surrogates in escapes are an error.
  explicit json_reader(std::string_view document);

  /// After `end` or `error` the same again.
  json_token next();

  /// Of a key or text: its content. Of a number, boolean or null: as it stands in the document.
  const std::string& content() const { return content_; }

  /// Given the first token of a value, reads the rest of that value.
  void skip(json_token first);

private:
  std::string tape_; ///< of each token a mark, then its content
  size_t at_ = 0;
  std::string content_;
};

} // namespace senseflow::messages
