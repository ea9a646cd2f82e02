#include "bench/load/process_figures.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <unistd.h>

namespace senseflow::bench {

namespace {

namespace fs = std::filesystem;

fs::path directory_of(pid_t pid) { return fs::path{"/proc"} / std::to_string(pid); }

/// The number behind `key:` in a file of such lines; 0 if there is none.
int64_t number_in(const fs::path& file, const std::string& key) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);)
    if (line.rfind(key + ":", 0) == 0) return std::strtoll(line.c_str() + key.size() + 1, nullptr, 10);
  return 0;
}

void add_thread(process_figures& to, const fs::path& task) {
  std::string name;
  if (!std::getline(std::ifstream{task / "comm"} >> std::ws, name)) return; // it has ended
  auto& x = to.threads[name];
  x.voluntary += number_in(task / "status", "voluntary_ctxt_switches");
  x.involuntary += number_in(task / "status", "nonvoluntary_ctxt_switches");
  uint64_t nanoseconds = 0;
  std::ifstream{task / "schedstat"} >> nanoseconds;
  x.cpu_seconds += static_cast<double>(nanoseconds) / 1e9;
}

} // namespace

process_figures process_figures::of(pid_t pid) {
  process_figures result;
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
    throw std::runtime_error("there is no process " + std::to_string(pid));
  result.cpu_seconds = static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
  std::error_code ended;
  for (const auto& task : fs::directory_iterator{directory_of(pid) / "task", ended})
    add_thread(result, task.path());
  return result;
}

thread_figures process_figures::all_threads() const {
  thread_figures sum;
  for (const auto& [name, x] : threads) {
    sum.voluntary += x.voluntary;
    sum.involuntary += x.involuntary;
    sum.cpu_seconds += x.cpu_seconds;
  }
  return sum;
}

process_figures operator-(process_figures a, const process_figures& b) {
  a.cpu_seconds -= b.cpu_seconds;
  for (auto& [name, x] : a.threads) {
    const auto before = b.threads.find(name);
    if (before == b.threads.end()) continue;
    x.voluntary -= before->second.voluntary;
    x.involuntary -= before->second.involuntary;
    x.cpu_seconds -= before->second.cpu_seconds;
  }
  return a;
}

memory_figures memory_figures::of(pid_t pid) {
  const auto file = directory_of(pid) / "status";
  const auto mb = [&](const char* key) { return static_cast<double>(number_in(file, key)) / 1024; };
  return {mb("VmRSS"), mb("VmHWM")};
}

machine_figures machine_figures::now() {
  // The first line: cpu user nice system idle iowait irq softirq steal ...
  std::ifstream in{"/proc/stat"};
  std::string label;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, soft = 0, stolen = 0;
  in >> label >> user >> nice >> system >> idle >> waiting >> interrupts >> soft >> stolen;
  const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return {(user + nice + system + interrupts + soft) / per_second, stolen / per_second};
}

uint64_t kernel_drops(uint16_t port) {
  std::ostringstream wanted; // ":270D", as in the second field of a line, the local address
  wanted << ':' << std::uppercase << std::hex;
  wanted.width(4);
  wanted.fill('0');
  wanted << port;
  std::ifstream in{"/proc/net/udp"};
  uint64_t sum = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields{line};
    std::string number, local, last;
    fields >> number >> local;
    if (local.size() < 5 || local.substr(local.size() - 5) != wanted.str()) continue;
    while (fields >> last) {
    }
    sum += std::strtoull(last.c_str(), nullptr, 10);
  }
  return sum;
}

} // namespace senseflow::bench
