// Makes an allocation of the calling thread fail, once.
#pragma once

#include <cstdint>

/// The one of this number, the next one having the number 1; 0: none. Returns how many were left until that
/// of the last call: 0 if it has failed.
extern "C" uint32_t senseflow_fail_allocation(uint32_t number);
