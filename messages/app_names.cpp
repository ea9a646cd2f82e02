#include "messages/app_names.hpp"

#include "messages/json_reader.hpp"
#include "messages/text.hpp"

#include <utility>

namespace senseflow::messages {

void app_names::add(std::string_view id, std::string name) {
  apps_.emplace(ascii_lower(id), app{std::string{id}, std::move(name)});
}

const app_names::app* app_names::look_up(std::string_view id) const {
  if (apps_.empty()) return nullptr;
  const auto i = apps_.find(ascii_lower(id));
  return i == apps_.end() ? nullptr : &i->second;
}

const std::string* app_names::find(std::string_view id) const {
  const auto* found = look_up(id);
  return found ? &found->name : nullptr;
}

const std::string* app_names::find_exact(std::string_view id) const {
  const auto* found = look_up(id);
  return found && found->id == id ? &found->name : nullptr;
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
    std::string id;
    std::string name;
    for (token = in.next(); token == json_token::key; token = in.next()) {
      const auto key = in.content();
      token = in.next();
      if (token == json_token::text && key == "id") id = in.content();
      if (token == json_token::text && key == "name") name = in.content();
      in.skip(token);
    }
    if (!id.empty() && !name.empty()) names.add(id, std::move(name));
  }
  if (!is_array) return parsed<app_names>::rejected("not_an_array");
  return parsed<app_names>::ok(std::move(names));
}

} // namespace senseflow::messages
