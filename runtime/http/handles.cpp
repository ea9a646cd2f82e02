#include "runtime/http/handles.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::runtime {

using namespace std::chrono_literals;

namespace {

constexpr auto check_every = 50ms; // limits are whole seconds, as a rule

} // namespace

curl_handles::curl_handles(size_t connections_per_server) {
  [[maybe_unused]] static const auto library = curl_global_init(CURL_GLOBAL_DEFAULT);
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(connections_per_server));
}

curl_handles::~curl_handles() {
  for (const auto& [easy, transfer] : active_) {
    curl_multi_remove_handle(multi_, easy);
    curl_easy_cleanup(easy);
  }
  for (auto* easy : spare_) curl_easy_cleanup(easy);
  curl_multi_cleanup(multi_);
}

void curl_handles::limit(size_t connections) {
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(connections)); // kept open
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(connections));
}

// Connections belong to `multi_`: a used handle is as good as a new one, and quicker.
CURL* curl_handles::spare() {
  if (spare_.empty()) return curl_easy_init();
  auto* easy = spare_.back();
  spare_.pop_back();
  curl_easy_reset(easy);
  return easy;
}

void curl_handles::start(transfer_ptr t, const http_tls& tls, handshake_pace* pace) {
  auto* easy = spare();
  if (t->begin(easy, tls, pace)) {
    curl_multi_add_handle(multi_, easy);
    if (const auto until = t->until()) first_until_ = std::min(first_until_, *until);
    active_.emplace(easy, std::move(t));
  } else {
    t->ended(CURLE_URL_MALFORMAT);
    spare_.push_back(easy);
    impossible_.push_back(std::move(t));
  }
}

curl_handles::transfer_ptr curl_handles::remove(CURL* easy, CURLcode code) {
  auto t = std::move(active_.extract(easy).mapped());
  t->ended(code);
  curl_multi_remove_handle(multi_, easy);
  spare_.push_back(easy);
  return t;
}

std::vector<curl_handles::transfer_ptr> curl_handles::perform(bool scarce) {
  auto result = std::exchange(impossible_, {});
  end_forbidden(result);
  int running = 0;
  curl_multi_perform(multi_, &running);
  int left = 0;
  while (const auto* message = curl_multi_info_read(multi_, &left))
    if (message->msg == CURLMSG_DONE) result.push_back(remove(message->easy_handle, message->data.result));
  const auto now = std::chrono::steady_clock::now();
  if (now - checked_ < check_every) return result;
  checked_ = now;
  std::vector<CURL*> overdue;
  for (const auto& [easy, t] : active_)
    if (t->overdue(scarce)) overdue.push_back(easy);
  for (auto* easy : overdue) result.push_back(remove(easy, CURLE_OPERATION_TIMEDOUT));
  return result;
}

// Before curl gets to send anything: this process may have been frozen for any time.
void curl_handles::end_forbidden(std::vector<transfer_ptr>& to) {
  const auto now = boot_clock::now();
  if (now < first_until_) return;
  first_until_ = boot_clock::time_point::max();
  std::vector<CURL*> over;
  for (const auto& [easy, t] : active_)
    if (const auto until = t->until()) {
      if (*until <= now)
        over.push_back(easy);
      else
        first_until_ = std::min(first_until_, *until);
    }
  for (auto* easy : over) to.push_back(remove(easy, CURLE_OPERATION_TIMEDOUT));
}

void curl_handles::wait() {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(first_until_ - boot_clock::now());
  const auto most = active_.empty() ? 1000ms : std::clamp(left, 0ms, std::chrono::milliseconds(check_every));
  curl_multi_poll(multi_, nullptr, 0, static_cast<int>(most.count()), nullptr);
}

} // namespace senseflow::runtime
