// The way to the endpoints: names looked up, exchanges on curl's multi interface, connections kept alive.
#pragma once

#include "runtime/etcd/endpoints.hpp"
#include "runtime/etcd/exchange.hpp"
#include "runtime/etcd/inbox.hpp"
#include "runtime/net/resolver.hpp"

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::runtime {

/// One thread's. It waits for nobody: not for name servers either.
class etcd_wire {
public:
  etcd_wire(const etcd_options& options, std::shared_ptr<resolver> names, std::shared_ptr<etcd_inbox> inbox);
  ~etcd_wire();
  etcd_wire(const etcd_wire&) = delete;
  etcd_wire& operator=(const etcd_wire&) = delete;

  /// `post.over` is called by `work`, unless it is dropped before.
  uint64_t post(etcd_endpoint& to, etcd_post post);
  /// A stream has more to send.
  void resume(uint64_t number);
  /// Not while curl calls.
  void drop(uint64_t number);

  /// Moves all on, and tells what has ended.
  void work();
  /// Until there is work, or something is in the inbox.
  void wait(std::chrono::milliseconds most);

private:
  struct travelling {
    etcd_exchange exchange;
    CURL* easy;
    std::string name; ///< of the host; "" = in figures
  };
  struct looking_up {
    etcd_endpoint* to;
    etcd_post post;
    std::chrono::steady_clock::time_point since;
  };
  using exchange_ptr = std::unique_ptr<travelling>;

  CURL* spare();
  void start(uint64_t number, etcd_endpoint& to, etcd_post post);
  void looked_up(uint64_t number, const lookup_result& answer);
  void remove(travelling& x);
  void refresh(const std::string& name);

  const etcd_options& options_;
  const std::shared_ptr<resolver> names_;
  const std::shared_ptr<etcd_inbox> inbox_;
  CURLM* multi_;
  uint64_t last_number_ = 0;
  std::map<uint64_t, looking_up> looking_up_;
  std::map<uint64_t, exchange_ptr> active_;
  std::map<CURL*, uint64_t> numbers_;
  std::vector<CURL*> spare_;
  /// Those that could not even begin.
  std::vector<std::pair<etcd_post, curl_outcome>> failed_;
};

} // namespace senseflow::runtime
