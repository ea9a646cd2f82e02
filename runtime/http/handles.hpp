// curl's side: the transfers that it works on, and the connections that it keeps.
#pragma once

#include "runtime/http/transfer.hpp"
#include "runtime/net/unique_fd.hpp"

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace senseflow::runtime {

/// One thread's, but for `wake`.
///
/// After each transfer curl looks at all connections that its multi handle keeps. So there are several multi
/// handles, each for some of the servers, on one epoll.
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
  void wake();

private:
  using clock = std::chrono::steady_clock;
  /// Some servers' connections.
  struct part {
    CURLM* multi = nullptr;
    int epoll = -1;
    uint32_t number = 0;
    std::optional<clock::time_point> timer; ///< curl wants to be called then
  };
  struct transfer {
    transfer_ptr what;
    part* by = nullptr;
  };
  static int on_socket(CURL*, curl_socket_t fd, int what, void* of_part, void* known);
  static int on_timer(CURLM*, long ms, void* of_part);

  void add_part();
  part& part_of(const std::string& place);
  CURL* spare();
  transfer_ptr remove(CURL* easy, CURLcode code);
  void end_forbidden(std::vector<transfer_ptr>& to);
  void work(std::vector<transfer_ptr>& ended);
  void act(part& on, int fd, int what, std::vector<transfer_ptr>& ended);

  const size_t connections_per_server_;
  unique_fd epoll_, wake_;
  std::vector<std::unique_ptr<part>> parts_;
  std::unordered_map<std::string, size_t> places_; ///< host and port, numbered as they came
  std::map<CURL*, transfer> active_;
  std::vector<transfer_ptr> impossible_; ///< could not be started
  std::vector<CURL*> spare_;
  clock::time_point checked_{};                                        ///< for overdue ones
  boot_clock::time_point first_until_ = boot_clock::time_point::max(); ///< of the active ones
};

} // namespace senseflow::runtime
