// SIGHUP: reads the configuration again, compares it with what runs, and lets the tree follow what differs.
// README.md of this folder tells it in one page.
#pragma once

#include "config/load.hpp"
#include "runtime/accounting/metrics.hpp"
#include "runtime/status/facts.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

/// Where the configuration came from, to read it again.
struct configuration_source {
  std::string path;
  std::optional<config::log_level> log_level; ///< from the command line: wins over the file
  config::environment environment;            ///< as it was at the start
};

config::load_result read(const configuration_source& source);

/// Path in the supervision tree -> text of the settings that the actor was made from, without secrets: one
/// with another text is replaced. Branches are not in it, nor is what can follow its settings while it runs:
/// encoders have an empty text.
using child_texts = std::map<std::string, std::string>;

/// A pure function.
child_texts child_versions(const config::settings& s);

/// What new settings come to.
struct settings_change {
  config::settings result;             ///< to run with: the file's, but what needs a restart stays as it runs
  std::vector<std::string> applied;    ///< what is different from now on, in words
  std::vector<std::string> restarting; ///< what waits for a restart, in words
  std::vector<std::string> gone;       ///< what the file had and has no more: as if cut off, in words
};

/// A pure function.
settings_change compare(const config::settings& running, const config::settings& file);

/// One thread at a time.
class reloader {
public:
  /// `follow` makes the running actors those of the settings it is given.
  reloader(configuration_source source, const config::settings& running, metrics& counters,
           std::function<void(const config::settings&)> follow)
      : source_(std::move(source)), running_(running), counters_(counters), follow_(std::move(follow)) {}

  /// A file with faults changes nothing. Says what it did in the log; counts
  /// `reloads_total{result="applied|unchanged|faulty"}`. `asked`: by what, in words.
  reload_fact reload(std::string_view asked = "SIGHUP received");

  const config::settings& running() const { return running_; }

private:
  reload_fact try_reload();

  configuration_source source_;
  config::settings running_;
  metrics& counters_;
  std::function<void(const config::settings&)> follow_;
};

} // namespace senseflow::runtime
