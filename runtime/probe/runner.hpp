// Runs checks beside each other, each with a time limit that holds whatever the check does.
#pragma once

#include "runtime/probe/finding.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace senseflow::runtime::probe {

/// Where a check writes what it finds. Thread-safe; what comes after its time is not taken.
class notebook {
public:
  void add(finding x);
  findings close();

private:
  std::mutex mutex_; // guards both
  findings written_;
  bool closed_ = false;
};

/// One after the other, what belongs together.
struct job {
  std::string subject;                 ///< of its findings
  std::chrono::milliseconds limit{};   ///< it should have ended by itself before
  std::function<void(notebook&)> work; ///< holds all that it needs: it may outlive its caller
};

struct standing {
  size_t done = 0, all = 0; ///< jobs
  std::string waiting_for;  ///< the one that has been under way for longest
};

struct outcome_of_all {
  findings found;           ///< in the order of the jobs
  bool left_behind = false; ///< a thread is still at it: end the process without waiting
};

/// Returns when all have ended, or their time is up: what a job had written by then counts, and it is said
/// that it did not end. `tell` is called from here, ten times a second.
outcome_of_all run_all(std::vector<job> jobs, size_t at_a_time,
                       const std::function<void(const standing&)>& tell);

} // namespace senseflow::runtime::probe
