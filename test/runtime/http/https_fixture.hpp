// What the suites of the HTTP client share: certificates, requests, and a place for answers.
#pragma once

#include "test/support/unit_test.hpp"

#include "runtime/http/client.hpp"

#include "bench/certificates.hpp"
#include "test/support/eventually.hpp"
#include "test/support/https_server.hpp"
#include "test/support/temp_dir.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace senseflow::test {

using runtime::http_error;

// The certificates of all tests: making them takes longer than the tests do.
inline const temp_dir& pki() {
  static const temp_dir directory;
  static const bool made = [] {
    bench::certificate_options o;
    o.passphrase = "open sesame";
    o.expired_server = o.expired_client = o.wrong_ca = true;
    bench::make_certificates(directory.path().string(), o);
    return true;
  }();
  static_cast<void>(made);
  return directory;
}

inline https_server_options server_options(bool mutual = false) {
  return {pki() / "server.pem", pki() / "server_key.pem", mutual ? pki() / "root.pem" : ""};
}

inline runtime::http_tls client_tls() {
  return {pki() / "client.pem", pki() / "client_key.pem", "", pki() / "root.pem", true};
}

/// Of this machine.
inline std::shared_ptr<runtime::resolver> names() {
  static const auto one = runtime::make_resolver();
  return one;
}

inline runtime::http_request get(const std::string& url) {
  runtime::http_request r;
  r.url = url;
  return r;
}

// Collects answers as they come.
struct answers {
  runtime::http_client::completion take() {
    return [this](runtime::http_response r) {
      std::lock_guard lock(mutex);
      all.push_back(std::move(r));
      changed.notify_all();
    };
  }
  bool wait_for(size_t n, std::chrono::seconds within = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, within, [&] { return all.size() >= n; });
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<runtime::http_response> all;
};

inline runtime::http_response fetch(const runtime::http_request& r,
                                    const runtime::http_tls& tls = client_tls()) {
  answers a;
  const auto client = runtime::make_http_client(tls, 8, names());
  client->get(7, r, a.take());
  CAF_REQUIRE(a.wait_for(1));
  const auto result = a.all.front();
  if (result.error != http_error::none) {
    CAF_MESSAGE(result.detail);
    CAF_CHECK(result.body.empty());
    CAF_CHECK(!result.detail.empty() && result.detail.find('\n') == std::string::npos);
  }
  return result;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace senseflow::test
