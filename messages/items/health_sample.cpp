#include "messages/items/health_sample.hpp"

#include "messages/text/json_reader.hpp"
#include "messages/text/text.hpp"

namespace senseflow::messages {

namespace {

constexpr std::array<health_place, health_value_count> value_places{{
    {"", "version"},
    {"", "started"},
    {"mem", "committed"},
    {"mem", "allocated"},
    {"mem", "free"},
    {"cpu", "total"},
    {"session", "active"},
    {"session", "total"},
    {"apps", "calls"},
    {"apps", "selections"},
    {"users", "active"},
    {"users", "total"},
    {"cache", "hits"},
    {"cache", "lookups"},
    {"cache", "added"},
    {"cache", "replaced"},
    {"cache", "bytes_added"},
    {"", "saturated"},
}};

constexpr std::array<health_place, health_list_count> list_places{{
    {"apps", "active_docs"},
    {"apps", "loaded_docs"},
    {"apps", "in_memory_docs"},
}};

/// Absent for null and for what is no scalar.
json_scalar to_scalar(json_token token, const std::string& content) {
  switch (token) {
  case json_token::text:
    return {scalar_kind::text, content};
  case json_token::boolean:
    return {scalar_kind::boolean, content};
  case json_token::number:
    break;
  default:
    return {};
  }
  if (content == "-0") return {scalar_kind::number, "0"};
  const bool is_integer = content.find_first_of(".eE") == std::string::npos;
  return {scalar_kind::number, is_integer ? content : number_text(whole_number(content))};
}

/// Reads one value, whatever it is.
json_scalar read_scalar(json_reader& in) {
  const auto token = in.next();
  auto scalar = to_scalar(token, in.content());
  in.skip(token);
  return scalar;
}

/// Appends the items of an array, arrays within it flattened as JavaScript prints them: an empty one leaves
/// an empty item. False if there is something in it that can't be an item.
bool read_items(json_reader& in, std::vector<json_scalar>& items) {
  bool usable = true;
  for (auto token = in.next(); token != json_token::end_array && token != json_token::error;
       token = in.next()) {
    if (token == json_token::begin_array) {
      const auto before = items.size();
      usable = read_items(in, items) && usable;
      if (items.size() == before) items.emplace_back();
      continue;
    }
    usable = usable && token != json_token::begin_object;
    items.push_back(to_scalar(token, in.content()));
    in.skip(token);
  }
  return usable;
}

scalar_list read_list(json_reader& in) {
  scalar_list list;
  const auto token = in.next();
  if (token == json_token::begin_array) {
    list.present = read_items(in, list.items);
    if (!list.present) list.items.clear();
    return list;
  }
  auto scalar = to_scalar(token, in.content());
  in.skip(token);
  if (scalar.kind == scalar_kind::absent) return {};
  return {true, {std::move(scalar)}};
}

/// The place of a name in a table; the table's size if it is not there.
template <size_t N>
size_t find_place(const std::array<health_place, N>& table, std::string_view group, std::string_view key) {
  size_t i = 0;
  while (i < N && (table[i].group != group || table[i].key != key)) ++i;
  return i;
}

/// Of keys that come twice the last one counts, so what an earlier one of the group said is forgotten.
void forget(health_sample& sample, std::string_view group) {
  for (size_t i = 0; i < health_value_count; ++i)
    if (value_places[i].group == group) sample.values[i] = {};
  for (size_t i = 0; i < health_list_count; ++i)
    if (list_places[i].group == group) sample.lists[i] = {};
}

void read_group(json_reader& in, health_sample& sample, const std::string& group) {
  for (auto token = in.next(); token == json_token::key; token = in.next()) {
    const auto value = find_place(value_places, group, in.content());
    const auto list = find_place(list_places, group, in.content());
    if (value < health_value_count) {
      sample.values[value] = read_scalar(in);
    } else if (list < health_list_count) {
      sample.lists[list] = read_list(in);
    } else {
      in.skip(in.next());
    }
  }
}

void only_text(json_scalar& x) {
  if (x.kind != scalar_kind::text) x = {};
}

} // namespace

health_place place_of(health_value x) { return value_places[static_cast<size_t>(x)]; }
health_place place_of(health_list x) { return list_places[static_cast<size_t>(x)]; }

bool operator==(const health_sample& a, const health_sample& b) {
  return a.server == b.server && a.host == b.host && a.timestamp == b.timestamp && a.duration == b.duration &&
         a.tags == b.tags && a.values == b.values && a.lists == b.lists && a.by == b.by;
}

parsed<health_sample> parse_health(std::string_view body) {
  using result = parsed<health_sample>;
  json_reader in{body};
  const auto first = in.next();
  if (first != json_token::begin_object) {
    in.skip(first);
    return result::rejected(in.next() == json_token::end ? "not_an_object" : "invalid_json");
  }
  health_sample sample;
  // What is not there at all is published as "", as the reference does.
  sample[health_value::version] = sample[health_value::started] = {scalar_kind::text, ""};
  auto token = in.next();
  for (; token == json_token::key; token = in.next()) {
    const auto key = in.content();
    const auto value = find_place(value_places, "", key);
    if (value < health_value_count) {
      sample.values[value] = read_scalar(in);
      continue;
    }
    token = in.next();
    if (key.empty()) {
      in.skip(token); // "" stands for the top in the tables
      continue;
    }
    forget(sample, key);
    if (token == json_token::begin_object) {
      read_group(in, sample, key);
    } else {
      in.skip(token);
    }
  }
  if (token != json_token::end_object || in.next() != json_token::end)
    return result::rejected("invalid_json");
  only_text(sample[health_value::version]);
  only_text(sample[health_value::started]);
  return result::ok(std::move(sample));
}

} // namespace senseflow::messages
