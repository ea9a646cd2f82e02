// What libyaml says about a text that it can't read, as words that help: where, what, and what to do.
#pragma once

#include "config/reading/events.hpp"
#include "config/reading/offsets.hpp"

#include <yaml.h>

namespace senseflow::config::reading {

struct fixed_words {
  const char* problem;
  const char* remedy;
};

/// Of mistakes that libyaml notices in some texts only.
constexpr fixed_words unclosed_quote{
    "this quote is not closed", "Close it on the same line; the lines of a longer text are indented more "
                                "than its name."};
constexpr fixed_words yaml_tag{"a value begins with '!', which marks a YAML tag and would be cut off",
                               "Put the value in quotes, or remove the tag."};
constexpr fixed_words yaml_anchor{"a value begins with '&', which marks a YAML anchor and would be cut off",
                                  "Put the value in quotes, or remove the anchor."};
constexpr fixed_words yaml_alias{
    "a value begins with '*', which marks a YAML alias, but no anchor has this name",
    "Put the value in quotes."};

/// `parser` has just failed; `quote_ended` is the line (from 1) in which the last quoted text ended.
refused explain(const yaml_parser_t& parser, offsets& places, size_t quote_ended);

} // namespace senseflow::config::reading
