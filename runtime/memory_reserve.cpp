#include "runtime/memory_reserve.hpp"

#include "runtime/log.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

namespace senseflow::runtime {

namespace {

/// More than any piece of work needs. Never touched, so it takes no memory, but of what the process may have.
constexpr size_t bytes = 16u << 20;

std::atomic<bool> complete{true}; ///< nobody has asked for a reserve, or it is there
std::mutex guard;                 ///< of the next three
void* reserve = nullptr;
uint64_t given_up = 0; ///< how often
log::limiter told{std::chrono::minutes(1)};

thread_local uint32_t pieces = 0;     ///< of work that this thread is at
thread_local uint64_t tried_with = 0; ///< `given_up` when an allocation of this thread was last tried again

[[noreturn]] void end() {
  constexpr std::string_view words =
      "Out of memory in the middle of work that must not stop half-way: the process ends.\n";
  const auto ignored = write(STDERR_FILENO, words.data(), words.size());
  static_cast<void>(ignored);
  std::abort();
}

/// The allocation is tried again when this returns.
void find_memory() {
  if (pieces == 0) throw std::bad_alloc{};
  std::lock_guard lock{guard};
  if (reserve != nullptr) {
    munmap(std::exchange(reserve, nullptr), bytes);
    complete = false;
    ++given_up;
  }
  if (std::exchange(tried_with, given_up) == given_up) end(); // another thread may just have given it up
}

/// Not by `new`: what a thread gives back there others can't always have.
void make_reserve() {
  auto* const made = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (made == MAP_FAILED) throw std::bad_alloc{};
  reserve = made;
  complete = true;
}

void make_reserve_again() {
  std::lock_guard lock{guard};
  if (reserve != nullptr) return;
  make_reserve();
  if (told.pass(std::chrono::steady_clock::now()))
    log::error("memory ran out; what was under way was finished with the reserve of {} MiB, which is there "
               "again{}",
               bytes >> 20, told.suffix());
}

} // namespace

void reserve_memory() {
  std::set_new_handler(find_memory);
  std::lock_guard lock{guard};
  if (reserve == nullptr) make_reserve();
}

in_one_piece::in_one_piece() {
  if (pieces == 0 && !complete) make_reserve_again();
  ++pieces;
}

in_one_piece::~in_one_piece() { --pieces; }

} // namespace senseflow::runtime
