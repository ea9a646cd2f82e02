#include "bench/load/allocation_reader.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace senseflow::bench {

namespace {

template <class Key>
void subtract(std::map<Key, int64_t>& a, const std::map<Key, int64_t>& b) {
  for (const auto& [key, n] : b) a[key] -= n;
  for (auto i = a.begin(); i != a.end();) i = i->second == 0 ? a.erase(i) : std::next(i);
}

int64_t number(const std::atomic<uint64_t>& x) { return static_cast<int64_t>(x.load()); }

} // namespace

int64_t allocation_figures::paho() const {
  int64_t sum = 0;
  for (const auto& [path, n] : libraries)
    if (path.find("/libpaho-mqtt") != path.npos) sum += n;
  return sum;
}

allocation_figures operator-(allocation_figures a, const allocation_figures& b) {
  a.calls -= b.calls;
  a.bytes -= b.bytes;
  a.large -= b.large;
  subtract(a.libraries, b.libraries);
  subtract(a.sites, b.sites);
  return a;
}

allocation_reader::allocation_reader(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat file {};
  const bool right = fd >= 0 && ::fstat(fd, &file) == 0 && file.st_size == sizeof(allocation_counts);
  void* const place =
      right ? ::mmap(nullptr, sizeof(allocation_counts), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
  if (fd >= 0) ::close(fd);
  if (place == MAP_FAILED) throw std::runtime_error(path + " is not a file of count_allocations");
  counts_ = {static_cast<const allocation_counts*>(place),
             [](const allocation_counts* x) { ::munmap(const_cast<allocation_counts*>(x), sizeof *x); }};
}

allocation_figures allocation_reader::read() const {
  struct mapped {
    uint64_t base;
    std::string path;
  };
  allocation_figures result;
  result.calls = number(counts_->calls);
  result.bytes = number(counts_->bytes);
  result.large = number(counts_->large);
  std::vector<mapped> all;
  for (const auto& x : counts_->libraries) {
    if (x.map.load() == 0) break;
    result.libraries[x.path] += number(x.calls);
    all.push_back({x.base, x.path});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.base < b.base; });
  const auto frame_of = [&](uint64_t address) -> allocation_figures::frame {
    const auto behind = std::upper_bound(all.begin(), all.end(), address,
                                         [](uint64_t a, const mapped& m) { return a < m.base; });
    if (behind == all.begin()) return {"", address};
    return {std::prev(behind)->path, address - std::prev(behind)->base};
  };
  for (const auto& x : counts_->sites) {
    if (x.key.load() == 0) continue;
    allocation_figures::place place;
    for (auto address : x.frames)
      if (address != 0) place.push_back(frame_of(address));
    result.sites[place] += number(x.calls);
  }
  return result;
}

} // namespace senseflow::bench
