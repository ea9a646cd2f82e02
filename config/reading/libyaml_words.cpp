#include "config/reading/libyaml_words.hpp"

#include <new>
#include <optional>
#include <string>

namespace senseflow::config::reading {

namespace {

mark to_mark(const yaml_mark_t& x) { return {static_cast<int>(x.line) + 1, static_cast<int>(x.column) + 1}; }

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// The line around an offset.
std::string_view line_at(std::string_view text, size_t offset) {
  auto begin = text.substr(0, offset).rfind('\n');
  begin = begin == text.npos ? 0 : begin + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

constexpr const char* quotes = "Put the value in quotes.";

refused tab(mark at) { return {at, "a tab is used for indentation", "Indent with spaces."}; }

bool has_no_break_space(std::string_view line) { return contains(line, "\xc2\xa0"); }

refused no_break_space(mark at) {
  return {at, "this line holds a no-break space (U+00A0)", "Replace it with an ordinary space."};
}

/// What a value must not begin with, unless it is in quotes.
refused reserved(char c, mark at) {
  return {at, std::string("a value begins with '") + c + "', which is reserved in YAML", quotes};
}

/// libyaml noticed it at `at`; it began at `start`.
std::optional<refused> while_scanning(std::string_view context, std::string_view problem, mark start,
                                      mark at) {
  if (contains(context, "quoted scalar")) {
    if (contains(problem, "end of stream") || contains(problem, "document indicator"))
      return refused{start, unclosed_quote.problem, unclosed_quote.remedy};
    return refused{
        at, "unknown escape sequence",
        "Write a backslash as \\\\ in double quotes, or use single quotes: there it is an ordinary "
        "character."};
  }
  if (contains(problem, "tab character")) return tab(at);
  if (contains(context, "block scalar"))
    return refused{start, "a value begins with '|' or '>', which opens a block of lines in YAML", quotes};
  if (contains(context, "tag")) return refused{start, yaml_tag.problem, yaml_tag.remedy};
  if (contains(context, "anchor")) return refused{start, yaml_anchor.problem, yaml_anchor.remedy};
  if (contains(context, "alias")) return refused{start, yaml_alias.problem, yaml_alias.remedy};
  if (contains(context, "directive"))
    return refused{start, "a line begins with '%', which marks a YAML directive", "Remove the line."};
  if (contains(context, "simple key"))
    return refused{start, "this is neither a setting nor a list item: there is no ': ' after a name",
                   "Write 'name: value' with a space after the colon. Check quotes and brackets, too."};
  return {};
}

std::optional<refused> while_parsing(std::string_view context, std::string_view problem, mark start,
                                     mark at) {
  const auto line = std::to_string(start.line);
  if (contains(problem, "tag handle")) return refused{at, yaml_tag.problem, yaml_tag.remedy};
  if (contains(context, "flow sequence"))
    return refused{at, "this does not continue the list in brackets that begins in line " + line,
                   "Put commas between the items and a ']' at the end; put values with special characters in "
                   "quotes."};
  if (contains(context, "flow mapping"))
    return refused{
        at, "this does not continue the section in braces that begins in line " + line,
        "Put commas between the settings and a '}' at the end; put values with special characters in "
        "quotes."};
  if (contains(context, "block mapping") || contains(context, "block collection"))
    return refused{at, "this does not continue the section that begins in line " + line,
                   "Check its indentation, and the quotes and brackets in front of it."};
  return {};
}

std::optional<refused> elsewhere(std::string_view problem, mark at) {
  if (contains(problem, "mapping values are not allowed"))
    return refused{
        at, "unexpected ':'",
        "Check the indentation of this line and the one above; put a value that holds ': ' in quotes."};
  if (contains(problem, "block sequence entries") || contains(problem, "mapping keys"))
    return refused{at, "unexpected '-' or '?'",
                   "Begin a list on the line below its name; put a value that begins like this in quotes."};
  if (contains(problem, "document start"))
    return refused{at, "this does not continue what stands above it", "Check its indentation."};
  return {};
}

} // namespace

refused explain(const yaml_parser_t& parser, offsets& places, size_t quote_ended) {
  if (parser.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
  const std::string_view problem = parser.problem ? parser.problem : "unknown problem";
  const std::string_view context = parser.context ? parser.context : "";
  const auto at = to_mark(parser.problem_mark);
  const auto start = parser.context ? to_mark(parser.context_mark) : at;
  const auto text = places.text();
  if (parser.context && has_no_break_space(line_at(text, places.of(parser.context_mark))))
    return no_break_space(start);
  const auto offset = places.of(parser.problem_mark);
  if (has_no_break_space(line_at(text, offset))) return no_break_space(at);
  const auto c = offset < text.size() ? text[offset] : '\0';
  if (contains(problem, "cannot start any token")) return c == '\t' ? tab(at) : reserved(c, at);
  if (c == ':' && contains(context, "block mapping"))
    return {at, "unexpected ':'",
            "Write 'name: value' with a space after the colon; put a value that holds ': ' in quotes."};
  if (contains(problem, "node content") && c != '\0') return reserved(c, at);
  if (quote_ended == parser.problem_mark.line + 1 && c != ':' && !contains(context, "scanning"))
    return {at, "text after a closing quote",
            "Put the whole value in quotes; inside, write ' as '' (single quotes) or \" as \\\" (double "
            "quotes)."};
  if (auto x = while_scanning(context, problem, start, at)) return *x;
  if (auto x = while_parsing(context, problem, start, at)) return *x;
  if (auto x = elsewhere(problem, at)) return *x;
  return {at, "not YAML: " + std::string(problem),
          "Check indentation, quotes and colons here and just above."};
}

} // namespace senseflow::config::reading
