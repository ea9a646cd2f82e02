// The end: what becomes of that which was not delivered.
#pragma once

#include "runtime/wiring/estates.hpp"

namespace senseflow::runtime {

/// When the actors have ended: hears the publishers' last words, writes what was not delivered to the spool,
/// and closes it. What can't be written is counted as dropped: `shutdown`; `stuck` if an actor that did not
/// end is inside of it; `unconfirmed` if the broker or the disk may have it. Bounded in time.
/// False: a thread is stuck, with the disk or in an actor; the process has to end around it.
bool settle_rest(service_estates& x);

} // namespace senseflow::runtime
