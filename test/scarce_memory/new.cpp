// Makes allocations fail: linked into test programs, or loaded before a program (LD_PRELOAD).
#include "test/scarce_memory/fail_allocation.hpp"

#include <cstdlib>
#include <new>
#include <utility>

namespace {
/// Of this thread's, until one fails. In the model that needs no memory itself.
[[gnu::tls_model("initial-exec")]] thread_local uint32_t allocations_left = 0;
} // namespace

extern "C" uint32_t senseflow_fail_allocation(uint32_t number) {
  return std::exchange(allocations_left, number);
}

// What the standard requires of it; the other forms of it come here.
void* operator new(size_t n) {
  for (;;) {
    const bool fails = allocations_left > 0 && --allocations_left == 0;
    if (auto* result = fails ? nullptr : std::malloc(n > 0 ? n : 1)) return result;
    if (const auto handler = std::get_new_handler())
      handler();
    else
      throw std::bad_alloc{};
  }
}
void* operator new[](size_t n) { return operator new(n); }
// Else a sanitizer's own would allocate what is freed below.
void* operator new(size_t n, const std::nothrow_t&) noexcept {
  try {
    return operator new(n);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](size_t n, const std::nothrow_t& x) noexcept { return operator new(n, x); }
void operator delete(void* x) noexcept { std::free(x); }
void operator delete(void* x, size_t) noexcept { std::free(x); }
void operator delete[](void* x) noexcept { std::free(x); }
void operator delete[](void* x, size_t) noexcept { std::free(x); }
