// Paho knows a socket by its number only. When a broker ends a connection before it is up, Paho's receiving
// thread reports that, lets go of its lock for a moment, and then looks for the socket's client once more, to
// report it again. If that thread is slow, the next attempt has begun by then: with the number that has just
// become free, so it would be ended in place of the former one. Therefore Paho's sockets do not get the lowest
// number that is free, as others do.
#pragma once

namespace senseflow::runtime {

/// The same socket with another number: a higher one than the call before has returned, until they are used up
/// or a thousand have been given; then from the lowest on. `fd` itself if no more files can be opened. It is
/// not inherited by other programs. One call at a time: Paho holds its lock.
int renumbered(int fd);

} // namespace senseflow::runtime
