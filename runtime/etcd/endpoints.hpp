// The endpoints, and which of them is asked first.
#pragma once

#include "runtime/http/targets.hpp"

#include <optional>
#include <string>
#include <vector>

namespace senseflow::runtime {

struct etcd_endpoint {
  std::string url; ///< scheme, host and port only; "" = it can't be read
  http_targets names;
};

/// The one that answered last is asked first, the others in their order after it. Not thread-safe.
class etcd_endpoints {
public:
  explicit etcd_endpoints(const std::vector<std::string>& urls);

  size_t size() const { return all_.size(); }
  etcd_endpoint& at(size_t i) { return all_[i]; }

  size_t first() const { return first_; }
  /// The next one that was not tried yet; `tried` has a place for each.
  std::optional<size_t> next(const std::vector<bool>& tried) const;

  void answered(size_t i) { first_ = i; }
  /// It gives its place to the next one, if it has the first.
  void failed(size_t i) {
    if (first_ == i) first_ = (i + 1) % all_.size();
  }

private:
  std::vector<etcd_endpoint> all_;
  size_t first_ = 0;
};

} // namespace senseflow::runtime
