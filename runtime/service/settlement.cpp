#include "runtime/service/settlement.hpp"

#include "actors/cluster/event_twins.hpp"
#include "runtime/log.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string_view>
#include <utility>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto answer_within = 5s;        ///< each of the last commits
constexpr auto last_commits_within = 10s; ///< all of them, of a disk that is slow
constexpr auto close_within = 2s;

/// Whoever is stuck inside an estate keeps what is in it; the others have their turn.
template <class F>
bool settled(std::string_view path, F f) {
  try {
    f();
    return true;
  } catch (const std::exception& e) {
    log::error("{}: what it held is lost ({})", path, e.what());
    return false;
  }
}

actors::outbox_store::committer last_commits(const std::shared_ptr<actors::spool_estate>& spool) {
  return [lease = actors::spool_estate::enter(spool), until = clock::now() + last_commits_within,
          said = false](const messages::spool_commit& x) mutable {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now());
    const auto within = std::clamp<std::chrono::milliseconds>(left, 0ms, answer_within);
    auto result = lease.with([&](const disk& d) { return d.commit(x, within); });
    if (result.status != messages::spool_status::ok && !std::exchange(said, true))
      log::error("what was not delivered can't be written to the spool: {}", result.problem);
    return result;
  };
}

/// What no encoder has got to see yet is encoded here; what the outbox has accepted already, it knows.
bool collect(service_estates& x, actors::outbox_store& into) {
  const auto now = clock::now();
  const auto& names = *x.apps->load();
  const auto& rules = *x.rules->load();
  bool all = true;
  for (const auto& [path, o] : x.outlets->all())
    all &= settled(path, [&, from = o] {
      for (const auto& batch :
           source_outlets::outlet_estate::enter(from).with([](actors::outlet& y) { return y.take_all(); }))
        into.accept(actors::encode(batch, rules, names), now);
    });
  for (const auto& reporter : {x.reporter, x.health_reporter})
    all &= settled(actors::names::ledger_reporter, [&] {
      if (auto report = actors::ledger_reporter_estate::enter(reporter).with([](auto& y) { return y.batch; }))
        into.accept(*report, now);
    });
  all &= settled(actors::names::discovery, [&] {
    if (auto told = actors::discovery_estate::enter(x.discovery).with([](auto& y) { return y.batch; }))
      into.accept(*told, now);
  });
  return all;
}

} // namespace

bool settle_rest(service_estates& x) {
  bool all = true;
  for (const auto& [path, own] : x.receivers) all &= settled(path, [&y = *own] { actors::settle(y); });
  if (x.cluster.events)
    all &= settled(actors::names::event_twins,
                   [&] { actors::settle(*x.cluster.events, x.outlets->of(actors::names::event_twins)); });
  all &= settled(actors::names::outbox, [&] {
    actors::outbox_estate::enter(x.outbox).with([&](actors::outbox_store& s) {
      for (const auto& heard : x.last_words->take()) s.settle(heard.slot, heard.items, clock::now());
      all &= collect(x, s);
      actors::outbox_store::committer commit;
      if (x.spool) all &= settled(actors::names::spool, [&] { commit = last_commits(x.spool); });
      s.end(commit);
      if (s.on_disk() > 0) log::info("{} events wait on disk for the next start", s.on_disk());
    });
  });
  if (!all) x.env->book.left_behind("stuck");
  bool closed = true;
  if (x.spool)
    all &= settled(actors::names::spool, [&] {
      closed = actors::spool_estate::enter(x.spool).with([](disk& d) { return d.close(close_within); });
      if (!closed) log::error("the spool's disk does not answer: the spool is left as it is");
    });
  return all && closed;
}

} // namespace senseflow::runtime
