#include "config/reading/findings.hpp"

#include <algorithm>
#include <tuple>

namespace senseflow::config::reading {

bool findings::any_item_faulty(const void* setting) const {
  const auto start = of(setting).key + '[';
  return std::any_of(faults_.begin(), faults_.end(),
                     [&](const config::fault& x) { return x.key.compare(0, start.size(), start) == 0; });
}

void findings::fault(const void* setting, std::string problem, std::string remedy) {
  auto& p = of(setting);
  if (!p.unused) fault(p.at, p.key, std::move(problem), std::move(remedy));
}

void findings::warning(const void* setting, std::string problem, std::string remedy) {
  auto& p = of(setting);
  if (!p.unused) warning(p.at, p.key, std::move(problem), std::move(remedy));
}

void findings::fault(mark at, std::string key, std::string problem, std::string remedy) {
  add(faults_, at, std::move(key), std::move(problem), std::move(remedy));
}

void findings::warning(mark at, std::string key, std::string problem, std::string remedy) {
  add(warnings_, at, std::move(key), std::move(problem), std::move(remedy));
}

void findings::add(list& xs, mark at, std::string key, std::string problem, std::string remedy) {
  if (xs.size() < most) {
    xs.push_back({file_, at.line, at.column, std::move(key), std::move(problem), std::move(remedy)});
  } else if (xs.size() == most) {
    xs.push_back({file_, 0, 0, "", "has more than 1000 of these", "The rest is not listed."});
  }
}

findings::list findings::sorted(list xs) {
  std::stable_sort(xs.begin(), xs.end(), [](const config::fault& a, const config::fault& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return xs;
}

} // namespace senseflow::config::reading
