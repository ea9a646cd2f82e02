#include "runtime/http/client.hpp"

#include "runtime/http/transfer.hpp"
#include "runtime/http/turns.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace senseflow::runtime {
namespace {

using namespace std::chrono_literals;

constexpr size_t connections_per_server = 4;
constexpr auto ask_again_after = 60s;
constexpr auto refresh_timeout = 10s;

// What the thread works on. It keeps this alive itself, since the client may be released by a completion,
// that is on the thread.
class curl_engine : public std::enable_shared_from_this<curl_engine> {
public:
  curl_engine(http_tls tls, size_t max_connections, std::shared_ptr<resolver> names)
      : tls_(std::move(tls)), names_(std::move(names)) {
    [[maybe_unused]] static const auto library = curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(connections_per_server));
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
      new_limit_ = std::max<size_t>(max_connections, 1);
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
    while (take_in()) {
      start_ready();
      int running = 0;
      curl_multi_perform(multi_, &running);
      if (finish_done()) continue; // its completion may have added more
      curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
    }
  }

private:
  using transfer_ptr = http_turns::transfer_ptr;

  bool take_in() {
    std::vector<transfer_ptr> added;
    std::vector<std::pair<uint64_t, lookup_result>> answers;
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return false;
      added.swap(added_);
      answers.swap(answers_);
      if (new_limit_ != 0) {
        limit_ = std::exchange(new_limit_, 0);
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(limit_)); // kept open
        curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(limit_));
      }
    }
    for (auto& t : added) look_up(std::move(t));
    for (const auto& [ticket, answer] : answers) looked_up(ticket, answer);
    return true;
  }

  void look_up(transfer_ptr t) {
    for (;;) {
      const auto name = t->targets().wanted();
      if (name.empty()) return turns_.line_up(std::move(t));
      const auto known = names_->known(name);
      if (known.addresses.empty()) return ask(name, std::move(t));
      if (std::chrono::steady_clock::now() - known.answered > ask_again_after) refresh(name);
      t->targets().learn(known);
    }
  }

  void ask(const std::string& name, transfer_ptr t) {
    const auto ticket = ++last_ticket_;
    const auto patience = t->clock().left();
    t->clock().start();
    looking_up_.emplace(ticket, std::move(t));
    names_->resolve(name, patience, [weak = weak_from_this(), ticket](const lookup_result& x) {
      const auto me = weak.lock();
      if (!me) return;
      {
        std::lock_guard lock(me->mutex_);
        me->answers_.emplace_back(ticket, x);
      }
      curl_multi_wakeup(me->multi_);
    });
  }

  void refresh(const std::string& name) { names_->resolve(name, refresh_timeout, {}); } // for the next time

  void looked_up(uint64_t ticket, const lookup_result& answer) {
    auto t = std::move(looking_up_.extract(ticket).mapped());
    t->clock().stop();
    t->targets().learn(answer);
    if (answer.addresses.empty()) return t->complete(t->unresolved(answer, tls_));
    look_up(std::move(t));
  }

  void start_ready() {
    while (!turns_.empty() && active_.size() < limit_) {
      auto t = turns_.next();
      auto* easy = handle();
      if (t->prepare(easy, tls_)) {
        curl_multi_add_handle(multi_, easy);
        active_.emplace(easy, std::move(t));
      } else {
        end(std::move(t), easy, CURLE_URL_MALFORMAT);
      }
    }
  }

  bool finish_done() {
    bool any = false;
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      auto* easy = message->easy_handle;
      const auto code = message->data.result; // `message` ends with the next call
      curl_multi_remove_handle(multi_, easy);
      end(std::move(active_.extract(easy).mapped()), easy, code);
      any = true;
    }
    return any;
  }

  void end(transfer_ptr t, CURL* easy, CURLcode code) {
    spare_.push_back(easy);
    turns_.ended(*t);
    if (t->unfinished()) return look_up(std::move(t));
    auto response = t->result(easy, code, tls_);
    // Perhaps it is somewhere else by now.
    if (response.error == http_error::refused || response.error == http_error::timeout)
      for (const auto& name : t->targets().names()) refresh(name);
    t->complete(std::move(response));
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
  const std::shared_ptr<resolver> names_;
  CURLM* multi_ = nullptr;
  // The thread's alone:
  size_t limit_ = 1;
  uint64_t last_ticket_ = 0;
  std::map<uint64_t, transfer_ptr> looking_up_; // -> turns_ -> active_
  http_turns turns_{connections_per_server};
  std::map<CURL*, transfer_ptr> active_;
  std::vector<CURL*> spare_;

  std::mutex mutex_; // guards all below
  std::vector<transfer_ptr> added_;
  std::vector<std::pair<uint64_t, lookup_result>> answers_;
  size_t new_limit_ = 0; ///< to be set; 0: it is
  bool stopping_ = false;
};

class curl_client final : public http_client {
public:
  curl_client(http_tls tls, size_t max_connections, std::shared_ptr<resolver> names)
      : engine_(std::make_shared<curl_engine>(std::move(tls), max_connections, std::move(names))),
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

std::shared_ptr<http_client> make_http_client(http_tls tls, size_t max_connections,
                                              std::shared_ptr<resolver> names) {
  return std::make_shared<curl_client>(std::move(tls), max_connections, std::move(names));
}

} // namespace senseflow::runtime
