#include "messages/rules/user_agent.hpp"

#include "messages/rules/pattern_search.hpp"
#include "messages/rules/user_agent_rules.hpp"
#include "messages/text/text.hpp"

#include <algorithm>
#include <bitset>
#include <vector>

namespace senseflow::messages {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Which of the rules' words a text has.
using word_set = std::bitset<256>;

/// The rules, compiled: each with the sets of its words.
class rule_finder {
public:
  rule_finder() {
    for (const auto& rule : browser_rules())
      browsers_.push_back({set_of(rule.words), {}, set_of({rule.unless})});
    for (const auto& rule : os_rules())
      systems_.push_back({set_of(rule.words), set_of({rule.also}), set_of({rule.unless})});
    search_ = pattern_search{words_};
  }

  word_set words_in(std::string_view text) const {
    word_set found;
    search_.each_match(text, [&found](uint32_t word, size_t) { found.set(word); });
    return found;
  }

  /// Null if no rule applies.
  const browser_rule* browser(const word_set& found) const {
    return first(browser_rules(), browsers_, found);
  }
  const os_rule* system(const word_set& found) const { return first(os_rules(), systems_, found); }

private:
  struct needs {
    word_set one_of;
    word_set all_of;
    word_set none_of;
  };

  word_set set_of(const std::vector<std::string_view>& words) {
    word_set out;
    for (const auto word : words) {
      if (word.empty()) continue;
      const auto i = std::find(words_.begin(), words_.end(), word);
      out.set(static_cast<size_t>(i - words_.begin()));
      if (i == words_.end()) words_.emplace_back(word);
    }
    return out;
  }

  template <class Rule>
  static const Rule* first(const std::vector<Rule>& rules, const std::vector<needs>& compiled,
                           const word_set& found) {
    for (size_t i = 0; i < rules.size(); ++i) {
      const auto& x = compiled[i];
      if ((x.one_of & found).any() && (x.all_of & ~found).none() && (x.none_of & found).none())
        return &rules[i];
    }
    return nullptr;
  }

  std::vector<std::string> words_;
  std::vector<needs> browsers_;
  std::vector<needs> systems_;
  pattern_search search_;
};

const rule_finder& finder() {
  static const rule_finder rules;
  return rules;
}

/// The digits and points behind a word and one separator; `_` between digits is a point as well.
std::string version_after(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    auto rest = text.substr(at + word.size());
    if (!rest.empty() && (rest[0] == '/' || rest[0] == ' ' || rest[0] == ':' || rest[0] == '-'))
      rest.remove_prefix(1);
    std::string version;
    for (const char c : rest) {
      if (!is_digit(c) && (version.empty() || (c != '.' && c != '_'))) break;
      version += c == '_' ? '.' : c;
    }
    while (!version.empty() && version.back() == '.') version.pop_back();
    if (!version.empty()) return version;
  }
  return {};
}

template <class Words>
std::string first_version(std::string_view text, const Words& version_words) {
  for (const auto word : version_words)
    if (auto version = version_after(text, word); !version.empty()) return version;
  return {};
}

std::string major(const std::string& version) { return version.substr(0, version.find('.')); }

/// `NT 10.0`, `XP`, as it is spelt; "" for other kinds of Windows.
std::string windows_version(std::string_view original, std::string_view lower) {
  for (const std::string_view kind : {"nt", "xp"}) {
    const auto at = lower.find("windows " + std::string{kind});
    if (at == std::string_view::npos) continue;
    const auto rest = original.substr(at + 8);
    size_t digits = 3;
    while (digits < rest.size() && digits < 5 && is_digit(rest[digits])) ++digits;
    const bool numbered = digits > 3 && rest[2] == ' ' && digits + 1 < rest.size() && rest[digits] == '.' &&
                          is_digit(rest[digits + 1]);
    return std::string{rest.substr(0, numbered ? digits + 2 : 2)};
  }
  return {};
}

void read_os(user_agent& out, std::string_view original, std::string_view lower, const word_set& found) {
  const auto* rule = finder().system(found);
  if (!rule) return;
  out.os_name = rule->name;
  out.os_version =
      rule->name == "Windows" ? windows_version(original, lower) : first_version(lower, rule->version_after);
  if (rule->major_only) out.os_version = major(out.os_version);
}

/// A text that no rule knows: the name before the last `/` whose version is followed by a blank, or by ` (`
/// if there is a parenthesis at all.
void read_unknown_browser(user_agent& out, std::string_view text) {
  const std::string_view behind = text.find('(') == std::string_view::npos ? " " : " (";
  const auto blank = text.rfind(behind);
  if (blank == std::string_view::npos) return;
  const auto slash = text.substr(0, blank).rfind('/');
  if (slash == std::string_view::npos) return;
  out.browser_name = text.substr(0, slash);
  out.browser_major_version = major(std::string{text.substr(slash + 1, blank - slash - 1)});
}

/// DuckDuckGo says so at the very end.
bool ends_with_duck(std::string_view lower) {
  const auto at = lower.rfind(" ddg/");
  return at != std::string_view::npos && at + 5 < lower.size() &&
         lower.find_first_not_of("0123456789.", at + 5) == std::string_view::npos;
}

void read_browser(user_agent& out, std::string_view text, std::string_view lower, const word_set& found) {
  if (ends_with_duck(lower)) {
    out.browser_name = "DuckDuckGo";
    out.browser_major_version = major(version_after(lower, " ddg"));
  } else if (const auto* rule = finder().browser(found)) {
    out.browser_name = rule->name;
    out.browser_major_version = major(first_version(lower, rule->version_after));
  } else {
    read_unknown_browser(out, text);
  }
}

} // namespace

user_agent parse_user_agent(std::string_view text) {
  user_agent out;
  const auto lower = ascii_lower(text);
  const auto found = finder().words_in(lower);
  read_os(out, text, lower, found);
  read_browser(out, text, lower, found);
  return out;
}

std::string user_agent_text(std::string_view message) {
  constexpr std::string_view label = "UserAgent:";
  const auto at = message.find(label);
  if (at == std::string_view::npos) return {};
  auto text = message.substr(at + label.size());
  text = text.substr(0, text.find(label));
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  std::string out{text.substr(first, text.find_last_not_of(' ') - first + 1)};
  out.erase(std::remove(out.begin(), out.end(), '\''), out.end());
  return out;
}

} // namespace senseflow::messages
