#include "messages/rules/user_agent.hpp"

#include "messages/rules/pattern_search.hpp"
#include "messages/rules/user_agent_rules.hpp"
#include "messages/text/text.hpp"

#include <algorithm>
#include <bitset>
#include <vector>

namespace senseflow::messages {

namespace {

constexpr auto npos = std::string_view::npos;

struct agent_text {
  std::string_view original, lower;
};

bool stands(const agent_sign& sign, const agent_text& text, size_t begin, size_t end) {
  if (sign.as_spelt && text.original.substr(begin, end - begin) != sign.word) return false;
  if (sign.before && !sign.before(text.lower, begin)) return false;
  return !sign.then || sign.then(text.lower, end);
}

/// Both tables of rules; all their words are found in one pass.
class rule_finder {
public:
  /// The rules with a sign in a text, browsers first.
  using candidates = std::bitset<128>;

  rule_finder() {
    for (const auto* table : {&browser_rules(), &os_rules()})
      for (const auto& rule : *table) add(rule);
    search_ = pattern_search{words_};
  }

  candidates in(const agent_text& text) const {
    candidates found;
    search_.each_match(text.lower, [&](uint32_t word, size_t end) {
      for (const auto& [rule, sign] : signs_[word])
        if (!found[rule] && stands(*sign, text, end - sign->word.size(), end)) found.set(rule);
    });
    return found;
  }

  /// Null if no rule applies.
  const agent_rule* browser(const candidates& found, const agent_text& text) const {
    return first(found, text, 0, browser_rules().size());
  }
  const agent_rule* system(const candidates& found, const agent_text& text) const {
    return first(found, text, browser_rules().size(), rules_.size());
  }

private:
  struct sign_of_rule {
    size_t rule;
    const agent_sign* sign;
  };

  void add(const agent_rule& rule) {
    for (const auto& sign : rule.signs) {
      const auto word = ascii_lower(sign.word);
      const auto i = static_cast<size_t>(std::find(words_.begin(), words_.end(), word) - words_.begin());
      if (i == words_.size()) words_.push_back(word);
      signs_.resize(words_.size());
      signs_[i].push_back({rules_.size(), &sign});
    }
    rules_.push_back(&rule);
  }

  const agent_rule* first(const candidates& found, const agent_text& text, size_t from, size_t to) const {
    for (auto i = from; i < to; ++i)
      if (found[i] && (!rules_[i]->only_if || rules_[i]->only_if(text.original, text.lower)))
        return rules_[i];
    return nullptr;
  }

  std::vector<const agent_rule*> rules_;
  std::vector<std::string> words_;
  std::vector<std::vector<sign_of_rule>> signs_; ///< of each word
  pattern_search search_;
};

const rule_finder& finder() {
  static const rule_finder rules;
  return rules;
}

struct found_version {
  size_t at = npos; ///< of the word
  std::string_view text = {};
};

/// The first occurrence of a word that a version stands at, if that is before `nearest`.
found_version version_at(const version_place& place, std::string_view word, const agent_text& text,
                         const found_version& nearest) {
  const auto searched = place.as_spelt ? text.original : text.lower;
  for (auto at = searched.find(word); at < nearest.at;) {
    const auto begin = at + word.size();
    auto version = begin;
    if ((!place.before || place.before(searched, at)) && place.gap(searched, version)) {
      auto end = version;
      if (place.version(searched, end)) return {at, text.original.substr(version, end - version)};
      version = end;
    }
    at = searched.find(word, version + 1 - word.size()); // they may overlap: edgedge/12
  }
  return nearest;
}

std::string_view version_of(const agent_rule& rule, const agent_text& text) {
  for (const auto& place : rule.versions) {
    found_version nearest;
    for (const auto word : place.words) nearest = version_at(place, word, text, nearest);
    if (place.words.empty())
      for (const auto& sign : rule.signs) nearest = version_at(place, sign.word, text, nearest);
    if (nearest.at != npos) return nearest.text;
  }
  return {};
}

/// The number that a version begins with.
std::string major(std::string_view version) {
  return std::string{version.substr(0, version.find_first_not_of("0123456789"))};
}

/// `10_15_7` -> `10.15.7`
std::string pointed(std::string_view version) {
  std::string out;
  for (size_t at = 0; at < version.size();) {
    const auto space = scan::space_at(version, at);
    out += space > 0 || version[at] == '_' ? '.' : version[at];
    at += std::max<size_t>(space, 1);
  }
  return out;
}

void read_system(user_agent& out, const agent_rule& rule, const agent_text& text) {
  const auto version = version_of(rule, text);
  out.os_name = rule.name;
  out.os_version = rule.pointed ? pointed(version) : std::string{version};
}

/// A text that no rule knows: name and version stand around the last `/` that a blank comes after; with
/// parentheses, that a parenthesis behind white space comes after.
void read_unknown_browser(user_agent& out, std::string_view text) {
  const auto line = scan::first_line(text);
  auto blank = line.rfind(' ');
  if (text.find('(') != npos) {
    const auto a = line.rfind(" ("), b = line.rfind("\t(");
    blank = a == npos ? b : b == npos ? a : std::max(a, b);
  }
  if (blank == npos) return;
  const auto slash = line.substr(0, blank).rfind('/');
  if (slash == npos) return;
  out.browser_name = line.substr(0, slash);
  out.browser_major_version = major(line.substr(slash + 1, blank - slash - 1));
}

} // namespace

user_agent parse_user_agent(std::string_view text) {
  user_agent out;
  const auto lower = ascii_lower(text);
  const agent_text both{text, lower};
  const auto found = finder().in(both);
  if (const auto* rule = finder().system(found, both)) read_system(out, *rule, both);
  if (const auto* rule = finder().browser(found, both)) {
    out.browser_name = rule->name;
    out.browser_major_version = major(version_of(*rule, both));
  } else {
    read_unknown_browser(out, text);
  }
  return out;
}

std::string user_agent_text(std::string_view message) {
  constexpr std::string_view label = "UserAgent:";
  const auto at = message.find(label);
  if (at == npos) return {};
  auto text = message.substr(at + label.size());
  text = text.substr(0, text.find(label));
  while (const auto space = scan::space_at(text, 0)) text.remove_prefix(space);
  while (const auto space = scan::space_before(text, text.size())) text.remove_suffix(space);
  std::string out{text};
  out.erase(std::remove(out.begin(), out.end(), '\''), out.end());
  return out;
}

} // namespace senseflow::messages
