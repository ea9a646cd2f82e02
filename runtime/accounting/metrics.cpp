#include "runtime/accounting/metrics.hpp"

namespace senseflow::runtime {

prometheus::Counter& metrics::counter(counter_family& f, const labels& l) {
  const bool is_new = !f.Has(l);
  auto& result = f.Add(l);
  if (is_new)
    for (const auto* owner : {"server", "child"})
      if (const auto i = l.find(owner); i != l.end()) owned_[*i].push_back({&f, &result});
  return result;
}

void metrics::count(const std::string& name, const labels& l, double n) {
  std::lock_guard lock{mutex_};
  auto& f = families_[name];
  if (!f) f = &prometheus::BuildCounter().Name("senseflow_" + name).Register(registry_);
  counter(*f, l).Increment(n);
}

void metrics::forget(const std::string& owner, const std::string& value) {
  std::lock_guard lock{mutex_};
  const auto found = owned_.extract(labels::value_type{owner, value});
  if (!found) return;
  for (const auto& [f, c] : found.mapped()) {
    f->Add({{owner, "(removed)"}}).Increment(c->Value());
    f->Remove(c);
  }
}

size_t metrics::size() const {
  std::lock_guard lock{mutex_};
  size_t result = 0;
  for (const auto& x : registry_.Collect()) result += x.metric.size();
  return result;
}

std::vector<prometheus::MetricFamily> metrics::families() const {
  std::lock_guard lock{mutex_};
  return registry_.Collect();
}

double metrics::value(const std::string& name, const labels& l) const {
  std::lock_guard lock{mutex_};
  auto i = families_.find(name);
  if (i == families_.end() || !i->second->Has(l)) return 0;
  return i->second->Add(l).Value();
}

double metrics::sum(const std::string& name) const {
  std::lock_guard lock{mutex_};
  const auto i = families_.find(name);
  if (i == families_.end()) return 0;
  double result = 0;
  for (const auto& family : i->second->Collect())
    for (const auto& metric : family.metric) result += metric.counter.value;
  return result;
}

} // namespace senseflow::runtime
