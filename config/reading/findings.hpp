// What was found while reading a file, and where each setting stands in it. A setting is named by the address
// of its member, so that rules about several settings need no key paths of their own.
#pragma once

#include "config/fault.hpp"
#include "config/reading/tree.hpp"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace senseflow::config::reading {

/// Where a setting stands, or would stand if it were there.
struct place {
  std::string key;
  mark at;
  bool given = false;
  bool unused = false; ///< in a section that is switched off
};

class findings {
public:
  /// Faults, and warnings: nobody reads more, and a hostile file would have one per byte.
  static constexpr size_t most = 1000;

  explicit findings(std::string file) : file_(std::move(file)) {}

  void put(const void* setting, place p) { places_[setting] = std::move(p); }
  /// The setting must have been read.
  const place& of(const void* setting) const { return places_.at(setting); }
  bool given(const void* setting) const { return of(setting).given; }
  /// An item of this list was at fault: it is shorter than it was meant.
  bool any_item_faulty(const void* setting) const;

  /// Nothing is added for a setting in an unused section.
  void fault(const void* setting, std::string problem, std::string remedy);
  void warning(const void* setting, std::string problem, std::string remedy);

  void fault(mark at, std::string key, std::string problem, std::string remedy);
  void warning(mark at, std::string key, std::string problem, std::string remedy);

  /// In the order of the file.
  std::vector<config::fault> faults() const { return sorted(faults_); }
  std::vector<config::fault> warnings() const { return sorted(warnings_); }

private:
  using list = std::vector<config::fault>;

  void add(list& xs, mark at, std::string key, std::string problem, std::string remedy);
  static list sorted(list xs);

  std::string file_;
  std::unordered_map<const void*, place> places_;
  list faults_;
  list warnings_;
};

} // namespace senseflow::config::reading
