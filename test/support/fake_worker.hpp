// A worker without a thread: jobs are done at once, or when the test says so.
#pragma once

#include "runtime/worker.hpp"

#include <utility>

namespace senseflow::test {

struct fake_worker : runtime::worker {
  bool hangs = false;
  job waiting;

  void run(job x) override {
    waiting = std::move(x);
    if (!hangs) go_on();
  }
  /// The job that waits is done.
  void go_on() {
    if (auto x = std::exchange(waiting, {})) x();
  }
};

} // namespace senseflow::test
