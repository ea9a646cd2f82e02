#include "runtime/accounting/metrics.hpp"

namespace senseflow::runtime {

void metrics::count(const std::string& name, const labels& l, double n) {
  std::lock_guard lock{mutex_};
  auto& family = families_[name];
  if (!family) family = &prometheus::BuildCounter().Name("senseflow_" + name).Register(registry_);
  family->Add(l).Increment(n);
}

double metrics::value(const std::string& name, const labels& l) const {
  std::lock_guard lock{mutex_};
  auto i = families_.find(name);
  if (i == families_.end() || !i->second->Has(l)) return 0;
  return i->second->Add(l).Value();
}

double metrics::sum(const std::string& name) const {
  std::lock_guard lock{mutex_};
  double result = 0;
  for (const auto& family : registry_.Collect())
    if (family.name == "senseflow_" + name)
      for (const auto& metric : family.metric) result += metric.counter.value;
  return result;
}

} // namespace senseflow::runtime
