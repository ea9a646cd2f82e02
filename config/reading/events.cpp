#include "config/reading/events.hpp"

#include "config/reading/libyaml_words.hpp"
#include "config/reading/offsets.hpp"

#include <new>
#include <vector>

namespace senseflow::config::reading {

namespace {

mark to_mark(const yaml_mark_t& x) { return {static_cast<int>(x.line) + 1, static_cast<int>(x.column) + 1}; }

std::string to_text(const yaml_char_t* x) { return x ? reinterpret_cast<const char*>(x) : ""; }

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool ends_line(char c) { return c == '\n' || c == '\r' || c == '\0'; }

void refuse_tag(const yaml_event_t& x, const yaml_char_t* tag) {
  if (tag) throw refused(to_mark(x.start_mark), yaml_tag.problem, yaml_tag.remedy);
}

struct owned_event {
  yaml_event_t x{};
  owned_event() = default;
  owned_event(const owned_event&) = delete;
  owned_event& operator=(const owned_event&) = delete;
  ~owned_event() { yaml_event_delete(&x); }
};

} // namespace

struct events::state {
  explicit state(std::string_view t) : text(t), places(t) {
    if (yaml_parser_initialize(&parser) == 0) throw std::bad_alloc();
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(t.data()), t.size());
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { yaml_parser_delete(&parser); }

  event next();
  event scalar(const yaml_event_t& from);
  event open(event::kind what, const yaml_event_t& from, const yaml_char_t* anchor, bool in_brackets);
  void close(const yaml_event_t& x);
  void check_lines(const yaml_event_t& x, size_t start, size_t end) const;
  void check_behind(const yaml_event_t& x, size_t end) const;
  bool hash_follows(size_t end) const;

  /// '\0' behind the end.
  char at(size_t offset) const { return offset < text.size() ? text[offset] : '\0'; }

  std::string_view text;
  offsets places;
  yaml_parser_t parser{};
  std::vector<size_t> columns;   ///< of the collections around that are written by indentation
  std::vector<bool> in_brackets; ///< of all collections around
  size_t quote_ended = 0;        ///< line of the last one, from 1
};

event events::state::next() {
  while (true) {
    owned_event e;
    if (yaml_parser_parse(&parser, &e.x) == 0) throw explain(parser, places, quote_ended);
    switch (e.x.type) {
    case YAML_DOCUMENT_START_EVENT: {
      event to;
      to.what = event::kind::document;
      to.at = to_mark(e.x.start_mark);
      return to;
    }
    case YAML_SCALAR_EVENT:
      return scalar(e.x);
    case YAML_ALIAS_EVENT: {
      event to;
      to.what = event::kind::alias;
      to.at = to_mark(e.x.start_mark);
      to.text = to_text(e.x.data.alias.anchor);
      return to;
    }
    case YAML_SEQUENCE_START_EVENT: {
      const auto& s = e.x.data.sequence_start;
      refuse_tag(e.x, s.tag);
      return open(event::kind::list, e.x, s.anchor, s.style == YAML_FLOW_SEQUENCE_STYLE);
    }
    case YAML_MAPPING_START_EVENT: {
      const auto& m = e.x.data.mapping_start;
      refuse_tag(e.x, m.tag);
      return open(event::kind::map, e.x, m.anchor, m.style == YAML_FLOW_MAPPING_STYLE);
    }
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: {
      close(e.x);
      event to;
      to.what = event::kind::end;
      return to;
    }
    case YAML_STREAM_END_EVENT:
      return {};
    default:
      break; // the beginning of the stream, the end of a document
    }
  }
}

event events::state::scalar(const yaml_event_t& from) {
  const auto& s = from.data.scalar;
  refuse_tag(from, s.tag);
  const auto start = places.of(from.start_mark), end = places.of(from.end_mark);
  const auto plain = s.style == YAML_PLAIN_SCALAR_STYLE;
  if (s.style == YAML_SINGLE_QUOTED_SCALAR_STYLE || s.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE) {
    check_lines(from, start, end);
    check_behind(from, end);
    quote_ended = from.end_mark.line + 1;
  } else if (!plain && s.length == 0) {
    throw refused(to_mark(from.start_mark), "a value begins with '|' or '>', and no text follows below it",
                  "Put the value in quotes.");
  }
  event to;
  to.what = event::kind::scalar;
  to.at = to_mark(from.start_mark);
  to.text.assign(reinterpret_cast<const char*>(s.value), s.length);
  to.anchor = to_text(s.anchor);
  to.quoted = !plain;
  to.joined = plain && from.end_mark.line > from.start_mark.line;
  to.hash_follows = plain && hash_follows(end);
  return to;
}

event events::state::open(event::kind what, const yaml_event_t& from, const yaml_char_t* anchor,
                          bool brackets) {
  // With an anchor the mark is the anchor's: the column is not known, but deeper than that of what is around.
  if (!brackets && anchor)
    columns.push_back(columns.empty() ? 0 : columns.back());
  else if (!brackets)
    columns.push_back(from.start_mark.column);
  in_brackets.push_back(brackets);
  event to;
  to.what = what;
  to.at = to_mark(from.start_mark);
  to.anchor = to_text(anchor);
  return to;
}

void events::state::close(const yaml_event_t& x) {
  if (in_brackets.back())
    check_behind(x, places.of(x.end_mark));
  else
    columns.pop_back();
  in_brackets.pop_back();
}

/// YAML 1.2 wants the lines of a quoted text deeper than what is around. Without that a forgotten quote goes
/// on to the next one.
void events::state::check_lines(const yaml_event_t& x, size_t start, size_t end) const {
  const auto needed = columns.empty() ? 0 : columns.back() + 1;
  for (auto line = text.find('\n', start); line < end; line = text.find('\n', line + 1)) {
    auto first = line + 1;
    while (at(first) == ' ') ++first;
    if (first - line - 1 < needed && !ends_line(at(first)))
      throw refused(to_mark(x.start_mark), unclosed_quote.problem, unclosed_quote.remedy);
  }
}

void events::state::check_behind(const yaml_event_t& x, size_t end) const {
  if (at(end) == '#')
    throw refused(to_mark(x.end_mark), "'#' directly after a value",
                  "Put a space in front of it if it begins a comment, else put the whole value in quotes.");
}

bool events::state::hash_follows(size_t end) const {
  while (is_blank(at(end))) ++end;
  return at(end) == '#' && at(end + 1) != '#' && !is_blank(at(end + 1)) && !ends_line(at(end + 1));
}

events::events(std::string_view text) : state_(std::make_unique<state>(text)) {}
events::~events() = default;

event events::next() { return state_->next(); }

} // namespace senseflow::config::reading
