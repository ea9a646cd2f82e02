// SIGHUP: reads the configuration again and makes the running tree follow it.
#pragma once

#include "config/load.hpp"
#include "runtime/service/tree.hpp"

#include <optional>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Where the configuration came from, to read it again.
struct configuration_source {
  std::string path;
  std::optional<config::log_level> log_level; ///< from the command line: wins over the file
  config::environment environment;            ///< as it was at the start
};

config::load_result read(const configuration_source& source);

/// What new settings come to.
struct settings_change {
  config::settings result;             ///< to run with: the file's, but what needs a restart stays as it runs
  std::vector<std::string> applied;    ///< what is different from now on, in words
  std::vector<std::string> restarting; ///< what waits for a restart, in words
};

/// A pure function.
settings_change compare(const config::settings& running, const config::settings& file);

/// One thread at a time.
class reloader {
public:
  reloader(configuration_source source, const config::settings& running, service_tree& tree)
      : source_(std::move(source)), running_(running), tree_(tree) {}

  /// A file with faults changes nothing. Says what it did in the log; counts
  /// `reloads_total{result="applied|unchanged|faulty"}`.
  void reload();

  const config::settings& running() const { return running_; }

private:
  const char* try_reload();

  configuration_source source_;
  config::settings running_;
  service_tree& tree_;
};

} // namespace senseflow::runtime
