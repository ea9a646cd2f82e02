#include "runtime/service/service.hpp"

#include "actors/supervised.hpp"
#include "actors/supervisor.hpp"
#include "runtime/accounting/ledger_report.hpp"
#include "runtime/log.hpp"
#include "runtime/service/options.hpp"
#include "runtime/service/spool.hpp"
#include "runtime/service/test_control.hpp"
#include "runtime/service/tree.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
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

sigset_t signal_set(std::initializer_list<int> signals) {
  sigset_t result;
  sigemptyset(&result);
  for (auto x : signals) sigaddset(&result, x);
  return result;
}

/// SIGUSR2 is ours: it wakes the waiting thread when the tree has ended by itself.
sigset_t stop_signals() { return signal_set({SIGINT, SIGTERM, SIGUSR2}); }
sigset_t all_signals() { return signal_set({SIGINT, SIGTERM, SIGUSR2, SIGHUP}); }

/// Waits for signals in a thread of its own: SIGHUP reloads, another one stops the tree, and one more after
/// that the process.
class signal_waiter {
public:
  signal_waiter(caf::actor_addr root, reloader& again)
      : thread_([root = std::move(root), &again] { run(root, again); }) {}
  ~signal_waiter() {
    pthread_kill(thread_.native_handle(), SIGUSR2);
    thread_.join();
  }

private:
  static int wait_for_the_end(reloader& again) {
    const auto signals = all_signals();
    // A terminal that is closed says SIGHUP too, and nobody is there any more to stop us.
    const bool has_terminal = isatty(STDIN_FILENO) != 0;
    for (;;) {
      int signal = 0;
      sigwait(&signals, &signal);
      if (signal != SIGHUP || (has_terminal && isatty(STDIN_FILENO) == 0)) return signal;
      again.reload();
    }
  }

  static void run(const caf::actor_addr& root, reloader& again) {
    auto signal = wait_for_the_end(again);
    if (signal == SIGUSR2) return;
    const auto signals = stop_signals();
    auto patience = again.running().shutdown.drain_timeout;
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
  auto signals = all_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int run_service(const config::settings& settings, const configuration_source& source) {
  for (const auto& line : describe(settings)) log::info("{}", line);

  auto disk = open_spool(settings);
  if (!disk.usable) return exit_configuration;
  actor_config config{settings};
  auto system = std::make_unique<caf::actor_system>(config);
  int result = exit_ok;
  {
    auto tree = std::make_shared<service_tree>(settings, std::move(disk.value));
    {
      caf::scoped_actor self{*system};
      auto root = tree->start(*system);
      self->monitor(root);
      reloader again{source, settings, *tree};
      signal_waiter waiter{root.address(), again};
      test_control control{tree->env()};
      root = nullptr;
      self->receive([&](const caf::down_msg& dm) {
        if (dm.reason == caf::exit_reason::user_shutdown) return;
        result = exit_gave_up;
        auto why = dm.reason == actors::restart_limit_reached
                       ? "restart limit reached"
                       : "the root supervisor failed (" + actors::cause_of(dm.reason) + ")";
        log::error("{}; exiting with code {}", why, result);
      });
    }
    if (!all_actors_ended(*system, 0)) {
      log::error("an actor is stuck: the process ends without it");
      log::flush();
      std::_Exit(result == exit_ok ? exit_stuck : result);
    }
    tree->settle_rest();
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
