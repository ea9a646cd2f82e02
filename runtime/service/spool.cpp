#include "runtime/service/spool.hpp"

#include "runtime/log.hpp"

namespace senseflow::runtime {

service_spool open_spool(const config::settings& settings) {
  const auto& s = settings.delivery;
  if (s.mode == config::delivery_mode::memory) return {};
  spool_options options;
  options.directory = s.spool.path;
  options.max_bytes = s.spool.max_bytes;
  options.min_free_bytes = s.spool.min_free_bytes;
  options.sync = s.mode == config::delivery_mode::journal && s.journal.sync;
  auto opened = spool::open(options);
  if (!opened.warning.empty()) log::error("{}", opened.warning);
  if (opened.value) {
    uint64_t events = 0;
    for (const auto& g : opened.value->found().groups) events += g.count;
    if (events > 0) log::info("the spool holds {} events of an earlier run; publishing them first", events);
    return {std::move(opened.value), true};
  }
  if (opened.in_use) {
    log::error(
        "the spool {} can't be used: {}. Two processes can't share one: stop the other one, or name another "
        "directory in delivery.spool.path.",
        s.spool.path, opened.problem);
    return {nullptr, false};
  }
  if (opened.newer) {
    log::error(
        "{}. Start that version again to publish what is in it, or move the file away to start with an "
        "empty one.",
        opened.problem);
    return {nullptr, false};
  }
  if (s.mode == config::delivery_mode::journal || s.spool.path_given) {
    log::error(
        "the spool can't be used: {}. Name a directory that can be written in delivery.spool.path, or set "
        "delivery.mode to memory.",
        opened.problem);
    return {nullptr, false};
  }
  log::warn("Continuing without a spool: {}. What waits for the broker stays in memory and is lost with the "
            "process. Name a directory that can be written in delivery.spool.path.",
            opened.problem);
  return {};
}

} // namespace senseflow::runtime
