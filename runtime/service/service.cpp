#include "runtime/service/service.hpp"

#include "actors/supervised.hpp"
#include "actors/supervisor.hpp"
#include "runtime/accounting/ledger_report.hpp"
#include "runtime/instance.hpp"
#include "runtime/log.hpp"
#include "runtime/service/manager.hpp"
#include "runtime/service/scheduler.hpp"
#include "runtime/service/settlement.hpp"
#include "runtime/service/signals.hpp"
#include "runtime/service/spool.hpp"
#include "runtime/service/test_control.hpp"
#include "runtime/service/time_limit.hpp"
#include "runtime/service/watch.hpp"
#include "runtime/wiring/options.hpp"
#include "runtime/wiring/ports.hpp"
#include "runtime/wiring/tree.hpp"
#include "runtime/worker.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;

struct actor_config : caf::actor_system_config {
  explicit actor_config(const config::settings& s) {
    add_message_types<caf::id_block::senseflow>();
    load<scheduler>();
    auto threads = s.actors.scheduler.threads;
    if (threads == 0) threads = std::max(2u, std::thread::hardware_concurrency());
    set("scheduler.max-threads", static_cast<size_t>(threads));
    set("scheduler.max-throughput", static_cast<size_t>(s.actors.scheduler.throughput));
  }
};

[[noreturn]] void end_now(const char* why, int code) {
  log::error("{}", why);
  log::flush();
  std::_Exit(code);
}

/// The last word about all items.
void check(const ledger& book) {
  log::info("ledger {}", to_json(book.snapshot()));
  if (book.faults() > 0)
    log::error("{} accounting faults: the ledger can't be relied on, please report this as a defect",
               book.faults());
  for (const auto& sources : book.by_source())
    for (const auto& [source, line] : sources)
      if (!line.balanced())
        log::error("the ledger does not balance for '{}': please report this as a defect", source);
}

observer::origin origin_of(const config::load_result& loaded, const configuration_source& source) {
  observer::origin result{source.path, {}, loaded.not_served};
  for (const auto& x : loaded.warnings) result.warnings.push_back(to_string(x));
  return result;
}

bool settle(service_tree& tree) {
  const bool settled = settle_rest(tree.estates());
  check(tree.env().book);
  return settled;
}

/// Around whatever is still at work, which loses what it has entered. This may hang as something else does.
[[noreturn]] void end_early(service_tree& tree, const char* why) {
  constexpr auto patience = 15s; // more than its parts have
  log::error("{}", why);
  worker_thread hand;
  hand.run([&] { settle(tree); });
  if (!hand.idle(patience)) {
    auto& book = tree.env().book;
    book.left_behind("stuck");
    check(book);
  }
  end_now("exiting without those that are still at work", exit_stuck);
}

/// An actor that is stuck in a handler keeps its thread: then the process ends around it.
bool all_actors_ended(caf::actor_system& system) {
  auto deadline = std::chrono::steady_clock::now() + 3s;
  while (system.registry().running() > 0) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// A thread that still waits for the disk must not find a process that is being dismantled.
int ended(const service_spool& disk, int code) {
  log::flush(); // its thread does not outlive the process, and may have lines left
  if (!disk.hand || disk.hand->idle(1s)) return code;
  std::_Exit(code);
}

} // namespace

int run_service(const config::load_result& loaded, const configuration_source& source,
                std::vector<handed_over_socket> sockets) {
  const auto& settings = loaded.value;
  for (const auto& line : describe(settings)) log::info("{}", line);
  service_manager manager;
  const auto ports = std::make_shared<service_ports>(std::move(sockets), settings);
  for (const auto& line : ports->unused()) log::warn("{}", line);

  auto disk = open_spool(settings, [&](const std::string& text) {
    manager.tell(more_time(15s) + '\n' + status_line("Starting: " + text + '.'));
  });
  if (disk.is == service_spool::state::unusable) return ended(disk, exit_configuration);
  if (disk.is == service_spool::state::stopped) return ended(disk, exit_ok);
  if (disk.value) set_instance(disk.value->found().identity);
  std::optional<time_limit> dismantling;
  actor_config config{settings};
  auto system = std::make_unique<caf::actor_system>(config);
  int result = exit_ok;
  {
    auto tree = std::make_shared<service_tree>(settings, disk.hand, std::move(disk.value), ports);
    reloader again{source, settings, tree->env().counters, [&](const auto& s) { tree->follow(s); }};
    const auto watching = tree->estates().observer;
    watching->loaded(origin_of(loaded, source));
    worker_thread reading; // files may keep one waiting
    service_watch watch{manager, tree->env(), *ports, watch_options(settings)};
    const auto reload = [&](const char* asked, std::function<void(const reload_fact&)> done = {}) {
      log::reopen_files();
      ++tree->env().asked_for_all;
      reading.run([&, asked, done = std::move(done)] {
        watch.reloading();
        const auto fact = again.reload(asked);
        watching->reloaded(fact);
        watch.reloaded(fact.result == "faulty" ? fact.text : "", watch_options(again.running()));
        if (done) done(fact);
      });
    };
    tree->estates().reload = [&reload](auto done) { reload("reload requested over MQTT", std::move(done)); };
    {
      caf::scoped_actor self{*system};
      auto root = tree->start(*system);
      self->monitor(root);
      signal_thread signals{{[&] { reload("SIGHUP received"); },
                             [&](const std::string& name) {
                               auto limit = settings.shutdown.drain_timeout; // no reload changes it
                               log::info("{} received; draining for up to {} s", name,
                                         static_cast<double>(limit.count()) / 1000);
                               watch.stopping(limit);
                               tree->stop(limit);
                               return limit;
                             },
                             [&](const char* why) {
                               reading.idle(1s); // a reload would go on changing the tree
                               end_early(*tree, why);
                             }}};
      test_control control{tree->env()};
      root = nullptr;
      self->receive([&](const caf::down_msg& dm) {
        if (dm.reason == caf::exit_reason::user_shutdown) return;
        result = exit_gave_up;
        auto why = dm.reason == actors::restart_limit_reached
                       ? "restart limit reached"
                       : "the root supervisor failed (" + actors::cause_of(dm.reason) + ")";
        log::error("{}; exiting with code {}", why, result);
        manager.tell(status_line("Failed: " + why + '.'));
      });
    }
    const bool all_read = reading.idle(1s);
    const bool all_ended = all_actors_ended(*system);
    const bool settled = settle(*tree);
    if (!all_ended || !settled)
      end_now(all_ended ? "the disk could not be waited for; exiting without it"
                        : "an actor could not be stopped; exiting without it",
              result == exit_ok ? exit_stuck : result);
    if (!all_read) end_now("the configuration file can't be read to its end; exiting without it", result);
    // Clients wait for their threads, which may be stuck over a file.
    dismantling.emplace(5s, [result] {
      end_now("a thread could not be waited for; exiting without it",
              result == exit_ok ? exit_stuck : result);
    });
  }
  system.reset();
  dismantling.reset();
  log::info(result == exit_ok ? "stopped" : "exiting after an error; see the lines above");
  log::flush();
  return ended(disk, result);
}

} // namespace senseflow::runtime
