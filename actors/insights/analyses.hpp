// All analyses that are switched on, and what keeps them apart: one that fails begins anew, alone.
#pragma once

#include "messages/insights/analysis.hpp"
#include "runtime/log.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace senseflow::actors {

struct analysis_spec {
  std::string name;    ///< as its section in the configuration
  std::string version; ///< what it is made from: with the same version it stays, with another one it inherits
  std::function<std::unique_ptr<messages::insights::analysis>()> make;
};

/// Not thread-safe. Outlives the analyst.
class analyses {
public:
  using moment = messages::insights::moment;
  using findings = messages::insights::findings;

  /// From now on these; others are forgotten.
  void use(std::vector<analysis_spec> specs);

  /// A batch that was here before, or one before it of the same source, is left out.
  void observe(const messages::item_batch& batch, const moment& now);

  findings tick(const moment& now);

  size_t size() const { return all_.size(); }

private:
  struct running {
    analysis_spec spec;
    std::unique_ptr<messages::insights::analysis> what;   ///< null: not made yet
    std::unique_ptr<messages::insights::analysis> former; ///< as long as that is so
  };

  template <class F>
  void let(running& x, const moment& now, F f);

  std::vector<running> all_;
  std::map<uint64_t, uint64_t> seen_;        ///< number of the last batch, by source: bounded by the outlets
  uint64_t repeated_ = 0;                    ///< since the last tick
  std::map<std::string, uint64_t> failures_; ///< likewise, by analysis
  runtime::log::cause_limiter trouble_;
  std::set<std::string> said_; ///< in the log, once, also by analyses that begin anew
};

} // namespace senseflow::actors
