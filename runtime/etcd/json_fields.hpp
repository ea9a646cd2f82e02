// Fields of a JSON object, as the gateway writes them. All of these take the first token of a value, and are
// false when it is of another kind; nobody reads on then.
#pragma once

#include "messages/text/json_reader.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace senseflow::runtime::json_fields {

using messages::json_reader;
using messages::json_token;

/// `field(name, first)` for each field that is not null; it reads the value.
template <class Field>
bool each(json_reader& in, json_token first, Field field) {
  if (first != json_token::begin_object) return false;
  for (auto token = in.next(); token != json_token::end_object; token = in.next()) {
    const auto name = in.content();
    const auto value = in.next();
    if (value != json_token::null && !field(name, value)) return false;
  }
  return true;
}

/// `item(first)` for each item of an array.
template <class Item>
bool items(json_reader& in, json_token first, Item item) {
  if (first != json_token::begin_array) return false;
  for (auto token = in.next(); token != json_token::end_array; token = in.next())
    if (!item(token)) return false;
  return true;
}

inline bool skip(json_reader& in, json_token first) {
  in.skip(first);
  return true;
}

bool text(json_reader& in, json_token first, std::string& out);
bool boolean(json_reader& in, json_token first, bool& out);
/// 64 bits, as a text or a number.
bool integer(json_reader& in, json_token first, int64_t& out);
/// In base64.
bool bytes(json_reader& in, json_token first, std::string& out);

} // namespace senseflow::runtime::json_fields
