#include "config/reading/reader.hpp"

#include "config/reading/wording.hpp"

#include <algorithm>
#include <charconv>

namespace senseflow::config::reading {

namespace {

using kind = node::kind;

constexpr size_t max_text = 65535;
constexpr size_t max_name = 200; // yaml-cpp reads no keys beyond 1024 bytes, quotes and escapes included

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

} // namespace

reader::reader(const node* root, mark at, std::string path, findings& found,
               std::vector<std::string>& not_served)
    : found_(found), not_served_(not_served) {
  frames_.push_back({root, at, std::move(path), false, {}});
}

// --- single settings ------------------------------------------------------------------------------

void reader::flag(const entry& e, bool& x) {
  auto n = find(e, &x);
  if (!n) return;
  if (n->what == kind::scalar && n->bare && schema::reads_as_bool(n->text))
    x = n->text[0] == 't' || n->text[0] == 'T';
  else
    fault(n->at, path_of(e.key), "is " + shown(*n) + ", not true or false",
          "Write true or false, without quotes.");
}

void reader::whole_number(const entry& e, const void* id, uint64_t& x, schema::bounds b,
                          std::string_view unit) {
  auto n = find(e, id);
  if (!n) return;
  auto range = range_text(b, unit);
  auto path = path_of(e.key);
  auto is_scalar = n->what == kind::scalar;
  if (is_scalar && !n->bare && schema::reads_as_number(n->text))
    return fault(n->at, path, "is " + shown(*n) + ", a text",
                 "Write the number without quotes: " + n->text + ".");
  uint64_t value = 0;
  auto last = n->text.data() + n->text.size();
  auto [end, error] = std::from_chars(n->text.data(), last, value);
  auto whole = is_scalar && n->bare && end == last && !n->text.empty();
  if (whole && error == std::errc{} && value >= b.min && value <= b.max)
    x = value;
  else if (is_scalar && n->bare && schema::reads_as_number(n->text))
    fault(n->at, path, "is " + shown(*n), "Write a whole number " + range + ".");
  else
    fault(n->at, path, "is " + shown(*n) + ", not a number", "Write a whole number " + range + ".");
}

void reader::text(const entry& e, std::string& x, schema::format f) {
  auto n = find(e, &x);
  std::string value;
  if (!n || !read_text(*n, path_of(e.key), value)) return;
  if (value.empty() && e.needed == schema::presence::required && f != schema::format::free)
    return fault(n->at, path_of(e.key), "is empty", schema::why_not(f, value));
  if (!value.empty() && !check_format(*n, path_of(e.key), value, f)) return;
  x = std::move(value);
}

void reader::text(const entry& e, std::optional<std::string>& x) {
  auto n = find(e, &x);
  std::string value;
  if (n && read_text(*n, path_of(e.key), value)) x = std::move(value);
}

void reader::hidden(const entry& e, secret& x) {
  auto n = find(e, &x);
  std::string value;
  if (n && read_text(*n, path_of(e.key), value, true)) x = secret(std::move(value));
}

void reader::one_of(const entry& e, const void* id, size_t& index, const schema::choices& names) {
  auto n = find(e, id);
  if (!n) return;
  auto it = std::find_if(names.begin(), names.end(),
                         [&](std::string_view x) { return schema::equal_ignoring_case(x, n->text); });
  if (n->what == kind::scalar && it != names.end())
    index = static_cast<size_t>(it - names.begin());
  else
    fault(n->at, path_of(e.key), "is " + shown(*n), "Write one of " + joined(names) + ".");
}

// --- lists and maps of texts ----------------------------------------------------------------------

void reader::texts(const entry& e, std::vector<std::string>& xs, schema::format f,
                   std::string_view item_key) {
  auto size = begin_list(e, &xs, xs.size());
  auto n = top().value;
  if (n) xs.clear();
  for (size_t i = 0; n && i < size; ++i) {
    auto item = n->items[i].get();
    auto path = top().path + "[" + std::to_string(i) + "]";
    if (!item_key.empty() && item->what == kind::map) {
      auto m = item->find(item_key);
      frame as_map{item, item->at, path, top().unused, {item_key}};
      check_keys(as_map);
      if (!m) {
        fault(item->at, path, "has no " + std::string(item_key),
              "Write '" + std::string(item_key) + ": ...'.");
        continue;
      }
      item = m->value.get();
    }
    std::string value;
    if (read_text(*item, path, value) && check_format(*item, path, value, f)) xs.push_back(std::move(value));
  }
  end_list();
}

void reader::pairs(const entry& e, const void* id, std::vector<schema::named_value>& xs, schema::format f,
                   bool nullable) {
  auto n = find(e, id);
  if (!n) return;
  auto path = path_of(e.key);
  if (n->what != kind::map)
    return fault(n->at, path, "is " + shown(*n) + ", not a list of names with values",
                 "Write 'name: value' lines.");
  xs.clear();
  check_duplicates({n, n->at, path, top().unused, {}});
  for (auto& m : n->members) {
    auto& value = *m.value;
    auto member_path = path + "." + shortened(m.key);
    if (m.first_line > 0 || (value.what == kind::null && !nullable)) continue;
    auto bad_name = m.key.empty()             ? "Write a name."
                    : m.key.size() > max_name ? "Write at most 200 bytes."
                                              : schema::why_not(f, m.key);
    if (!bad_name.empty())
      fault(m.at, member_path, "has no valid name", bad_name);
    else if (value.what == kind::null)
      xs.emplace_back(m.key, std::nullopt);
    else if (value.what != kind::scalar)
      fault(value.at, member_path, "is " + shown(value) + ", not a value",
            "Write a text, a number, true or false.");
    else if (check_format(value, member_path, value.text, f))
      xs.emplace_back(m.key, value.text);
  }
}

bool reader::read_text(const node& n, const std::string& path, std::string& out, bool is_secret) {
  auto what = is_secret && n.what == kind::scalar ? std::string("a number, true or false") : shown(n);
  if (n.what != kind::scalar) {
    fault(n.at, path, "is " + what + ", not a text", "Write one text.");
  } else if (n.bare && (schema::reads_as_number(n.text) || schema::reads_as_bool(n.text))) {
    fault(n.at, path, "is " + what + ", not a text",
          is_secret ? "Put it in quotes." : "Put it in quotes: '" + n.text + "'.");
  } else if (n.text.size() > max_text) {
    fault(n.at, path, "is longer than 65535 bytes", "Shorten it.");
  } else if (n.text.find('\0') != std::string::npos) {
    fault(n.at, path, "holds a character of code 0", "Remove it.");
  } else {
    out = n.text;
    return true;
  }
  return false;
}

bool reader::check_format(const node& n, const std::string& path, const std::string& x, schema::format f) {
  auto remedy = schema::why_not(f, x);
  if (!remedy.empty()) fault(n.at, path, "is " + shown(n), remedy);
  return remedy.empty();
}

// --- structure ------------------------------------------------------------------------------------

const node* reader::find(const entry& e, mark& at) {
  top().known.push_back(e.key);
  auto m = top().value ? top().value->find(e.key) : nullptr;
  at = m ? m->at : top().at;
  return m && m->value->what != kind::null ? m->value.get() : nullptr;
}

const node* reader::find(const entry& e, const void* id) {
  mark at;
  auto n = find(e, at);
  found_.put(id, {path_of(e.key), n ? n->at : at, n != nullptr, top().unused});
  if (!n && e.needed == schema::presence::required)
    fault(at, path_of(e.key), "is missing", "Add it: " + lowered(e.help));
  return n;
}

void reader::begin_section(const entry& e) {
  mark at;
  auto n = find(e, at);
  if (n && n->what != kind::map) {
    fault(n->at, path_of(e.key), "is " + shown(*n) + ", not a section",
          "Write its settings below it, indented.");
    n = nullptr;
  }
  frames_.push_back({n, at, path_of(e.key), top().unused, {}});
}

void reader::end_section() {
  check_keys(top());
  frames_.pop_back();
}

size_t reader::begin_list(const entry& e, const void* id, size_t) {
  mark at;
  auto n = find(e, at);
  auto path = path_of(e.key);
  if (n && n->what != kind::list) {
    fault(n->at, path, "is " + shown(*n) + ", not a list",
          "Write its items below it, each starting with '- '.");
    n = nullptr;
  } else if ((!n || n->items.empty()) && e.needed == schema::presence::required) {
    fault(at, path, n ? "is an empty list" : "is missing", "Give at least one item: " + lowered(e.help));
  }
  found_.put(id, {path, at, n != nullptr, top().unused});
  frames_.push_back({n, at, path, top().unused, {}});
  return n ? n->items.size() : 0;
}

void reader::begin_item(size_t index) {
  auto n = top().value->items[index].get();
  auto path = top().path + "[" + std::to_string(index) + "]";
  auto at = n->at;
  if (n->what != kind::map && n->what != kind::null) {
    fault(at, path, "is " + shown(*n) + ", not a section", "Write 'name: value' lines.");
    n = nullptr;
  }
  auto unreadable = n == nullptr;
  frames_.push_back({n && n->what == kind::map ? n : nullptr, at, path, top().unused || unreadable, {}});
}

void reader::end_item() { end_section(); }
void reader::end_list() { frames_.pop_back(); }

void reader::active(bool on) { top().unused = top().unused || !on; }

void reader::not_served(std::initializer_list<std::string_view> keys) {
  for (auto key : keys) {
    top().known.push_back(key);
    auto m = top().value ? top().value->find(key) : nullptr;
    if (m && switched_on(*m->value)) not_served_.push_back(path_of(key));
  }
}

void reader::finish() {
  auto& f = top();
  if (!f.value) return;
  check_duplicates(f);
  for (auto m : unknown(f))
    found_.warning(m->at, f.path + "." + shortened(m->key),
                   "is not a known section or setting and has no effect", suggestion(m->key, f.known));
}

void reader::check_keys(const frame& f) {
  if (!f.value) return;
  check_duplicates(f);
  for (auto m : unknown(f))
    found_.fault(m->at, f.path + "." + shortened(m->key), "is not a known setting",
                 suggestion(m->key, f.known));
}

void reader::check_duplicates(const frame& f) {
  for (auto& m : f.value->members)
    if (m.first_line > 0)
      found_.fault(m.at, f.path + "." + shortened(m.key), "is there twice",
                   "Keep one; the first is in line " + std::to_string(m.first_line) + ".");
}

std::vector<const node::member*> reader::unknown(const frame& f) {
  // More than can be reported are not looked for: a suggestion takes its time.
  std::vector<const node::member*> result;
  for (auto& m : f.value->members)
    if (result.size() <= findings::most && std::find(f.known.begin(), f.known.end(), m.key) == f.known.end())
      result.push_back(&m);
  return result;
}

void reader::fault(mark at, const std::string& path, std::string problem, std::string remedy) {
  if (!top().unused) found_.fault(at, path, std::move(problem), std::move(remedy));
}

} // namespace senseflow::config::reading
