// Paho's receiving thread waits up to a second for something to read, and only after that looks whether a
// connection is up by now. So its calls of poll come here, and end when one is.
#pragma once

namespace senseflow::runtime {

/// Paho has begun to connect this socket. Thread-safe. Of several the newest counts.
void watch_for_paho(int connecting);

} // namespace senseflow::runtime
