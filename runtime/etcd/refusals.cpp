#include "runtime/etcd/refusals.hpp"

#include "messages/text/text.hpp"

#include <fmt/format.h>

#include <string_view>

namespace senseflow::runtime {
namespace {

enum grpc : int64_t {
  unknown = 2,
  invalid_argument = 3,
  not_found = 5,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  out_of_range = 11,
  unauthenticated = 16
};

constexpr size_t longest_words = 200;

bool says(const etcd_refusal& x, std::string_view words) {
  return x.message.find(words) != std::string::npos;
}

// A certificate with a CN, wrong password and the like are no codes of their own.
bool denies(const etcd_refusal& x) {
  return says(x, "authentication failed") || says(x, "CommonName") || says(x, "permission denied");
}

} // namespace

bool refuses_token(const etcd_refusal& x) {
  return x.code == unauthenticated || says(x, "invalid auth token") || says(x, "user name is empty") ||
         says(x, "revision of auth store is old");
}

// Codes tell more than HTTP's status, which a proxy may have made.
etcd_error meaning_of(const etcd_refusal& x, int32_t http_status) {
  switch (x.code) {
  case -1:
    return denies(x)                                  ? etcd_error::denied
           : http_status >= 500                       ? etcd_error::unavailable
           : http_status == 401 || http_status == 403 ? etcd_error::denied
                                                      : etcd_error::unusable;
  case invalid_argument:
  case failed_precondition:
    return denies(x) || refuses_token(x) ? etcd_error::denied : etcd_error::refused;
  case not_found:
    return says(x, "lease") ? etcd_error::lease_lost : etcd_error::refused;
  case permission_denied:
  case unauthenticated:
    return etcd_error::denied;
  case resource_exhausted:
    return says(x, "space exceeded")    ? etcd_error::no_space
           : says(x, "larger than max") ? etcd_error::refused
                                        : etcd_error::unavailable;
  case out_of_range:
    return etcd_error::compacted;
  case unknown:
    return denies(x) ? etcd_error::denied : etcd_error::unavailable;
  default:
    return etcd_error::unavailable;
  }
}

std::string words_of(const etcd_refusal& x, int32_t http_status) {
  auto words = messages::cleaned(x.message, longest_words);
  if (words.empty())
    return http_status == 0 ? "no reason given" : fmt::format("status {} without a reason", http_status);
  if (says(x, "CommonName"))
    words += ". Use a client certificate without a CN: etcd's gateway takes no other with authentication on";
  if (says(x, "user name is empty")) words += ". etcd wants a user and a password";
  return words;
}

} // namespace senseflow::runtime
