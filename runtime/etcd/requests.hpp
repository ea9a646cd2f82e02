// What is asked of the gateway: paths and JSON bodies.
#pragma once

#include "runtime/etcd/client.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace senseflow::runtime {

struct etcd_request {
  std::string path;
  std::string body;
};

etcd_request grant_request(std::chrono::seconds ttl);
etcd_request keep_alive_request(int64_t lease);
etcd_request revoke_request(int64_t lease);
etcd_request range_request(std::string_view prefix);
etcd_request commit_request(const etcd_transaction& x);
etcd_request alarms_request();
etcd_request authenticate_request(std::string_view user, std::string_view password);

/// Begins one revision before: newer etcds (from 3.5.8) answer no `progress_request` while the revision that a
/// watch begins with has not come. Former values are not asked for: etcd reads them one by one, for 10,000
/// deletions that takes seconds without a sign of life.
etcd_request watch_request(std::string_view prefix, int64_t from_revision);
/// A further line of a watch's request.
std::string progress_request();

/// The first key behind all that begin with the prefix.
std::string end_of_prefix(std::string_view prefix);

} // namespace senseflow::runtime
