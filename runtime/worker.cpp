#include "runtime/worker.hpp"

#include "runtime/memory_reserve.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <utility>

namespace senseflow::runtime {

namespace {

/// Without memory it waits, as it would for a disk.
void do_in_one_piece(const worker::job& x) {
  constexpr auto pause = std::chrono::milliseconds(100);
  std::optional<in_one_piece> whole;
  while (!whole) try {
      whole.emplace();
    } catch (const std::bad_alloc&) {
      std::this_thread::sleep_for(pause);
    }
  x();
}

} // namespace

struct worker_thread::state {
  std::mutex mutex; // guards all below
  std::condition_variable changed;
  job next;
  bool busy = false;
  bool ending = false;
  pid_t thread = 0; ///< 0: not yet there

  bool idle() const { return !busy && !next; }

  void work() {
    std::unique_lock lock{mutex};
    thread = gettid();
    while (true) {
      changed.wait(lock, [this] { return ending || next; });
      if (!next) return;
      {
        const auto now = std::exchange(next, {});
        busy = true;
        lock.unlock();
        do_in_one_piece(now);
      } // what the job holds goes on this thread, too
      lock.lock();
      busy = false;
      changed.notify_all();
    }
  }
};

worker_thread::worker_thread() : state_(std::make_shared<state>()), thread_([s = state_] { s->work(); }) {}

worker_thread::~worker_thread() {
  std::unique_lock lock{state_->mutex};
  state_->ending = true;
  const bool idle = state_->idle();
  state_->changed.notify_all();
  lock.unlock();
  if (idle)
    thread_.join();
  else
    thread_.detach();
}

void worker_thread::run(job x) {
  job replaced; // goes when the lock has gone
  std::lock_guard lock{state_->mutex};
  replaced = std::exchange(state_->next, std::move(x));
  state_->changed.notify_all();
}

bool worker_thread::idle(std::chrono::milliseconds within) const {
  std::unique_lock lock{state_->mutex};
  return state_->changed.wait_for(lock, within, [this] { return state_->idle(); });
}

std::optional<uint64_t> worker_thread::bytes_moved() const {
  std::unique_lock lock{state_->mutex};
  std::ifstream file{fmt::format("/proc/self/task/{}/io", state_->thread)};
  lock.unlock();
  uint64_t sum = 0;
  bool known = false;
  std::string what;
  for (uint64_t n = 0; file >> what >> n;)
    if (what == "rchar:" || what == "wchar:") {
      sum += n;
      known = true;
    }
  return known ? std::optional{sum} : std::nullopt;
}

} // namespace senseflow::runtime
