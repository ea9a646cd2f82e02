// Counts memory allocations of a program, whose source needn't be touched, by who calls:
//
//   LD_PRELOAD=libcount_allocations.so COUNT_ALLOCATIONS=FILE [COUNT_ALLOCATION_SITES=yes] program
//
// FILE is allocation_counts.hpp's struct. Whose call it is says the return address; where that lies in the
// C or C++ library (a std::string that grows, strdup), the nearest caller outside of these counts. Templates
// of a library's headers are code of the program that uses them. Places in the code are counted on demand: they
// take a walk up the stack each time. Whatever allocator comes next does the work, also one that is preloaded
// behind this one.
#include "bench/allocation_counts.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

using senseflow::bench::allocation_counts;

thread_local bool inside = false; // counting, or looking for the allocator: what that allocates is passed on

/// The function that would be called without this library.
template <class F>
class next_function {
public:
  constexpr explicit next_function(const char* name) : name_(name) {}

  F* get() {
    auto* f = found_.load(std::memory_order_acquire);
    if (f != nullptr) return f;
    if (inside) return nullptr; // dlsym itself allocates: it can do without
    inside = true;
    f = reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name_));
    inside = false;
    found_.store(f, std::memory_order_release);
    return f;
  }

private:
  const char* name_;
  std::atomic<F*> found_{nullptr};
};

next_function<void*(size_t)> next_malloc{"malloc"};
next_function<void*(size_t, size_t)> next_calloc{"calloc"};
next_function<void*(void*, size_t)> next_realloc{"realloc"};
next_function<void*(size_t, size_t)> next_aligned{"aligned_alloc"};
next_function<void*(size_t, size_t)> next_memalign{"memalign"};
next_function<int(void**, size_t, size_t)> next_posix_memalign{"posix_memalign"};

template <class F, class... Xs>
void* call(next_function<F>& f, Xs... xs) {
  auto* function = f.get();
  if (function != nullptr) return function(xs...);
  errno = ENOMEM;
  return nullptr;
}

std::atomic<allocation_counts*> counts{nullptr}; // null: nobody wants to know
bool sites_wanted = false;                       // set before `counts`

// Before main: what is allocated earlier belongs to no measurement.
__attribute__((constructor)) void open_counts() {
  const char* path = std::getenv("COUNT_ALLOCATIONS");
  if (path == nullptr) return;
  const int fd = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::ftruncate(fd, sizeof(allocation_counts)) != 0) return;
  void* const place = ::mmap(nullptr, sizeof(allocation_counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  sites_wanted = std::getenv("COUNT_ALLOCATION_SITES") != nullptr;
  if (place != MAP_FAILED) counts = static_cast<allocation_counts*>(place);
}

struct owner {
  bool known = false;     ///< there is a library at that address
  bool passes_on = false; ///< it allocates for its caller
  allocation_counts::library* slot = nullptr;
};

bool is_part_of(const char* path, const char* name) { return std::strstr(path, name) != nullptr; }

/// The library that this code belongs to.
owner owner_of(allocation_counts& all, void* code) {
  dl_find_object found{};
  if (::_dl_find_object(code, &found) != 0) return {};
  const auto* const map = found.dlfo_link_map;
  const auto key = reinterpret_cast<uint64_t>(map);
  const char* const path = map->l_name;
  const bool passes_on = is_part_of(path, "/libstdc++.so") || is_part_of(path, "/libc.so") ||
                         is_part_of(path, "/libcount_allocations.so");
  for (auto& slot : all.libraries) {
    uint64_t free = 0;
    if (slot.map.load(std::memory_order_relaxed) != key && !slot.map.compare_exchange_strong(free, key) &&
        free != key)
      continue;
    if (free == 0 && slot.calls.load(std::memory_order_relaxed) == 0) { // twice does no harm
      slot.base = map->l_addr;
      std::strncpy(slot.path, path, sizeof slot.path - 1);
    }
    return {true, passes_on, &slot};
  }
  return {true, passes_on};
}

using frames = decltype(allocation_counts::site::frames);

/// Up the stack: whose call it was, and the frames from there on.
struct search {
  allocation_counts& all;
  size_t wanted;
  owner found = {};
  frames above = {};
  size_t depth = 0;
};

_Unwind_Reason_Code look_at_caller(_Unwind_Context* frame, void* p) {
  auto& s = *static_cast<search*>(p);
  auto* const code = reinterpret_cast<void*>(_Unwind_GetIP(frame) - 1); // in the call, not behind it
  const auto of = owner_of(s.all, code);
  if (!of.known) return _URC_NORMAL_STOP; // the end of the stack
  if (of.passes_on) return _URC_NO_REASON;
  if (s.depth == 0) s.found = of;
  s.above[s.depth++] = reinterpret_cast<uint64_t>(code);
  return s.depth < s.wanted ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

void count_site(allocation_counts& all, const frames& place) {
  constexpr size_t near_by = 64;
  uint64_t key = 0;
  for (auto address : place) key = (key ^ address) * 0x9E3779B97F4A7C15U;
  key |= 1; // never that of a free slot
  for (size_t i = 0; i < near_by; ++i) {
    auto& slot = all.sites[((key >> 40) + i) % all.sites.size()];
    uint64_t there = 0;
    const bool taken = slot.key.compare_exchange_strong(there, key);
    if (!taken && there != key) continue;
    if (taken) slot.frames = place;
    slot.calls.fetch_add(1, std::memory_order_relaxed);
    return;
  }
}

void note(void* return_address, size_t bytes) {
  auto* const all = counts.load(std::memory_order_acquire);
  if (all == nullptr || inside) return;
  inside = true;
  const auto error = errno;
  all->calls.fetch_add(1, std::memory_order_relaxed);
  all->bytes.fetch_add(bytes, std::memory_order_relaxed);
  if (bytes >= allocation_counts::large_bytes) all->large.fetch_add(1, std::memory_order_relaxed);
  search s{*all, sites_wanted ? allocation_counts::site::most_frames : 1};
  s.found = owner_of(*all, static_cast<char*>(return_address) - 1);
  if (sites_wanted || s.found.passes_on) ::_Unwind_Backtrace(look_at_caller, &s);
  if (s.found.slot != nullptr) s.found.slot->calls.fetch_add(1, std::memory_order_relaxed);
  if (sites_wanted) count_site(*all, s.above);
  errno = error;
  inside = false;
}

void* made_or_thrown(void* p) {
  if (p == nullptr) throw std::bad_alloc{};
  return p;
}

void* aligned(size_t bytes, std::align_val_t alignment) {
  return call(next_memalign, static_cast<size_t>(alignment), bytes);
}

size_t least(size_t bytes) { return bytes > 0 ? bytes : 1; }

} // namespace

// NOLINTBEGIN: signatures and names are the library's
#define CALLER __builtin_return_address(0)

extern "C" {

void* malloc(size_t bytes) noexcept {
  note(CALLER, bytes);
  return call(next_malloc, bytes);
}

void* calloc(size_t n, size_t bytes) noexcept {
  note(CALLER, n * bytes);
  return call(next_calloc, n, bytes);
}

void* realloc(void* p, size_t bytes) noexcept {
  note(CALLER, bytes);
  return call(next_realloc, p, bytes);
}

void* aligned_alloc(size_t alignment, size_t bytes) noexcept {
  note(CALLER, bytes);
  return call(next_aligned, alignment, bytes);
}

void* memalign(size_t alignment, size_t bytes) noexcept {
  note(CALLER, bytes);
  return call(next_memalign, alignment, bytes);
}

int posix_memalign(void** p, size_t alignment, size_t bytes) noexcept {
  note(CALLER, bytes);
  auto* const function = next_posix_memalign.get();
  return function != nullptr ? function(p, alignment, bytes) : ENOMEM;
}

} // extern "C"

void* operator new(size_t bytes) {
  note(CALLER, bytes);
  return made_or_thrown(call(next_malloc, least(bytes)));
}

void* operator new[](size_t bytes) {
  note(CALLER, bytes);
  return made_or_thrown(call(next_malloc, least(bytes)));
}

void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  note(CALLER, bytes);
  return call(next_malloc, least(bytes));
}

void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  note(CALLER, bytes);
  return call(next_malloc, least(bytes));
}

void* operator new(size_t bytes, std::align_val_t alignment) {
  note(CALLER, bytes);
  return made_or_thrown(aligned(bytes, alignment));
}

void* operator new[](size_t bytes, std::align_val_t alignment) {
  note(CALLER, bytes);
  return made_or_thrown(aligned(bytes, alignment));
}

void* operator new(size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  note(CALLER, bytes);
  return aligned(bytes, alignment);
}

void* operator new[](size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  note(CALLER, bytes);
  return aligned(bytes, alignment);
}
// NOLINTEND
