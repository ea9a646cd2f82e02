// A text in YAML, step by step, by libyaml: strict where yaml-cpp is not, and fast on hostile text. It is
// lenient in a few places where YAML 1.2 is not. Where that would swallow settings, or part of a value, the
// text is refused here; so are tags, which nothing here could follow.
#pragma once

#include "config/reading/mark.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace senseflow::config::reading {

/// The text can't be read any further.
struct refused : std::runtime_error {
  refused(mark where, const std::string& what, std::string what_to_do)
      : std::runtime_error(what), at(where), remedy(std::move(what_to_do)) {}
  mark at;
  std::string remedy;
};

struct event {
  enum class kind { document, scalar, alias, list, map, end, done };

  kind what = kind::done;
  mark at;
  std::string text;          ///< of a scalar; the name that an alias refers to
  std::string anchor;        ///< empty = none
  bool quoted = false;       ///< or a block of lines
  bool joined = false;       ///< written without quotes over several lines
  bool hash_follows = false; ///< `#` and no blank behind it, on its line: part of the text, perhaps
};

class events {
public:
  /// `text` is UTF-8 and lives on.
  explicit events(std::string_view text);
  ~events();

  /// The next one; `done` at the end. Throws `refused`.
  event next();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace senseflow::config::reading
