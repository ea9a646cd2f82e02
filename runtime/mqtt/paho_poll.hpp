// Paho's receiving thread waits up to a second for something to read, and only after that looks whether a
// connection is up by now, or can be written to again. So its calls of poll come here, and are cut short.
#pragma once

namespace senseflow::runtime {

/// Paho has begun to connect: it looks at once, and then every few milliseconds for as long as that may take.
/// Thread-safe.
void hurry_paho();

} // namespace senseflow::runtime
