// Memory that is kept for work that must not stop half-way when there is no other.
#pragma once

namespace senseflow::runtime {

/// From now on there is a reserve. Once, at the start of the program.
void reserve_memory();

/// While one lives, no want of memory cuts short what its thread does: an allocation that fails is tried
/// again with the reserve given up. The next one makes a new reserve before its work begins, or throws
/// std::bad_alloc instead. When even the reserve was not enough the process ends, as in a crash: what is half
/// done can't be relied on. Allocations of others fail as ever.
class in_one_piece {
public:
  in_one_piece();
  ~in_one_piece();
  in_one_piece(const in_one_piece&) = delete;
  in_one_piece& operator=(const in_one_piece&) = delete;
};

} // namespace senseflow::runtime
