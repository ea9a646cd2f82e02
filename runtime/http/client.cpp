#include "runtime/http/client.hpp"

#include "runtime/http/handles.hpp"
#include "runtime/http/turns.hpp"
#include "runtime/log.hpp"

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
constexpr auto long_wait = 5s;

// What the thread works on. It keeps this alive itself, since the client may be released by a completion,
// that is on the thread.
class http_engine : public std::enable_shared_from_this<http_engine> {
public:
  http_engine(http_tls tls, size_t max_connections, std::shared_ptr<resolver> names)
      : tls_(std::move(tls)), names_(std::move(names)) {
    limit(max_connections);
  }

  void add(std::unique_ptr<http_transfer> t) {
    {
      std::lock_guard lock(mutex_);
      added_.push_back(std::move(t));
    }
    handles_.wake();
  }

  void limit(size_t max_connections) {
    {
      std::lock_guard lock(mutex_);
      new_limit_ = std::max<size_t>(max_connections, 1);
    }
    handles_.wake();
  }

  void stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    handles_.wake();
  }

  void run() {
    while (take_in()) {
      start_ready();
      auto ended = handles_.perform(handles_.active() >= limit_ && turns_.waiting() > 0);
      for (auto& t : ended) end(std::move(t));
      tell_waiting();
      if (ended.empty()) handles_.wait(); // else its completion may have added more
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
        handles_.limit(limit_);
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
    const auto patience = t->left();
    t->looking_up(true);
    looking_up_.emplace(ticket, std::move(t));
    names_->resolve(name, patience, [weak = weak_from_this(), ticket](const lookup_result& x) {
      const auto me = weak.lock();
      if (!me) return;
      {
        std::lock_guard lock(me->mutex_);
        me->answers_.emplace_back(ticket, x);
      }
      me->handles_.wake();
    });
  }

  void refresh(const std::string& name) { names_->resolve(name, refresh_timeout, {}); } // for the next time

  void looked_up(uint64_t ticket, const lookup_result& answer) {
    auto t = std::move(looking_up_.extract(ticket).mapped());
    t->looking_up(false);
    t->targets().learn(answer);
    if (answer.addresses.empty()) return t->complete(t->unresolved(answer, tls_));
    look_up(std::move(t));
  }

  void start_ready() {
    while (handles_.active() < limit_) {
      auto t = turns_.next(pace_.free(std::chrono::steady_clock::now()));
      if (!t) return;
      if (!t->permitted()) {
        turns_.ended(*t);
        t->complete(t->forbidden(tls_));
        continue;
      }
      auto* pace = t->has_to_connect() ? &pace_ : nullptr;
      handles_.start(std::move(t), tls_, pace);
    }
  }

  void end(transfer_ptr t) {
    const auto next = t->next();
    if (next == http_transfer::step::wait_to_connect) return turns_.line_up_to_connect(std::move(t));
    turns_.ended(*t);
    if (next == http_transfer::step::look_up) return look_up(std::move(t));
    auto response = t->result(tls_);
    // Perhaps it is somewhere else by now.
    if (response.error == http_error::refused || response.error == http_error::timeout)
      for (const auto& name : t->targets().names()) refresh(name);
    t->complete(std::move(response));
  }

  // Nothing stands still unsaid.
  void tell_waiting() {
    if (turns_.longest_wait() > long_wait) {
      if (!crowds_.pass(std::chrono::steady_clock::now())) return;
      crowded_ = true;
      const auto longest = std::chrono::duration_cast<std::chrono::seconds>(turns_.longest_wait());
      log::warn(
          "Sense servers: {} request(s) waiting for a connection, the longest for {} s ({} handshakes "
          "at a time, {} ms each; {} of {} connections in use). Polls that fall due meanwhile are skipped.",
          turns_.waiting(), longest.count(), pace_.at_a_time(), pace_.usual().count(), handles_.active(),
          limit_);
    } else if (crowded_ && turns_.waiting() == 0) {
      crowded_ = false;
      log::info("Sense servers: no request is waiting for a connection any more");
    }
  }

  const http_tls tls_;
  const std::shared_ptr<resolver> names_;
  // The thread's alone:
  handshake_pace pace_; // before those that have a turn
  size_t limit_ = 1;
  uint64_t last_ticket_ = 0;
  std::map<uint64_t, transfer_ptr> looking_up_; // -> turns_ -> handles_
  http_turns turns_{connections_per_server};
  curl_handles handles_{connections_per_server};
  log::limiter crowds_{60s};
  bool crowded_ = false; ///< was told

  std::mutex mutex_; // guards all below
  std::vector<transfer_ptr> added_;
  std::vector<std::pair<uint64_t, lookup_result>> answers_;
  size_t new_limit_ = 0; ///< to be set; 0: it is
  bool stopping_ = false;
};

class curl_client final : public http_client {
public:
  curl_client(http_tls tls, size_t max_connections, std::shared_ptr<resolver> names)
      : engine_(std::make_shared<http_engine>(std::move(tls), max_connections, std::move(names))),
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
  const std::shared_ptr<http_engine> engine_;
  std::thread thread_;
};

} // namespace

std::shared_ptr<http_client> make_http_client(http_tls tls, size_t max_connections,
                                              std::shared_ptr<resolver> names) {
  return std::make_shared<curl_client>(std::move(tls), max_connections, std::move(names));
}

} // namespace senseflow::runtime
