#include "messages/rules/category_rules.hpp"

#include "messages/text/json_writer.hpp"
#include "messages/text/text.hpp"

#include <algorithm>
#include <unordered_map>

namespace senseflow::messages {

namespace {

std::string category_json(const tag& x) {
  json_writer out{64};
  return out.begin_object().key("name").text(x.name).key("value").text(x.value).end_object().take();
}

/// Numbers for texts, each text once, in the order of their first appearance.
class numbering {
public:
  explicit numbering(std::vector<std::string>& texts) : texts_(texts) {}

  uint32_t of(const std::string& text) {
    const auto [i, added] = numbers_.emplace(text, static_cast<uint32_t>(texts_.size()));
    if (added) texts_.push_back(text);
    return i->second;
  }

private:
  std::vector<std::string>& texts_;
  std::unordered_map<std::string, uint32_t> numbers_;
};

void add_once(std::vector<uint32_t>& list, uint32_t x) {
  if (std::find(list.begin(), list.end(), x) == list.end()) list.push_back(x);
}

} // namespace

category_rules::category_rules(const std::vector<category_rule>& rules, const tag_list& otherwise) {
  numbering level_numbers{levels_};
  numbering pattern_numbers{patterns_};
  numbering category_numbers{categories_};
  for (const auto& source : rules) {
    const auto number = static_cast<uint32_t>(rules_.size());
    compiled_rule compiled;
    compiled.drop = source.drop;
    for (const auto& level : source.levels) {
      const auto bit = level_numbers.of(ascii_lower(level));
      if (bit < 64) compiled.levels |= uint64_t{1} << bit;
    }
    for (const auto& category : source.categories)
      add_once(compiled.categories, category_numbers.of(category_json(category)));
    rules_.push_back(std::move(compiled));
    for (const auto& filter : source.filters) {
      if (filter.value.empty()) {
        add_once(always_, number);
        continue;
      }
      const auto pattern = pattern_numbers.of(filter.value);
      if (uses_.size() <= pattern) uses_.resize(pattern + 1);
      uses_[pattern].push_back({number, filter.match});
    }
  }
  search_ = pattern_search{patterns_};
  json_writer out;
  out.begin_array();
  for (const auto& category : otherwise) out.raw(category_json(category));
  otherwise_ = out.end_array().take();
}

uint64_t category_rules::level_bit(std::string_view level) const {
  for (size_t i = 0; i < levels_.size() && i < 64; ++i)
    if (equal_ignoring_case(levels_[i], level)) return uint64_t{1} << i;
  return 0;
}

std::vector<uint32_t> category_rules::matching(uint64_t level, const std::string& message) const {
  std::vector<uint32_t> found;
  for (const auto number : always_)
    if (rules_[number].levels & level) found.push_back(number);
  search_.each_match(message, [&](uint32_t pattern, size_t end) {
    for (const auto& x : uses_[pattern]) {
      const bool counts = x.match == text_match::contains ||
                          (x.match == text_match::starts_with && end == patterns_[pattern].size()) ||
                          (x.match == text_match::ends_with && end == message.size());
      if (counts && (rules_[x.rule].levels & level)) found.push_back(x.rule);
    }
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

category_rules::verdict category_rules::apply(std::string_view level, const std::string* message) const {
  const auto bit = message ? level_bit(level) : 0;
  if (bit == 0) return {false, otherwise_};
  std::vector<uint32_t> categories;
  for (const auto number : matching(bit, *message)) {
    const auto& rule = rules_[number];
    if (rule.drop) return {true, {}};
    for (const auto category : rule.categories) add_once(categories, category);
  }
  if (categories.empty()) return {false, otherwise_};
  json_writer out;
  out.begin_array();
  for (const auto category : categories) out.raw(categories_[category]);
  return {false, out.end_array().take()};
}

} // namespace senseflow::messages
