#include "runtime/service/signals.hpp"

#include "runtime/log.hpp"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;

/// All but those of a fault, SIGQUIT, and those that do nothing: by themselves, or because we ignore them.
sigset_t held_signals() {
  sigset_t result;
  sigfillset(&result);
  for (int x : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT, SIGQUIT, SIGCHLD, SIGCONT, SIGURG,
                SIGWINCH, SIGPIPE, SIGXFSZ})
    sigdelset(&result, x);
  return result;
}

bool is_stop(int signal) { return signal == SIGTERM || signal == SIGINT; }

std::string name_of(int signal) {
  const auto* name = sigabbrev_np(signal);
  return name ? fmt::format("SIG{}", name) : fmt::format("SIGRTMIN+{}", signal - SIGRTMIN);
}

} // namespace

void hold_signals() {
  const auto signals = held_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN); // a peer that has gone: writing tells
  signal(SIGXFSZ, SIG_IGN); // a file that may not grow: writing tells
}

void release_signals() {
  const auto signals = held_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

bool stop_is_pending() {
  sigset_t x;
  sigemptyset(&x);
  sigpending(&x);
  return sigismember(&x, SIGTERM) == 1 || sigismember(&x, SIGINT) == 1;
}

signal_thread::~signal_thread() {
  done_ = true;
  pthread_kill(thread_.native_handle(), SIGUSR2); // any held one wakes it
  thread_.join();
}

/// Nothing when the time is up, or when there is nothing to wait for any more.
std::optional<int> signal_thread::next(clock::time_point until) const {
  const auto signals = held_signals();
  while (!done_) {
    auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(until - clock::now());
    if (left <= 0ns) return {};
    left = std::min<std::chrono::nanoseconds>(left, 1h);
    timespec t{left / 1s, (left % 1s).count()};
    auto signal = sigtimedwait(&signals, nullptr, &t);
    if (signal > 0 && !done_) return signal;
  }
  return {};
}

void signal_thread::ignore(int signal) {
  auto& often = often_[signal];
  if (often.pass(clock::now())) log::info("{} received; ignored{}", name_of(signal), often.suffix());
}

void signal_thread::run() {
  // A terminal that is closed says SIGHUP too, and nobody is there any more to stop us.
  const bool has_terminal = isatty(STDIN_FILENO) != 0;
  while (auto signal = next(clock::time_point::max())) {
    if (is_stop(*signal) || (*signal == SIGHUP && has_terminal && isatty(STDIN_FILENO) == 0))
      return stop(*signal);
    if (*signal == SIGHUP)
      do_.reload();
    else
      ignore(*signal);
  }
}

void signal_thread::stop(int signal) {
  const auto began = clock::now();
  const auto patience = do_.stop(name_of(signal));
  // The parts of the stop have their own limits; this one is for what should never happen.
  while (auto again = next(began + patience + 20s)) {
    if (!is_stop(*again))
      ignore(*again);
    else if (clock::now() - began >= 1s) // some tools signal the process and its group: the same wish, twice
      return do_.end("second signal: ending at once");
  }
  if (!done_) do_.end("did not end in time; exiting now");
}

} // namespace senseflow::runtime
