// Allocates in each of ten ways, as often as it is told: what count_allocations has to find.
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

namespace {

void* volatile last; // so that no call is optimised away

struct alignas(64) aligned {
  char bytes[64];
};

void keep(void* p) { last = p; }

} // namespace

int main(int, char** argv) {
  const auto times = std::strtoul(argv[1], nullptr, 10);
  for (size_t i = 0; i < times; ++i) {
    keep(std::malloc(10));
    keep(std::calloc(2, 10));
    keep(std::realloc(last, 2000)); // a large one
    keep(std::aligned_alloc(64, 64));
    void* p = nullptr;
    keep(::posix_memalign(&p, 64, 64) == 0 ? p : nullptr);
    keep(new int);
    keep(new (std::nothrow) int[10]);
    keep(new aligned);
    keep(::strdup("in the C library, for us")); // NOLINT
    keep(new std::string);                      // short: in place
    static_cast<std::string*>(last)->assign("in the C++ library, for us too");
  }
}
