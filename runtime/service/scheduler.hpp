// Which thread runs which actor: one queue for all threads, as CAF's policy `sharing`, but who sends to another
// actor does not wake a second thread for it. Most actors only hand something over: that costs nothing then.
// (CAF's `stealing` hands over as cheaply, but gives half of all wake-ups to a thread that hangs, and polls.)
#pragma once

#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>

namespace senseflow::runtime {

/// For CAF's coordinator. A job that waits alone, put there by a running actor, is taken by that actor's thread
/// when it has finished; should it not finish, by a thread that wakes for any other reason.
class shared_queue : public caf::policy::unprofiled {
public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}

    std::mutex mutex; // guards the next
    std::deque<caf::resumable*> jobs;
    std::condition_variable some;
  };

  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    put(self, job, 0);
  }

  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    put(self->parent(), job, 0);
  }

  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    put(self->parent(), job, 1);
  }

  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    put(self->parent(), job, 1);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    auto& x = d(self->parent());
    std::unique_lock lock(x.mutex);
    x.some.wait(lock, [&] { return !x.jobs.empty(); });
    auto* const result = x.jobs.front();
    x.jobs.pop_front();
    return result;
  }

  template <class Worker, class F>
  void foreach_resumable(Worker*, F) {}

  template <class Coordinator, class F>
  void foreach_central_resumable(Coordinator* self, F f) {
    auto& x = d(self);
    std::lock_guard lock(x.mutex);
    for (auto* job : x.jobs) f(job);
    x.jobs.clear();
  }

private:
  /// Wakes a thread if more than so many wait.
  template <class Coordinator>
  void put(Coordinator* self, caf::resumable* job, size_t may_wait) {
    auto& x = d(self);
    std::unique_lock lock(x.mutex);
    x.jobs.push_back(job);
    const bool wake = x.jobs.size() > may_wait;
    lock.unlock();
    if (wake) x.some.notify_one();
  }
};

/// For `actor_system_config::load`.
using scheduler = caf::scheduler::coordinator<shared_queue>;

} // namespace senseflow::runtime
