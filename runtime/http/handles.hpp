// curl's side: the transfers that it works on, and the connections that it keeps.
#pragma once

#include "runtime/http/transfer.hpp"

#include <curl/curl.h>

#include <chrono>
#include <map>
#include <memory>
#include <vector>

namespace senseflow::runtime {

/// One thread's, but for `wake`.
class curl_handles {
public:
  using transfer_ptr = std::unique_ptr<http_transfer>;

  explicit curl_handles(size_t connections_per_server);
  ~curl_handles();
  curl_handles(const curl_handles&) = delete;
  curl_handles& operator=(const curl_handles&) = delete;

  /// How many connections there may be, those that are kept open included.
  void limit(size_t connections);
  size_t active() const { return active_.size(); }

  /// Begins an attempt; without a pace it may not open a connection.
  void start(transfer_ptr t, const http_tls& tls, handshake_pace* pace);
  /// Works on all; returns those whose attempt is over. `scarce` as for `overdue`.
  std::vector<transfer_ptr> perform(bool scarce);
  /// Until there is work, or somebody calls `wake`.
  void wait();
  void wake() { curl_multi_wakeup(multi_); }

private:
  CURL* spare();
  transfer_ptr remove(CURL* easy, CURLcode code);
  void end_forbidden(std::vector<transfer_ptr>& to);

  CURLM* multi_;
  std::map<CURL*, transfer_ptr> active_;
  std::vector<transfer_ptr> impossible_; ///< could not be started
  std::vector<CURL*> spare_;
  std::chrono::steady_clock::time_point checked_{};                    ///< for overdue ones
  boot_clock::time_point first_until_ = boot_clock::time_point::max(); ///< of the active ones
};

} // namespace senseflow::runtime
