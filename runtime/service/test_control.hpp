// Lets the system tests provoke failures inside the running program. Off unless the environment variable
// SENSEFLOW_TEST_CONTROL names a path, at which a Unix datagram socket is then opened.
#pragma once

#include "actors/context.hpp"

#include <atomic>
#include <string>
#include <thread>

namespace senseflow::runtime {

/// One command a datagram; NAME is the actor's path in the supervision tree:
/// - `crash NAME` throws in the actor's handler, `crash-inside CALLS NAME` while it is inside its estate, so
///   many calls from now on, when the call's work is done;
/// - `hang MS NAME` and `hang-inside MS CALLS NAME`: the thread stays there for so long, then goes on;
/// - `starve NUMBER CALLS NAME`: in the midst of such a call its allocation of this number, from 1, fails;
/// - `kill NAME` ends it from outside;
/// - `ledger` writes the ledger to the log.
class test_control {
public:
  explicit test_control(actors::context& env);
  ~test_control();

  test_control(const test_control&) = delete;
  test_control& operator=(const test_control&) = delete;

private:
  void run();
  void obey(const std::string& command);

  actors::context& env_;
  std::string path_;
  int socket_ = -1;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

} // namespace senseflow::runtime
