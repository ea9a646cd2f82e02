#include "runtime/vital_signs.hpp"

#include <algorithm>

namespace senseflow::runtime {

void vital_signs::alive(const std::string& path, time_point now) {
  std::lock_guard lock{mutex_};
  latest_[path] = now;
}

void vital_signs::forget(const std::string& path) {
  std::lock_guard lock{mutex_};
  latest_.erase(path);
}

void vital_signs::forget_below(const std::string& supervisor) {
  const auto start = supervisor.empty() ? supervisor : supervisor + '/';
  std::lock_guard lock{mutex_};
  for (auto i = latest_.lower_bound(start);
       i != latest_.end() && i->first.compare(0, start.size(), start) == 0;)
    i = latest_.erase(i);
}

std::optional<vital_signs::silence> vital_signs::longest_silence(time_point now) const {
  std::lock_guard lock{mutex_};
  const auto oldest = std::min_element(latest_.begin(), latest_.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (oldest == latest_.end()) return std::nullopt;
  return silence{oldest->first, now - oldest->second};
}

} // namespace senseflow::runtime
