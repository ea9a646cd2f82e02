// The spool's table of topics at which a broker retains messages of ours: a later process clears those that
// its configuration no longer has. Versions of the program that know nothing of it leave it alone.
#pragma once

#include "messages/spooling.hpp"
#include "runtime/spool/sqlite.hpp"

#include <vector>

namespace senseflow::runtime {

/// Not thread-safe. All functions throw sqlite_error.
class retained_topics {
public:
  static std::vector<messages::retained_topic> read(database& db);

  /// Within a transaction of the caller's. The table is made with the first entry.
  void write(database& db, const std::vector<messages::retained_topic>& changes);

private:
  statement insert_, remove_;
  bool prepared_ = false;
};

} // namespace senseflow::runtime
