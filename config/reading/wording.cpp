#include "config/reading/wording.hpp"

#include "config/reading/nearest.hpp"
#include "config/schema/utf8.hpp"

namespace senseflow::config::reading {

std::string shortened(std::string_view text) {
  if (text.size() <= 60) return std::string(text);
  size_t end = 57;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string shown(const node& n) {
  switch (n.what) {
  case node::kind::null:
    return "empty";
  case node::kind::scalar:
    if (n.bare && (schema::reads_as_number(n.text) || schema::reads_as_bool(n.text)))
      return shortened(n.text);
    return "'" + shortened(n.text) + "'";
  case node::kind::list:
    return "a list";
  case node::kind::map:
    return "a section";
  }
  return {};
}

std::string range_text(schema::bounds b, std::string_view unit) {
  auto text = "from " + std::to_string(b.min) + " to " + std::to_string(b.max);
  return unit.empty() ? text : text + " " + std::string(unit);
}

std::string joined(const std::vector<std::string_view>& names, std::string_view last) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " " + std::string(last) + " " : ", ";
    text += names[i];
  }
  return text;
}

std::string lowered(std::string_view sentence) {
  std::string text(sentence);
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

bool has_invisible_character(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    auto c = schema::next_code_point(text, at);
    if (c == 0xa0 || c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
        (c >= 0x2060 && c <= 0x2064))
      return true;
  }
  return false;
}

std::string suggestion(std::string_view key, const std::vector<std::string_view>& known) {
  if (has_invisible_character(key))
    return "It holds an invisible character, such as a no-break space: type it again.";
  auto near = nearest(key, known);
  if (!near.empty()) return "Did you mean '" + std::string(near) + "'?";
  return "Known here: " + joined(known) + ".";
}

} // namespace senseflow::config::reading
