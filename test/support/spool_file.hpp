// What lies in the program's spool, read without the program.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace senseflow::test {

/// Numbers of bench's events in the spool in `directory`; also while the program uses it. Throws if it can't
/// be read.
std::set<uint64_t> spooled_events(const std::string& directory);

/// The same of a spool that a killed program left, which stays as it is: reads a copy.
std::set<uint64_t> abandoned_events(const std::string& directory);

/// Makes it look as if another version of the program had written it. Nobody may be using it.
void set_format(const std::string& directory, int version);

} // namespace senseflow::test
