// Counters with labels for everything that is skipped, retried, restarted or refused; items
// are in the ledger.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace senseflow::runtime {

/// Thread-safe. Not for the hot path: every call looks its counter up by name and labels.
class metrics {
public:
  using labels = std::map<std::string, std::string>;

  /// `name` ends in `_total`; labels are few and of bounded variety.
  void count(const std::string& name, const labels& l = {}, double n = 1);

  /// Zero for what was never counted.
  double value(const std::string& name, const labels& l = {}) const;

  /// Sum over all labels.
  double sum(const std::string& name) const;

private:
  mutable std::mutex mutex_;
  prometheus::Registry registry_;
  std::map<std::string, prometheus::Family<prometheus::Counter>*> families_;
};

} // namespace senseflow::runtime
