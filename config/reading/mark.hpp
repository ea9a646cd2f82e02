// A place in a text.
#pragma once

namespace senseflow::config::reading {

/// Counted from 1, columns in characters; 0 = none.
struct mark {
  int line = 0;
  int column = 0;
};

} // namespace senseflow::config::reading
