// One POST to the gateway on its way through curl.
#pragma once

#include "runtime/etcd/client.hpp"
#include "runtime/http/errors.hpp"

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

struct etcd_post {
  std::string url;
  std::string token;               ///< "" = none
  std::chrono::milliseconds limit; ///< of all; of a stream: for connecting
  std::string body;                ///< a call's
  /// A stream's: what to send next, "" = nothing at present, `resume` asks again. Its answer goes on.
  std::function<std::string()> more;
  /// What comes, with the status of the answer; false = no more of it, please. Called by curl.
  std::function<bool(std::string_view bytes, int32_t status)> take;
  /// The end; called once, not by curl.
  std::function<void(const curl_outcome&)> over;
};

/// Stays where it is while curl works on it. Belongs to one thread.
class etcd_exchange {
public:
  explicit etcd_exchange(etcd_post post) : post_(std::move(post)) {}

  /// Sets all options on a fresh or reset handle. `addresses` are as CURLOPT_RESOLVE takes them, none for a host
  /// in figures.
  void begin(CURL* easy, const etcd_options& options, const std::vector<std::string>& addresses);
  void resume();
  /// curl is done with it.
  curl_outcome ended(CURLcode code);
  void tell(const curl_outcome& x) { post_.over(x); }

  const etcd_post& post() const { return post_; }

private:
  struct free_list {
    void operator()(curl_slist* l) const { curl_slist_free_all(l); }
  };
  using list = std::unique_ptr<curl_slist, free_list>;

  static void append(list& l, const std::string& line);
  static size_t on_body(const char* bytes, size_t one, size_t n, void* self);
  static size_t on_send(char* to, size_t one, size_t n, void* self);
  static int on_name(void*, void*, void* self);
  void set_tls(const etcd_options& options);
  int32_t status() const;

  const etcd_post post_;
  CURL* easy_ = nullptr; ///< while curl works on it
  list headers_, addresses_;
  std::string outgoing_;
  bool paused_ = false; ///< curl waits for more to send
  bool enough_ = false;
  char words_[CURL_ERROR_SIZE] = "";
};

} // namespace senseflow::runtime
