// What an error of etcd's means to us.
#pragma once

#include "runtime/etcd/client.hpp"

#include <cstdint>
#include <string>

namespace senseflow::runtime {

/// As it comes: from unary calls as a text with a code, from streams as an object.
struct etcd_refusal {
  int64_t code = -1; ///< of gRPC; -1 = it says none
  std::string message;
};

etcd_error meaning_of(const etcd_refusal& x, int32_t http_status);
/// The token is not known, any more or at all, or there was none.
bool refuses_token(const etcd_refusal& x);
/// The words that go into a log: at least one, whatever the refusal holds. `http_status` 0 = none, of a stream.
std::string words_of(const etcd_refusal& x, int32_t http_status);

} // namespace senseflow::runtime
