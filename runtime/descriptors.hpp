// File descriptors: how many this process may have.
#pragma once

#include <cstdint>

namespace senseflow::runtime {

/// Raises the soft limit to the hard one: the usual 1,024 are for programs that use select(), this one does
/// not. Returns the limit that holds from now on.
uint64_t raise_descriptor_limit();

uint64_t descriptor_limit();

} // namespace senseflow::runtime
