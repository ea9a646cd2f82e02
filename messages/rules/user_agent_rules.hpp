// The words by which browsers and operating systems are known; the first rule that applies counts.
#pragma once

#include <string_view>
#include <vector>

namespace senseflow::messages {

/// All words are in lower case.
struct browser_rule {
  std::string_view name;
  std::vector<std::string_view> words;         ///< one of them is enough
  std::vector<std::string_view> version_after; ///< the first of them that a version stands behind
  std::string_view unless = {};                ///< with this word the rule does not apply
};

struct os_rule {
  std::string_view name;
  std::vector<std::string_view> words;
  std::vector<std::string_view> version_after;
  std::string_view also = {}; ///< needed as well
  std::string_view unless = {};
  bool major_only = false; ///< the version ends at its first point
};

const std::vector<browser_rule>& browser_rules();
const std::vector<os_rule>& os_rules();

} // namespace senseflow::messages
