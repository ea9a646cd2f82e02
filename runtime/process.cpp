#include "runtime/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace senseflow::runtime {

namespace {

uint64_t entries_of(const char* directory) {
  std::error_code failed;
  const std::filesystem::directory_iterator all{directory, failed};
  return failed ? 0 : static_cast<uint64_t>(std::distance(begin(all), end(all)));
}

double seconds(const timeval& x) {
  return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) / 1e6;
}

} // namespace

process_figures figures_of_process() {
  process_figures result;
  std::ifstream statm{"/proc/self/statm"};
  if (uint64_t size = 0, resident = 0; statm >> size >> resident)
    result.resident_bytes = resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  if (rusage used{}; ::getrusage(RUSAGE_SELF, &used) == 0)
    result.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  result.open_files = entries_of("/proc/self/fd");
  if (rlimit files{}; ::getrlimit(RLIMIT_NOFILE, &files) == 0) result.max_files = files.rlim_cur;
  result.threads = entries_of("/proc/self/task");
  return result;
}

} // namespace senseflow::runtime
