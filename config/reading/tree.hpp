// A YAML document as a tree with places. Bounded: hostile text (deep nesting, aliases of aliases, bytes that
// are no text) ends in a problem, not in a crash or a long wait.
#pragma once

#include "config/reading/mark.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::config::reading {

struct node;
using node_ptr = std::shared_ptr<const node>;

struct node {
  enum class kind { null, scalar, list, map };

  struct member {
    std::string key;
    mark at;
    node_ptr value;
    int first_line = 0; ///< of the same key before; 0 = there is none
  };

  kind what = kind::null;
  mark at;
  bool bare = false;         ///< scalar without quotes: may mean a number or a truth value
  bool joined = false;       ///< the same over several lines
  bool hash_follows = false; ///< `#` and no space after it, on its line: part of the text, perhaps
  std::string text;
  std::vector<node_ptr> items;
  std::vector<member> members; ///< in the file's order, merge keys (<<) dissolved
  size_t size = 1;             ///< nodes, those behind aliases included

  /// Null if the key is not there.
  const member* find(std::string_view key) const;
};

struct parse_result {
  node_ptr root; ///< null on a problem
  mark at;
  std::string problem;
  std::string remedy;
};

parse_result parse(const std::string& text);

} // namespace senseflow::config::reading
