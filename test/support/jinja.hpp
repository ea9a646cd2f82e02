// Templates in Jinja, rendered by Home Assistant's engine: Python's Jinja2.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

struct rendering {
  std::string text;
  std::string error; ///< not empty: it can't be rendered
};

/// Not thread-safe. Remembers what it has rendered.
class jinja {
public:
  using question = std::pair<std::string, std::string>; ///< template, payload

  /// All of them at once: each call that brings something new starts Python.
  void prepare(const std::vector<question>& all);
  const rendering& render(const std::string& text, const std::string& payload);

private:
  std::map<question, rendering> known_;
};

} // namespace senseflow::test
