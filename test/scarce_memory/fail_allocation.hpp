// Makes an allocation of the calling thread fail, once.
#pragma once

#include <cstdint>

/// The one of this number, the next one having the number 1; 0: none. How many were left of the last call's: 0 if
/// its allocation has failed.
extern "C" uint32_t senseflow_fail_allocation(uint32_t number);
