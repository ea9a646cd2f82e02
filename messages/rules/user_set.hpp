// Users who are left out, by directory and id; both compare exactly.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

namespace senseflow::messages {

class user_set {
public:
  void add(std::string_view directory, std::string_view id) { keys_.insert(key(directory, id)); }

  bool contains(std::string_view directory, std::string_view id) const {
    return !keys_.empty() && keys_.count(key(directory, id)) > 0;
  }

  bool empty() const { return keys_.empty(); }

private:
  // NUL separates: cleaned text from outside has none.
  static std::string key(std::string_view directory, std::string_view id) {
    std::string out{directory};
    out += '\0';
    out += id;
    return out;
  }

  std::unordered_set<std::string> keys_;
};

} // namespace senseflow::messages
