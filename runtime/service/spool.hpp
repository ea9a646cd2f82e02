// Opens the spool before anything starts.
#pragma once

#include "config/settings.hpp"
#include "runtime/spool/spool.hpp"
#include "runtime/worker.hpp"

#include <functional>
#include <memory>
#include <string>

namespace senseflow::runtime {

struct service_spool {
  enum class state {
    usable,
    none,     ///< everything stays in memory
    unusable, ///< the program must not start; the log says why
    stopped   ///< nor is it to: it was told to stop meanwhile
  };

  state is = state::none;
  std::shared_ptr<worker_thread> hand; ///< what the disk does is done on this thread
  std::shared_ptr<spool> value;        ///< `usable`
};

/// A directory that nobody asked for (the default) and that can't be written costs the spool, not the
/// service; a spool that another process uses, always the start. A disk that says nothing for 10 s can't be
/// used; one that reads, however long, is waited for, unless the process is told to stop.
/// Meanwhile `progress` is told once a second what it is at.
service_spool open_spool(const config::settings& settings,
                         const std::function<void(const std::string&)>& progress = {});

} // namespace senseflow::runtime
