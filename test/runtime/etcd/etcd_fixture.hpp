// What the suites of the etcd client share: calls that wait for their answer, and a place for events.
#pragma once

#include "test/support/unit_test.hpp"

#include "runtime/etcd/client.hpp"
#include "runtime/net/resolver.hpp"

#include "test/support/etcd_server.hpp"
#include "test/support/eventually.hpp"

#include <curl/curl.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

using runtime::etcd_answer;
using runtime::etcd_error;
using namespace std::chrono_literals;

/// Patient, where the test is not about that: the machine may be busy.
inline runtime::etcd_options options_for(const etcd_server& s, std::chrono::milliseconds timeout = 5s) {
  runtime::etcd_options result;
  result.endpoints = s.endpoints();
  result.timeout = timeout * slowdown;
  return result;
}

/// Collects answers as they come.
struct etcd_answers {
  runtime::etcd_client::completion take() {
    return [this](etcd_answer x) {
      std::lock_guard lock(mutex);
      all.push_back(std::move(x));
      changed.notify_all();
    };
  }
  bool wait_for(size_t n, std::chrono::seconds within = 30s) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, within * slowdown, [&] { return all.size() >= n; });
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<etcd_answer> all;
};

/// A client whose calls wait.
class etcd_caller {
public:
  explicit etcd_caller(runtime::etcd_options o, std::shared_ptr<runtime::resolver> names = {})
      : client(runtime::make_etcd_client(std::move(o), std::move(names))) {}

  etcd_answer grant(std::chrono::seconds ttl = 60s) {
    return wait([&](auto done) { client->grant(1, ttl, done); });
  }
  etcd_answer keep_alive(int64_t lease) {
    return wait([&](auto done) { client->keep_alive(1, lease, done); });
  }
  etcd_answer revoke(int64_t lease) {
    return wait([&](auto done) { client->revoke(1, lease, done); });
  }
  etcd_answer range(const std::string& prefix) {
    return wait([&](auto done) { client->range(1, prefix, done); });
  }
  etcd_answer commit(const runtime::etcd_transaction& x) {
    return wait([&](auto done) { client->commit(1, x, done); });
  }
  etcd_answer alarms() {
    return wait([&](auto done) { client->alarms(1, done); });
  }
  etcd_answer put(const std::string& key, const std::string& value, int64_t lease = 0) {
    return commit({{}, {{runtime::etcd_operation::what::put, key, value, lease}}, {}});
  }

  const std::shared_ptr<runtime::etcd_client> client;

private:
  template <class Call>
  etcd_answer wait(Call call) {
    const auto answers = std::make_shared<etcd_answers>();
    call([answers, take = answers->take()](etcd_answer x) { take(std::move(x)); });
    CAF_REQUIRE(answers->wait_for(1));
    const auto result = answers->all.front();
    CAF_CHECK_EQUAL(result.id, 1u);
    CAF_CHECK_EQUAL(result.detail.empty(), result.error == etcd_error::none);
    if (result.error != etcd_error::none) CAF_MESSAGE(to_string_view(result.error) << ": " << result.detail);
    return result;
  }
};

/// Keeps what a watch tells.
class watch_log {
public:
  using kind = runtime::etcd_watch_event::kind;

  runtime::etcd_client::watcher take() {
    return [s = state_](runtime::etcd_watch_event x) {
      std::lock_guard lock(s->mutex);
      if (s->ended) s->after_the_end = true;
      if (x.revision > s->revision) s->revision = x.revision;
      if (x.what == kind::current) ++s->signs_of_life;
      if (x.what == kind::ended) {
        s->ended = true;
        s->error = x.error;
        s->detail = x.detail;
      }
      for (auto& c : x.changes) s->changes.push_back(std::move(c));
      if (x.what == kind::changes) s->events.push_back(x.revision);
      s->changed.notify_all();
    };
  }

  struct state {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<runtime::etcd_change> changes;
    std::vector<int64_t> events; ///< revisions of those with changes
    int64_t revision = 0;
    size_t signs_of_life = 0;
    bool ended = false;
    bool after_the_end = false;
    etcd_error error = etcd_error::none;
    std::string detail;
  };

  template <class Condition>
  bool wait(Condition condition, std::chrono::seconds within = 20s) {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, within * slowdown, [&] { return condition(*state_); });
  }
  bool wait_for_changes(size_t n) {
    return wait([n](const auto& s) { return s.changes.size() >= n; });
  }
  bool wait_for_life(size_t more = 1) {
    const auto until = now().signs_of_life + more;
    return wait([until](const auto& s) { return s.signs_of_life >= until; });
  }
  bool wait_for_end(std::chrono::seconds within = 20s) {
    return wait([](const auto& s) { return s.ended; }, within);
  }

  struct snapshot {
    std::vector<runtime::etcd_change> changes;
    std::vector<int64_t> events;
    int64_t revision;
    size_t signs_of_life;
    bool ended;
    bool after_the_end;
    etcd_error error;
    std::string detail;
  };
  snapshot now() const {
    std::lock_guard lock(state_->mutex);
    const auto& s = *state_;
    return {s.changes, s.events, s.revision, s.signs_of_life, s.ended, s.after_the_end, s.error, s.detail};
  }

private:
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

/// How often etcd was called by this gRPC method, as its metrics say.
inline long calls_of(const etcd_server& s, const std::string& method) {
  std::string body;
  CURL* easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, (s.endpoint() + "/metrics").c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, 10L);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(
      easy, CURLOPT_WRITEFUNCTION, +[](char* bytes, size_t one, size_t n, void* to) {
        static_cast<std::string*>(to)->append(bytes, one * n);
        return one * n;
      });
  CAF_REQUIRE_EQUAL(curl_easy_perform(easy), CURLE_OK);
  curl_easy_cleanup(easy);
  const auto line = body.find("grpc_server_started_total{grpc_method=\"" + method + "\"");
  if (line == std::string::npos) return 0;
  return std::strtol(body.c_str() + body.find('}', line) + 1, nullptr, 10);
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace senseflow::test
