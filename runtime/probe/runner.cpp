#include "runtime/probe/runner.hpp"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <system_error>
#include <thread>

namespace senseflow::runtime::probe {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto tick = 100ms;

/// Shared with the threads, which may outlive the caller.
struct bell {
  std::mutex mutex;
  std::condition_variable rung;
  size_t times = 0;

  void ring() {
    {
      std::lock_guard lock{mutex};
      ++times;
    }
    rung.notify_all();
  }
};

/// Joined when it has ended: what libraries keep for a thread goes with it, not beside the end of the process.
struct running {
  job what;
  std::thread thread;
  std::shared_ptr<notebook> pages = std::make_shared<notebook>();
  std::shared_ptr<std::atomic<bool>> ended = std::make_shared<std::atomic<bool>>(false);
  clock::time_point since{};
  enum class state : uint8_t { waiting, started, over } now = state::waiting;
};

/// False if there is no thread for it.
bool start(running& x, const std::shared_ptr<bell>& end) {
  x.since = clock::now();
  try {
    x.thread = std::thread{[work = std::move(x.what.work), pages = x.pages, ended = x.ended, end]() mutable {
      try {
        work(*pages);
      } catch (const std::exception& e) {
        pages->add(failed("check", "internal", {}, fmt::format("it has failed itself ({})", e.what()),
                          "Try again; if that helps not, please report it."));
      }
      work = nullptr; // what it holds belongs to the thread
      *ended = true;
      end->ring();
    }};
  } catch (const std::system_error& e) {
    x.pages->add(failed("check", "internal", {}, fmt::format("it can't be started ({})", e.what()),
                        "See the limits of this user's processes and memory."));
    return false;
  }
  return true;
}

} // namespace

void notebook::add(finding x) {
  std::lock_guard lock{mutex_};
  if (!closed_) written_.push_back(std::move(x));
}

findings notebook::close() {
  std::lock_guard lock{mutex_};
  closed_ = true;
  return std::move(written_);
}

outcome_of_all run_all(std::vector<job> jobs, size_t at_a_time,
                       const std::function<void(const standing&)>& tell) {
  using state = running::state;
  std::vector<running> all;
  for (auto& x : jobs) all.emplace_back().what = std::move(x);
  const auto end = std::make_shared<bell>();
  outcome_of_all result;
  size_t heard = 0;
  for (;;) {
    size_t under_way = 0;
    standing now{0, all.size(), {}};
    const running* oldest = nullptr;
    for (auto& x : all) {
      if (x.now == state::started && *x.ended) {
        x.thread.join();
        x.now = state::over;
      }
      if (x.now == state::started && clock::now() - x.since > x.what.limit) {
        x.pages->add(failed("time", "hangs", {},
                            fmt::format("the checks did not end within {:.0f} s",
                                        std::chrono::duration<double>(x.what.limit).count()),
                            "See whether the machine is overloaded, or a file system does not answer."));
        x.thread.detach();
        x.now = state::over;
        result.left_behind = true;
      }
      if (x.now == state::started) ++under_way;
    }
    for (auto& x : all) {
      if (x.now == state::waiting && under_way < at_a_time) {
        x.now = start(x, end) ? state::started : state::over;
        if (x.now == state::started) ++under_way;
      }
      if (x.now == state::over) ++now.done;
      if (x.now == state::started && (!oldest || x.since < oldest->since)) oldest = &x;
    }
    if (oldest) now.waiting_for = oldest->what.subject;
    if (tell) tell(now);
    if (now.done == all.size()) break;
    std::unique_lock lock{end->mutex};
    end->rung.wait_for(lock, tick, [&] { return end->times > heard; });
    heard = end->times;
  }
  for (auto& x : all)
    for (auto& found : x.pages->close()) {
      found.subject = x.what.subject;
      result.found.push_back(std::move(found));
    }
  return result;
}

} // namespace senseflow::runtime::probe
