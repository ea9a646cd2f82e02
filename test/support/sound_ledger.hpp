// What must hold of a ledger at any moment.
#pragma once

#include "runtime/accounting/ledger.hpp"

#include <string>

namespace senseflow::test {

/// Empty, or what is wrong with it: a fault that it has noticed, or a line of a source that does not balance.
inline std::string unsound(const runtime::ledger& book) {
  std::string result;
  if (book.faults() > 0) result += std::to_string(book.faults()) + " accounting faults\n";
  const auto lines = book.by_source();
  for (size_t c = 0; c < lines.size(); ++c)
    for (const auto& [source, line] : lines[c])
      if (!line.balanced())
        result += "class " + std::to_string(c) + " of '" + source + "' does not balance\n";
  return result;
}

} // namespace senseflow::test
