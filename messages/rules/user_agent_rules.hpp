// By what browsers and operating systems are known. The facts are those of the npm package bowser 2.14: which
// words in which order, and where the version stands. Its engine rules have no influence on them. Brave is
// left out: it is known only by headers that no user event has (client hints).
#pragma once

#include "messages/rules/user_agent_scan.hpp"

#include <string_view>
#include <vector>

namespace senseflow::messages {

/// Words are in lower case and found in any case, unless they count only as they are spelt.
struct agent_sign {
  agent_sign(const char* word_, scan::step then_ = nullptr, scan::look_behind before_ = nullptr)
      : word{word_}, then{then_}, before{before_} {}

  std::string_view word;
  scan::step then;          ///< what has to stand behind the word, if anything
  scan::look_behind before; ///< what has to stand before it, if anything
  bool as_spelt = false;
};

struct version_place {
  std::vector<std::string_view> words; ///< none: those of the rule's signs
  scan::step gap;                      ///< what stands between word and version
  scan::step version;
  scan::look_behind before = nullptr;
  bool as_spelt = false;
};

struct agent_rule {
  std::string_view name;
  std::vector<agent_sign> signs;       ///< one is enough
  std::vector<version_place> versions; ///< the first one at which there is a version counts
  bool (*only_if)(std::string_view text, std::string_view lower) = nullptr;
  bool pointed = false; ///< `_` and white space in the version become points
};

/// Of each table the first rule that applies counts.
const std::vector<agent_rule>& browser_rules();
const std::vector<agent_rule>& os_rules();

} // namespace senseflow::messages
