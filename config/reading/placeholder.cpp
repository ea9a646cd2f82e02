#include "config/reading/placeholder.hpp"

namespace senseflow::config::reading {

namespace {

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_in_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

/// Length of the name at the front; 0 if there is none.
size_t name_length(std::string_view text) {
  if (text.empty() || !begins_name(text.front())) return 0;
  size_t n = 1;
  while (n < text.size() && is_in_name(text[n])) ++n;
  return n;
}

/// A name and then `end`, at the front.
bool is_name_before(std::string_view text, char end) {
  auto n = name_length(text);
  return n > 0 && n < text.size() && text[n] == end;
}

bool begins_with_one(std::string_view text) {
  if (text.substr(0, 2) == "{{") return text.find("}}", 2) != text.npos;
  // ${NAME:-default} and the like belong to it
  if (text.substr(0, 2) == "${") return name_length(text.substr(2)) > 0 && text.find('}', 3) != text.npos;
  if (text.front() == '{') return is_name_before(text.substr(1), '}');
  return text.front() == '%' && is_name_before(text.substr(1), '%');
}

} // namespace

bool looks_like_placeholder(std::string_view text) {
  for (auto at = text.find_first_of("{$%"); at != text.npos; at = text.find_first_of("{$%", at + 1))
    if (begins_with_one(text.substr(at))) return true;
  return false;
}

bool looks_like_secret_placeholder(std::string_view text) {
  if (text.empty()) return false;
  if (text.front() == '$' && name_length(text.substr(1)) == text.size() - 1 && text.size() > 1) return true;
  return (text.substr(0, 2) == "$(" && text.back() == ')') ||
         (text.front() == '<' && text.back() == '>' && text.size() > 2) || looks_like_placeholder(text);
}

} // namespace senseflow::config::reading
