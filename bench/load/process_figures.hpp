// What a process, and the machine, have used so far, from /proc. Figures only grow: a measurement is the
// difference of two moments.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

namespace senseflow::bench {

/// Of all threads with the same name.
struct thread_figures {
  int64_t voluntary = 0;   ///< context switches: it waited
  int64_t involuntary = 0; ///< somebody else had its turn
  double cpu_seconds = 0;
};

struct process_figures {
  double cpu_seconds = 0;                        ///< threads that have ended count, too
  std::map<std::string, thread_figures> threads; ///< by name; those that run

  /// Throws std::runtime_error if there is no such process.
  static process_figures of(pid_t pid);

  thread_figures all_threads() const;
};

process_figures operator-(process_figures a, const process_figures& b);

/// Resident, in MB.
struct memory_figures {
  double now = 0, peak = 0;
  static memory_figures of(pid_t pid);
};

/// Seconds that the machine's processors were busy, summed up; what a hypervisor took is not in it.
struct machine_figures {
  double busy = 0;
  double stolen = 0; ///< by the hypervisor
  static machine_figures now();
};

/// Datagrams that the kernel has thrown away at this UDP port because its buffer was full.
uint64_t kernel_drops(uint16_t port);

} // namespace senseflow::bench
