// Whether Paho's C library calls.
#pragma once

namespace senseflow::runtime {

/// `code`: a return address. Quick if it is the one of this thread's last question.
bool is_in_paho(void* code);

} // namespace senseflow::runtime
