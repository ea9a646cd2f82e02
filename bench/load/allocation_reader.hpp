// Reads what count_allocations counts in a running program.
#pragma once

#include "bench/allocation_counts.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::bench {

/// Since the program's start, or between two moments.
struct allocation_figures {
  using frame = std::pair<std::string, uint64_t>; ///< library ("" = the program), address in its file
  using place = std::vector<frame>;               ///< the innermost first

  int64_t calls = 0, bytes = 0, large = 0;
  std::map<std::string, int64_t> libraries; ///< calls by the caller's file; "" = the program itself
  std::map<place, int64_t> sites;           ///< calls by the place in the code, if that is counted

  /// Of these calls: those that Paho's libraries made.
  int64_t paho() const;
};

allocation_figures operator-(allocation_figures a, const allocation_figures& b);

class allocation_reader {
public:
  /// Throws std::runtime_error if the file is not there, or is not one of them.
  explicit allocation_reader(const std::string& path);

  allocation_figures read() const;

private:
  std::shared_ptr<const allocation_counts> counts_;
};

} // namespace senseflow::bench
