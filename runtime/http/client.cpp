#include "runtime/http/client.hpp"

#include "runtime/http/transfer.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

namespace senseflow::runtime {
namespace {

constexpr long connections_per_server = 4;

// What the thread works on. It keeps this alive itself, since the client may be released by a completion,
// that is on the thread.
class curl_engine {
public:
  curl_engine(http_tls tls, size_t max_connections) : tls_(std::move(tls)) {
    [[maybe_unused]] static const auto library = curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, connections_per_server);
    limit(max_connections);
  }

  ~curl_engine() {
    for (const auto& [easy, transfer] : active_) {
      curl_multi_remove_handle(multi_, easy);
      curl_easy_cleanup(easy);
    }
    for (auto* easy : spare_) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi_);
  }

  curl_engine(const curl_engine&) = delete;
  curl_engine& operator=(const curl_engine&) = delete;

  void add(std::unique_ptr<http_transfer> t) {
    {
      std::lock_guard lock(mutex_);
      added_.push_back(std::move(t));
    }
    curl_multi_wakeup(multi_);
  }

  void limit(size_t max_connections) {
    {
      std::lock_guard lock(mutex_);
      limit_ = static_cast<long>(std::max<size_t>(max_connections, 1));
    }
    curl_multi_wakeup(multi_);
  }

  void stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_);
  }

  void run() {
    while (start_added()) {
      int running = 0;
      curl_multi_perform(multi_, &running);
      if (finish_done()) continue; // its completion may have added more
      curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
    }
  }

private:
  bool start_added() {
    std::vector<std::unique_ptr<http_transfer>> added;
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return false;
      added.swap(added_);
      if (limit_ != 0) {
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, limit_); // kept open
        curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, limit_);
        limit_ = 0;
      }
    }
    for (auto& t : added) {
      auto* easy = handle();
      if (t->prepare(easy, tls_)) {
        curl_multi_add_handle(multi_, easy);
        active_.emplace(easy, std::move(t));
      } else {
        t->complete(t->result(easy, CURLE_URL_MALFORMAT, tls_));
        spare_.push_back(easy);
      }
    }
    return true;
  }

  bool finish_done() {
    bool any = false;
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      auto* easy = message->easy_handle;
      const auto code = message->data.result; // `message` ends with the next call
      curl_multi_remove_handle(multi_, easy);
      auto done = active_.extract(easy);
      auto response = done.mapped()->result(easy, code, tls_);
      spare_.push_back(easy);
      done.mapped()->complete(std::move(response));
      any = true;
    }
    return any;
  }

  // Connections belong to `multi_`: a used handle is as good as a new one, and quicker.
  CURL* handle() {
    if (spare_.empty()) return curl_easy_init();
    auto* easy = spare_.back();
    spare_.pop_back();
    curl_easy_reset(easy);
    return easy;
  }

  const http_tls tls_;
  CURLM* multi_ = nullptr;
  std::map<CURL*, std::unique_ptr<http_transfer>> active_; // this and `spare_`: the thread's
  std::vector<CURL*> spare_;

  std::mutex mutex_; // guards all below
  std::vector<std::unique_ptr<http_transfer>> added_;
  long limit_ = 0; ///< to be set; 0: it is
  bool stopping_ = false;
};

class curl_client final : public http_client {
public:
  curl_client(http_tls tls, size_t max_connections)
      : engine_(std::make_shared<curl_engine>(std::move(tls), max_connections)),
        thread_([engine = engine_] { engine->run(); }) {}

  ~curl_client() override {
    engine_->stop();
    if (thread_.get_id() == std::this_thread::get_id())
      thread_.detach();
    else
      thread_.join();
  }

  void get(uint64_t id, http_request request, completion done) override {
    engine_->add(std::make_unique<http_transfer>(id, std::move(request), std::move(done)));
  }

  void limit(size_t max_connections) override { engine_->limit(max_connections); }

private:
  const std::shared_ptr<curl_engine> engine_;
  std::thread thread_;
};

} // namespace

std::shared_ptr<http_client> make_http_client(http_tls tls, size_t max_connections) {
  return std::make_shared<curl_client>(std::move(tls), max_connections);
}

} // namespace senseflow::runtime
