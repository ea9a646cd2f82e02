// A section being read: which names it may hold and which it holds. Also used for lists and their items.
#pragma once

#include "config/reading/findings.hpp"
#include "config/reading/tree.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace senseflow::config::reading {

class scope {
public:
  /// `value` is null if the file has none; what is missing in it is missing at `at`. What is wrong with an
  /// unused one does not matter.
  scope(findings& found, const node* value, mark at, std::string path, bool unused);

  const node* value() const { return value_; }
  mark at() const { return at_; }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const { return path_ + "." + std::string(key); }
  bool unused() const { return unused_; }
  void make_unused() { unused_ = true; }

  /// Null if it is not there. From now on the name is one that the section may hold.
  const node::member* find(std::string_view key);

  // Names of former times: not to be written any more, but no riddle either. Said before `find`.
  void dropped(std::string_view key);
  /// Read as `now`.
  void renamed(std::string_view key, std::string_view now);
  /// To another section.
  void moved(std::string_view key, std::string_view now);

  /// After the last `find`: reports names that nobody asked for (as warnings if they do no harm), or twice.
  void check_keys(bool harmless = false);
  void check_duplicates();

  // Say nothing in an unused section.
  void fault(mark at, const std::string& path, std::string problem, std::string remedy) const;
  void warning(mark at, const std::string& path, std::string problem, std::string remedy) const;

private:
  const node::member* member(std::string_view key) const { return value_ ? value_->find(key) : nullptr; }

  findings* found_;
  const node* value_;
  mark at_;
  std::string path_;
  bool unused_;
  std::vector<std::string_view> known_;
  std::vector<std::string_view> former_;
  std::vector<std::pair<std::string_view, std::string_view>> renamed_; ///< from, to
};

} // namespace senseflow::config::reading
