// Counters with labels for everything that is skipped, retried, restarted or refused; items
// are in the ledger.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::runtime {

/// Thread-safe. Not for the hot path: every call looks its counter up by name and labels.
class metrics {
public:
  using labels = std::map<std::string, std::string>;

  /// `name` ends in `_total`; labels are few and of bounded variety.
  void count(const std::string& name, const labels& l = {}, double n = 1);

  /// Of a `server` or a `child` that is gone: its counters go, what they have counted is added to one of
  /// their name that has no label but this one, with the value "(removed)".
  void forget(const std::string& owner, const std::string& value);

  size_t size() const; ///< counters

  /// All of them, at one moment.
  std::vector<prometheus::MetricFamily> families() const;

  /// Zero for what was never counted.
  double value(const std::string& name, const labels& l = {}) const;

  /// Sum over all labels.
  double sum(const std::string& name) const;

private:
  using counter_family = prometheus::Family<prometheus::Counter>;

  struct counted {
    counter_family* in;
    prometheus::Counter* what;
  };

  prometheus::Counter& counter(counter_family& f, const labels& l);

  mutable std::mutex mutex_;
  prometheus::Registry registry_;
  std::map<std::string, counter_family*> families_;
  /// Those that can be forgotten, by the label and its value.
  std::map<labels::value_type, std::vector<counted>> owned_;
};

} // namespace senseflow::runtime
