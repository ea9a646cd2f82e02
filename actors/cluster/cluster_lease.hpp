// A node's lease: how long it is certain to live.
#pragma once

#include "runtime/etcd/client.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace senseflow::actors {

/// Not thread-safe.
class cluster_lease {
public:
  using time_point = runtime::boot_clock::time_point;

  /// Certainty ends so long before the lease can: for a call that comes back late, and for clocks that do not
  /// run alike (100 ppm are 1 ms in 10 s).
  static constexpr auto margin = std::chrono::milliseconds(250);

  void granted(const runtime::etcd_answer& x) {
    id_ = x.lease;
    ttl_ = x.ttl;
    alive_until_ = {};
    kept(x);
  }

  /// A late answer shortens nothing; one about another lease, or an error, means nothing.
  void kept(const runtime::etcd_answer& x) {
    const bool of_this = x.error == runtime::etcd_error::none && id_ != 0 && x.lease == id_;
    if (of_this) alive_until_ = std::max(alive_until_, x.sent + x.ttl - margin);
  }

  void lost() {
    id_ = 0;
    alive_until_ = {};
  }

  int64_t id() const { return id_; } ///< 0 = there is none, as far as we know
  std::chrono::seconds ttl() const { return ttl_; }
  time_point alive_until() const { return alive_until_; } ///< at least

private:
  int64_t id_ = 0;
  std::chrono::seconds ttl_{0};
  time_point alive_until_{};
};

} // namespace senseflow::actors
