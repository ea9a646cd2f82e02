// Which installation this process is, among others that may have its name: a random id, kept in the spool.
#pragma once

#include <string>

namespace senseflow::runtime {

/// Without a spool the id is this process's only. Thread-safe once it is set.
const std::string& instance();
/// Before anybody asks. "" changes nothing.
void set_instance(const std::string& id);

} // namespace senseflow::runtime
