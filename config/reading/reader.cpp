#include "config/reading/reader.hpp"

#include "config/reading/texts.hpp"
#include "config/reading/wording.hpp"

#include <algorithm>
#include <charconv>

namespace senseflow::config::reading {

namespace {

using kind = node::kind;

constexpr size_t max_name = 200; // libyaml reads no keys beyond 1024 characters, quotes and escapes included

/// Reads like the reference: on unless `enable` is false, or everything in it is.
bool switched_on(const node& n) {
  switch (n.what) {
  case kind::null:
    return false;
  case kind::scalar:
    return !n.text.empty() && !(n.bare && schema::equal_ignoring_case(n.text, "false"));
  case kind::list:
    return !n.items.empty();
  case kind::map:
    if (auto m = n.find("enable")) return switched_on(*m->value);
    return std::any_of(n.members.begin(), n.members.end(), [](auto& m) { return switched_on(*m.value); });
  }
  return false;
}

/// 017 is 15 to some programs.
bool begins_with_zero(std::string_view text) {
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

/// A text may hold a secret whose colon lacks its space, a number may be one: they are not shown.
std::string not_a_section(const node& n) {
  const bool hidden = n.what == kind::scalar && !(n.bare && schema::reads_as_bool(n.text));
  const bool number = hidden && n.bare && schema::reads_as_number(n.text);
  return "is " + (number ? "a number" : hidden ? "a text" : shown(n)) + ", not a section";
}

std::string section_remedy(const node& n, const char* otherwise) {
  return n.what == kind::scalar && n.text.find(':') != std::string::npos
             ? "Write 'name: value' with a space after the colon."
             : otherwise;
}

} // namespace

reader::reader(const node* root, mark at, std::string path, findings& found,
               std::vector<std::string>& not_served)
    : found_(found), not_served_(not_served) {
  scopes_.emplace_back(found, root, at, std::move(path), false);
}

// --- single settings ------------------------------------------------------------------------------

void reader::flag(const entry& e, bool& x) {
  auto n = find(e, &x);
  if (!n) return;
  if (n->what == kind::scalar && n->bare && schema::reads_as_bool(n->text)) {
    x = n->text[0] == 't' || n->text[0] == 'T';
  } else if (!top().unused()) {
    x = true; // so that faults of what it switches on are told as well
    top().fault(n->at, top().path_of(e.key), "is " + shown(*n) + ", not true or false",
                "Write true or false, without quotes.");
  }
}

void reader::whole_number(const entry& e, const void* id, uint64_t& x, schema::bounds b,
                          std::string_view unit) {
  auto n = find(e, id);
  if (!n) return;
  auto remedy = "Write a whole number " + range_text(b, unit) + ".";
  auto path = top().path_of(e.key);
  auto is_bare = n->what == kind::scalar && n->bare;
  if (n->what == kind::scalar && !n->bare && schema::reads_as_number(n->text))
    return top().fault(n->at, path, "is " + shown(*n) + ", a text",
                       "Write the number without quotes: " + n->text + ".");
  uint64_t value = 0;
  auto last = n->text.data() + n->text.size();
  auto [end, error] = std::from_chars(n->text.data(), last, value);
  auto whole = is_bare && end == last && !n->text.empty();
  if (whole && begins_with_zero(n->text))
    top().fault(n->at, path, "is " + shown(*n) + ", which some programs read as an octal number",
                "Write it without the leading zero.");
  else if (whole && error == std::errc{} && value >= b.min && value <= b.max)
    x = value;
  else if (is_bare && schema::reads_as_number(n->text))
    top().fault(n->at, path, "is " + shown(*n), remedy);
  else
    top().fault(n->at, path, "is " + shown(*n) + ", not a number", remedy);
}

void reader::text(const entry& e, std::string& x, schema::format f) {
  auto n = find_text(e, &x);
  auto path = top().path_of(e.key);
  std::string value;
  if (!n || !read_text(top(), *n, path, value, e.variable.empty() ? secrecy::none : secrecy::filled_in))
    return;
  if (value.empty() && e.needed == schema::presence::required && f != schema::format::free)
    return top().fault(n->at, path, "is empty", schema::why_not(f, value));
  if (!value.empty() && !check_format(top(), *n, path, value, f)) return;
  x = std::move(value);
}

void reader::text(const entry& e, std::optional<std::string>& x) {
  auto n = find_text(e, &x);
  std::string value;
  if (n && read_text(top(), *n, top().path_of(e.key), value)) x = std::move(value);
}

void reader::hidden(const entry& e, secret& x) {
  auto n = find_text(e, &x);
  std::string value;
  if (n && read_text(top(), *n, top().path_of(e.key), value, secrecy::secret)) x = secret(std::move(value));
}

void reader::one_of(const entry& e, const void* id, size_t& index, const schema::choices& names) {
  auto n = find(e, id);
  if (!n) return;
  auto it = std::find_if(names.begin(), names.end(),
                         [&](std::string_view x) { return schema::equal_ignoring_case(x, n->text); });
  if (n->what == kind::scalar && it != names.end())
    index = static_cast<size_t>(it - names.begin());
  else
    top().fault(n->at, top().path_of(e.key), "is " + shown(*n), "Write " + joined(names, "or") + ".");
}

// --- lists and maps of texts ----------------------------------------------------------------------

void reader::texts(const entry& e, std::vector<std::string>& xs, schema::format f,
                   std::string_view item_key) {
  auto size = begin_list(e, &xs, xs.size());
  auto n = top().value();
  if (n) xs.clear();
  for (size_t i = 0; n && i < size; ++i) {
    auto item = n->items[i].get();
    auto path = top().path() + "[" + std::to_string(i) + "]";
    if (!item_key.empty() && item->what == kind::map) {
      scope as_map(found_, item, item->at, path, top().unused());
      auto m = as_map.find(item_key);
      as_map.check_keys();
      if (!m) {
        top().fault(item->at, path, "has no " + std::string(item_key),
                    "Write '" + std::string(item_key) + ": ...'.");
        continue;
      }
      item = m->value.get();
    }
    std::string value;
    if (read_text(top(), *item, path, value) && check_format(top(), *item, path, value, f))
      xs.push_back(std::move(value));
  }
  end_list();
}

void reader::pairs(const entry& e, const void* id, std::vector<schema::named_value>& xs, schema::format f,
                   bool nullable) {
  auto n = find(e, id);
  if (!n) return;
  auto path = top().path_of(e.key);
  if (n->what != kind::map)
    return top().fault(n->at, path, not_a_section(*n), section_remedy(*n, "Write 'name: value' lines."));
  xs.clear();
  scope as_map(found_, n, n->at, path, top().unused());
  as_map.check_duplicates();
  for (auto& m : n->members) {
    auto& value = *m.value;
    auto member_path = path + "." + shortened(m.key);
    if (m.first_line > 0 || (value.what == kind::null && !nullable)) continue;
    auto bad_name = m.key.empty()             ? "Write a name."
                    : m.key.size() > max_name ? "Write at most 200 bytes."
                                              : schema::why_not(f, m.key);
    if (!bad_name.empty())
      as_map.fault(m.at, member_path, "has no valid name", bad_name);
    else if (value.what == kind::null)
      xs.emplace_back(m.key, std::nullopt);
    else if (value.what != kind::scalar)
      as_map.fault(value.at, member_path, "is " + shown(value) + ", not a value",
                   "Write a text, a number, true or false.");
    else if (doubt(as_map, value, member_path); check_format(as_map, value, member_path, value.text, f))
      xs.emplace_back(m.key, value.text);
  }
}

// --- structure ------------------------------------------------------------------------------------

const node* reader::find(const entry& e, const void* id) {
  auto m = top().find(e.key);
  auto n = m && m->value->what != kind::null ? m->value.get() : nullptr;
  auto at = n ? n->at : m ? m->at : top().at();
  found_.put(id, {top().path_of(e.key), at, n != nullptr, top().unused()});
  if (!n && e.needed == schema::presence::required)
    top().fault(at, top().path_of(e.key), "is missing", "Add it: " + lowered(e.help));
  return n;
}

const node* reader::find_text(const entry& e, const void* id) {
  auto n = find(e, id);
  doubt_comment(top(), top().value() ? top().value()->find(e.key) : nullptr, top().path_of(e.key));
  return n;
}

void reader::begin_section(const entry& e) {
  auto m = top().find(e.key);
  auto n = m && m->value->what != kind::null ? m->value.get() : nullptr;
  auto path = top().path_of(e.key);
  auto unreadable = n && n->what != kind::map;
  if (unreadable) {
    top().fault(n->at, path, not_a_section(*n), section_remedy(*n, "Write its settings below it, indented."));
    n = nullptr;
  }
  scopes_.emplace_back(found_, n, m ? m->at : top().at(), std::move(path), top().unused() || unreadable);
}

void reader::end_section() {
  top().check_keys();
  scopes_.pop_back();
}

size_t reader::begin_list(const entry& e, const void* id, size_t) {
  auto m = top().find(e.key);
  auto n = m && m->value->what != kind::null ? m->value.get() : nullptr;
  auto at = m ? m->at : top().at();
  auto path = top().path_of(e.key);
  if (n && n->what != kind::list) {
    top().fault(n->at, path, "is " + shown(*n) + ", not a list",
                "Write its items below it, each beginning with '- '.");
    n = nullptr;
  } else if ((!n || n->items.empty()) && e.needed == schema::presence::required) {
    top().fault(at, path, n ? "is an empty list" : "is missing",
                "Give at least one item: " + lowered(e.help));
  }
  found_.put(id, {path, at, n != nullptr, top().unused()});
  scopes_.emplace_back(found_, n, at, std::move(path), top().unused());
  return n ? n->items.size() : 0;
}

void reader::begin_item(size_t index) {
  auto n = top().value()->items[index].get();
  auto path = top().path() + "[" + std::to_string(index) + "]";
  auto unreadable = n->what != kind::map && n->what != kind::null;
  if (unreadable)
    top().fault(n->at, path, not_a_section(*n), section_remedy(*n, "Write 'name: value' lines."));
  scopes_.emplace_back(found_, n->what == kind::map ? n : nullptr, n->at, std::move(path),
                       top().unused() || unreadable);
}

void reader::end_item() { end_section(); }
void reader::end_list() { scopes_.pop_back(); }

void reader::active(bool on) {
  if (!on) top().make_unused();
}

void reader::not_served(std::initializer_list<std::string_view> keys) {
  for (auto key : keys)
    if (auto m = top().find(key); m && switched_on(*m->value)) not_served_.push_back(top().path_of(key));
}

void reader::dropped(std::initializer_list<std::string_view> keys) {
  for (auto key : keys) top().dropped(key);
}

} // namespace senseflow::config::reading
