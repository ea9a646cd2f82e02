// Puts log events into categories by their level and message, or drops them. Built once, then only read: safe
// to use from many threads.
#pragma once

#include "messages/rules/pattern_search.hpp"
#include "messages/text/tag.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::messages {

enum class text_match : uint8_t { starts_with, ends_with, contains };

/// Case matters.
struct rule_filter {
  text_match match = text_match::contains;
  std::string value; ///< "" matches every message
};

/// Applies to events of one of the levels (without case) whose message one of the filters matches.
struct category_rule {
  std::vector<std::string> levels;
  bool drop = false;
  tag_list categories;
  std::vector<rule_filter> filters;
};

class category_rules {
public:
  category_rules() = default;

  /// At most 64 different levels; rules never match on further ones. `otherwise` is for events
  /// that got no category.
  category_rules(const std::vector<category_rule>& rules, const tag_list& otherwise);

  struct verdict {
    bool drop = false;
    std::string json; ///< `[{"name":"...","value":"..."},...]`, in the order of the rules, none twice
  };

  /// Without a message no rule matches.
  verdict apply(std::string_view level, const std::string* message) const;

private:
  struct compiled_rule {
    uint64_t levels = 0; ///< a bit for each of them
    bool drop = false;
    std::vector<uint32_t> categories;
  };

  struct filter_use {
    uint32_t rule = 0;
    text_match match = text_match::contains;
  };

  uint64_t level_bit(std::string_view level) const;
  std::vector<uint32_t> matching(uint64_t level, const std::string& message) const;

  std::vector<std::string> levels_; ///< in lower case
  std::vector<compiled_rule> rules_;
  std::vector<uint32_t> always_;              ///< rules with an empty filter
  std::vector<std::string> patterns_;         ///< the values of the filters, each once
  std::vector<std::vector<filter_use>> uses_; ///< of each pattern: the rules it counts for
  pattern_search search_;
  std::vector<std::string> categories_; ///< as JSON, each once
  std::string otherwise_ = "[]";
};

} // namespace senseflow::messages
