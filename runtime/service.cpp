#include "runtime/service.hpp"

#include "actors/interfaces.hpp"
#include "runtime/log.hpp"
#include "runtime/service_options.hpp"
#include "runtime/service_test_control.hpp"
#include "runtime/service_tree.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;

struct actor_config : caf::actor_system_config {
  explicit actor_config(const config::settings& s) {
    add_message_types<caf::id_block::senseflow>();
    // `sharing` waits on a condition variable; the default, stealing, polls when idle.
    set("scheduler.policy", caf::atom("sharing"));
    auto threads = s.actors.scheduler.threads;
    if (threads == 0) threads = std::max(2u, std::thread::hardware_concurrency());
    set("scheduler.max-threads", static_cast<size_t>(threads));
    set("scheduler.max-throughput", static_cast<size_t>(s.actors.scheduler.throughput));
  }
};

sigset_t stop_signals() {
  sigset_t result;
  sigemptyset(&result);
  sigaddset(&result, SIGINT);
  sigaddset(&result, SIGTERM);
  sigaddset(&result, SIGUSR2); // ours: wakes the waiting thread when the tree has ended by itself
  return result;
}

/// Waits for signals in a thread of its own; the first one stops the tree, a second one the process.
class signal_waiter {
public:
  signal_waiter(caf::actor_addr root, std::chrono::milliseconds patience)
      : thread_([root = std::move(root), patience] { run(root, patience); }) {}
  ~signal_waiter() {
    pthread_kill(thread_.native_handle(), SIGUSR2);
    thread_.join();
  }

private:
  static void run(const caf::actor_addr& root, std::chrono::milliseconds patience) {
    auto signals = stop_signals();
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal == SIGUSR2) return;
    log::info("{}: stopping, sources first; what is on its way gets up to {} ms", strsignal(signal),
              patience.count());
    caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
    // The parts of the stop have their own limits; this one is for what should never happen.
    auto limit = patience + 10s;
    auto stop_began = std::chrono::steady_clock::now();
    do {
      timespec t{std::chrono::duration_cast<std::chrono::seconds>(limit).count(), 0};
      signal = sigtimedwait(&signals, nullptr, &t);
      if (signal == SIGUSR2) return;
      // Some tools signal the process and its group: the same wish, twice.
    } while (signal > 0 && std::chrono::steady_clock::now() - stop_began < 1s);
    log::error(signal < 0 ? "did not end in time: giving up" : "second signal: ending at once");
    log::flush();
    std::_Exit(exit_stuck);
  }

  std::thread thread_;
};

/// An actor that is stuck in a handler keeps its thread: then the process ends around it.
bool all_actors_ended(caf::actor_system& system, size_t expected) {
  auto deadline = std::chrono::steady_clock::now() + 3s;
  while (system.registry().running() > expected) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

} // namespace

void hold_stop_signals() {
  auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int run_service(const config::settings& settings) {
  for (const auto& line : describe(settings)) log::info("{}", line);

  actor_config config{settings};
  auto system = std::make_unique<caf::actor_system>(config);
  int result = exit_ok;
  {
    auto tree = std::make_shared<service_tree>(settings);
    {
      caf::scoped_actor self{*system};
      auto root = tree->start(*system);
      self->monitor(root);
      signal_waiter waiter{root.address(), settings.shutdown.drain_timeout};
      test_control control{tree->env()};
      root = nullptr;
      self->receive([&](const caf::down_msg& dm) {
        if (dm.reason != caf::exit_reason::user_shutdown) result = exit_gave_up;
      });
    }
    if (!all_actors_ended(*system, 0)) {
      log::error("an actor is stuck: the process ends without it");
      log::flush();
      std::_Exit(result == exit_ok ? exit_stuck : result);
    }
    tree->drop_rest();
    auto book = tree->env().book.snapshot();
    log::info("ledger {}", to_json(book));
    for (const auto& line : book)
      if (!line.balanced()) log::error("the ledger does not balance: please report this as a defect");
  }
  log::info(result == exit_ok ? "stopped" : "ended: see the lines above");
  log::flush();
  return result;
}

} // namespace senseflow::runtime
