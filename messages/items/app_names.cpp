#include "messages/items/app_names.hpp"

#include "messages/text/json_reader.hpp"
#include "messages/text/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace senseflow::messages {

const std::string* app_names::find_exact(std::string_view id) const {
  const auto i = names_.find(id);
  return i == names_.end() ? nullptr : &i->second;
}

const std::string* app_names::find(std::string_view id) const {
  const auto* name = find_exact(id);
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (name || std::none_of(id.begin(), id.end(), is_upper)) return name;
  return find_exact(ascii_lower(id));
}

parsed<app_names> parse_app_list(std::string_view body) {
  json_reader in{body};
  app_names names;
  const auto first = in.next();
  const bool is_array = first == json_token::begin_array;
  if (!is_array) in.skip(first);
  for (auto token = in.next(); token != json_token::end; token = in.next()) {
    if (token == json_token::error) return parsed<app_names>::rejected("invalid_json");
    if (token != json_token::begin_object) {
      in.skip(token);
      continue;
    }
    std::optional<std::string> id;
    std::optional<std::string> name;
    for (token = in.next(); token == json_token::key; token = in.next()) {
      const auto key = in.content();
      token = in.next();
      if (token == json_token::text && key == "id") id = in.content();
      if (token == json_token::text && key == "name") name = in.content();
      in.skip(token);
    }
    if (id && name) names.add(*std::move(id), *std::move(name));
  }
  if (!is_array) return parsed<app_names>::rejected("not_an_array");
  return parsed<app_names>::ok(std::move(names));
}

} // namespace senseflow::messages
