// Why an exchange brought no answer, in plain words.
#pragma once

#include "runtime/etcd/client.hpp"
#include "runtime/http/errors.hpp"

#include <chrono>
#include <string>

namespace senseflow::runtime {

struct etcd_failure {
  etcd_error error = etcd_error::unavailable;
  std::string words; ///< safe to log
};

etcd_failure failure_of(const curl_outcome& o, const etcd_options& options);

} // namespace senseflow::runtime
