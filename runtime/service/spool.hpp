// Opens the spool before anything starts.
#pragma once

#include "config/settings.hpp"
#include "runtime/spool/spool.hpp"

#include <memory>

namespace senseflow::runtime {

struct service_spool {
  std::unique_ptr<spool> value; ///< null: everything stays in memory
  bool usable = true;           ///< false: the program must not start; the log says why
};

/// A directory that nobody asked for (the default) and that can't be written costs the spool, not the
/// service; a spool that another process uses, always the start.
service_spool open_spool(const config::settings& settings);

} // namespace senseflow::runtime
