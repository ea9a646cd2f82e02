// Writes JSON into one string. The result is always valid UTF-8, whatever bytes the texts hold. The caller
// keeps objects and arrays balanced and gives every key a value. Our own for the numbers, which are as
// JavaScript prints them, byte for byte (1, where nlohmann/json has 1.0).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace senseflow::messages {

/// The text in quotes, with the escapes that JavaScript's JSON.stringify uses.
void append_quoted(std::string& out, std::string_view text);

class json_writer {
public:
  /// `expected_bytes` saves reallocations, nothing else.
  explicit json_writer(size_t expected_bytes = 256) { out_.reserve(expected_bytes); }

  json_writer& begin_object() { return open('{'); }
  json_writer& end_object() { return close('}'); }
  json_writer& begin_array() { return open('['); }
  json_writer& end_array() { return close(']'); }
  json_writer& key(std::string_view name);

  json_writer& text(std::string_view x);
  /// `null` if it is not finite.
  json_writer& number(double x);
  json_writer& integer(int64_t x);
  json_writer& boolean(bool x) { return raw(x ? "true" : "false"); }
  json_writer& null() { return raw("null"); }
  /// `json` is a complete value already.
  json_writer& raw(std::string_view json);

  std::string take() { return std::move(out_); }

private:
  json_writer& open(char bracket);
  json_writer& close(char bracket);
  void separate();

  std::string out_;
  bool first_ = true; ///< the next key or value needs no comma
};

/// Compact JSON that is known to be valid, laid out with two spaces a level, as JSON.stringify does it.
std::string indented_json(std::string_view compact);

} // namespace senseflow::messages
