// What lies in the program's spool, read without the program.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace senseflow::test {

/// Numbers of bench's events in the spool in `directory`; also while the program uses it. Throws if it can't
/// be read.
std::set<uint64_t> spooled_events(const std::string& directory);

/// How many events would be lost if the program that uses it was killed, as it has last said there.
uint64_t events_at_risk(const std::string& directory);

/// `spooled_events` of a spool that a killed program left, which stays as it is: reads a copy.
std::set<uint64_t> abandoned_events(const std::string& directory);

} // namespace senseflow::test
