// An HTTP client whose answers the test gives by hand.
#pragma once

#include "runtime/http/client.hpp"

#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace senseflow::test {

/// Requests wait, in order, until the test answers them. Thread-safe.
class fake_http_client final : public runtime::http_client {
public:
  struct pending {
    uint64_t id = 0;
    runtime::http_request request;
    completion done;
  };

  void get(uint64_t id, runtime::http_request request, completion done) override {
    std::lock_guard lock(mutex_);
    ++total_;
    waiting_.push_back({id, std::move(request), std::move(done)});
  }

  void limit(size_t) override {}

  /// Requests made so far, and those that have no answer yet.
  size_t total() const {
    std::lock_guard lock(mutex_);
    return total_;
  }
  size_t waiting() const {
    std::lock_guard lock(mutex_);
    return waiting_.size();
  }

  /// The oldest request without an answer whose URL contains `part`; throws if there is none.
  runtime::http_request request(const std::string& part = {}) const {
    std::lock_guard lock(mutex_);
    return waiting_[find(part)].request;
  }

  /// Answers that request with status 200. Throws if there is none.
  void answer(std::string body, const std::string& url_part = {}) {
    runtime::http_response r;
    r.status = 200;
    r.body = std::move(body);
    complete(std::move(r), url_part);
  }

  void fail(runtime::http_error why, const std::string& url_part = {}, std::string detail = "made to fail") {
    runtime::http_response r;
    r.error = why;
    r.detail = std::move(detail);
    complete(std::move(r), url_part);
  }

  /// `r.id` is filled in.
  void complete(runtime::http_response r, const std::string& url_part = {}) {
    std::unique_lock lock(mutex_);
    const auto at = waiting_.begin() + static_cast<std::ptrdiff_t>(find(url_part));
    auto answered = std::move(*at);
    waiting_.erase(at);
    lock.unlock();
    r.id = answered.id;
    answered.done(std::move(r));
  }

  /// Forgets a request: its completion never comes.
  void lose(const std::string& url_part = {}) {
    std::lock_guard lock(mutex_);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(find(url_part)));
  }

private:
  size_t find(const std::string& part) const {
    for (size_t i = 0; i < waiting_.size(); ++i)
      if (waiting_[i].request.url.find(part) != std::string::npos) return i;
    throw std::logic_error("no request is waiting for \"" + part + "\"");
  }

  mutable std::mutex mutex_;
  size_t total_ = 0;
  std::vector<pending> waiting_;
};

} // namespace senseflow::test
