#include "runtime/http/handles.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace senseflow::runtime {

using namespace std::chrono_literals;

namespace {

constexpr auto check_every = 50ms;            // limits are whole seconds, as a rule
constexpr size_t connections_of_a_part = 256; // few enough to be looked at after each transfer
constexpr size_t most_parts = 100;
constexpr size_t most_places = 200'000;
constexpr size_t events_at_once = 256;
constexpr uint32_t wake_part = UINT32_MAX;

uint64_t mark_of(uint32_t part, int fd) { return uint64_t{part} << 32 | static_cast<uint32_t>(fd); }

void watch(int epoll, int fd, uint32_t events, uint64_t mark) {
  epoll_event e{};
  e.events = events;
  e.data.u64 = mark;
  if (::epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &e) != 0) ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

/// As curl wants to hear of it.
int happened(uint32_t events) {
  return ((events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) | ((events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
         ((events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
}

} // namespace

curl_handles::curl_handles(size_t connections_per_server)
    : connections_per_server_(connections_per_server), epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  [[maybe_unused]] static const auto library = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (!epoll_ || !wake_) throw std::runtime_error("no file descriptor is left for HTTP");
  watch(epoll_.get(), wake_.get(), EPOLLIN, mark_of(wake_part, wake_.get()));
  add_part();
}

curl_handles::~curl_handles() {
  for (const auto& [easy, t] : active_) {
    curl_multi_remove_handle(t.by->multi, easy);
    curl_easy_cleanup(easy);
  }
  for (auto* easy : spare_) curl_easy_cleanup(easy);
  for (const auto& x : parts_) curl_multi_cleanup(x->multi);
}

void curl_handles::add_part() {
  auto x = std::make_unique<part>();
  x->multi = curl_multi_init();
  x->epoll = epoll_.get();
  x->number = static_cast<uint32_t>(parts_.size());
  curl_multi_setopt(x->multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(connections_per_server_));
  curl_multi_setopt(x->multi, CURLMOPT_SOCKETFUNCTION, &curl_handles::on_socket);
  curl_multi_setopt(x->multi, CURLMOPT_SOCKETDATA, x.get());
  curl_multi_setopt(x->multi, CURLMOPT_TIMERFUNCTION, &curl_handles::on_timer);
  curl_multi_setopt(x->multi, CURLMOPT_TIMERDATA, x.get());
  parts_.push_back(std::move(x));
}

// A server whose part is another one now connects anew.
void curl_handles::limit(size_t connections) {
  const auto wanted = std::clamp<size_t>(connections / connections_of_a_part, 1, most_parts);
  while (parts_.size() < wanted) add_part();
  const auto each = static_cast<long>((connections + parts_.size() - 1) / parts_.size());
  for (const auto& x : parts_) {
    curl_multi_setopt(x->multi, CURLMOPT_MAXCONNECTS, each); // kept open
    curl_multi_setopt(x->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, each);
  }
}

/// In turn: none gets more than its connections are enough for.
curl_handles::part& curl_handles::part_of(const std::string& place) {
  if (places_.size() >= most_places) places_.clear(); // some connect anew
  const auto number = places_.try_emplace(place, places_.size()).first->second;
  return *parts_[number % parts_.size()];
}

// Connections belong to the multi handle: a used handle is as good as a new one, and quicker.
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
    auto& by = part_of(t->targets().place());
    if (const auto until = t->until()) first_until_ = std::min(first_until_, *until);
    active_.emplace(easy, transfer{std::move(t), &by});
    curl_multi_add_handle(by.multi, easy);
  } else {
    t->ended(CURLE_URL_MALFORMAT);
    spare_.push_back(easy);
    impossible_.push_back(std::move(t));
  }
}

curl_handles::transfer_ptr curl_handles::remove(CURL* easy, CURLcode code) {
  auto x = std::move(active_.extract(easy).mapped());
  x.what->ended(code);
  curl_multi_remove_handle(x.by->multi, easy);
  spare_.push_back(easy);
  return std::move(x.what);
}

std::vector<curl_handles::transfer_ptr> curl_handles::perform(bool scarce) {
  auto result = std::exchange(impossible_, {});
  end_forbidden(result);
  work(result);
  const auto now = clock::now();
  if (now - checked_ < check_every) return result;
  checked_ = now;
  std::vector<CURL*> overdue;
  for (const auto& [easy, t] : active_)
    if (t.what->overdue(scarce)) overdue.push_back(easy);
  for (auto* easy : overdue) result.push_back(remove(easy, CURLE_OPERATION_TIMEDOUT));
  return result;
}

// --- curl's sockets and timers --------------------------------------------------------------------

int curl_handles::on_socket(CURL*, curl_socket_t fd, int what, void* of_part, void*) {
  auto& x = *static_cast<part*>(of_part);
  if (what == CURL_POLL_REMOVE) {
    ::epoll_ctl(x.epoll, EPOLL_CTL_DEL, fd, nullptr);
    return 0;
  }
  watch(x.epoll, fd, (what == CURL_POLL_OUT ? 0u : EPOLLIN) | (what == CURL_POLL_IN ? 0u : EPOLLOUT),
        mark_of(x.number, fd));
  return 0;
}

int curl_handles::on_timer(CURLM*, long ms, void* of_part) {
  auto& x = *static_cast<part*>(of_part);
  x.timer.reset();
  if (ms >= 0) x.timer = clock::now() + std::chrono::milliseconds(ms);
  return 0;
}

void curl_handles::act(part& on, int fd, int what, std::vector<transfer_ptr>& ended) {
  int running = 0;
  curl_multi_socket_action(on.multi, fd, what, &running);
  int left = 0;
  while (const auto* message = curl_multi_info_read(on.multi, &left))
    if (message->msg == CURLMSG_DONE) ended.push_back(remove(message->easy_handle, message->data.result));
}

void curl_handles::work(std::vector<transfer_ptr>& ended) {
  std::array<epoll_event, events_at_once> events{};
  const auto n = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < n; ++i) {
    const auto& e = events[static_cast<size_t>(i)];
    const auto number = static_cast<uint32_t>(e.data.u64 >> 32);
    const auto fd = static_cast<int>(e.data.u64 & UINT32_MAX);
    uint64_t wakes = 0;
    if (number != wake_part)
      act(*parts_[number], fd, happened(e.events), ended);
    else if (::read(fd, &wakes, sizeof(wakes)) < 0)
      continue; // somebody has read it
  }
  const auto now = clock::now();
  for (const auto& x : parts_)
    if (x->timer && *x->timer <= now) {
      x->timer.reset();
      act(*x, CURL_SOCKET_TIMEOUT, 0, ended);
    }
}

// --- limits ---------------------------------------------------------------------------------------

// Before curl gets to send anything: this process may have been frozen for any time.
void curl_handles::end_forbidden(std::vector<transfer_ptr>& to) {
  const auto now = boot_clock::now();
  if (now < first_until_) return;
  first_until_ = boot_clock::time_point::max();
  std::vector<CURL*> over;
  for (const auto& [easy, t] : active_)
    if (const auto until = t.what->until()) {
      if (*until <= now)
        over.push_back(easy);
      else
        first_until_ = std::min(first_until_, *until);
    }
  for (auto* easy : over) to.push_back(remove(easy, CURLE_OPERATION_TIMEDOUT));
}

void curl_handles::wait() {
  using ms = std::chrono::milliseconds;
  auto most = ms(1000);
  if (!active_.empty())
    most = std::clamp(std::chrono::ceil<ms>(first_until_ - boot_clock::now()), ms(0), ms(check_every));
  const auto now = clock::now();
  for (const auto& x : parts_)
    if (x->timer) most = std::clamp(std::chrono::ceil<ms>(*x->timer - now), ms(0), most);
  epoll_event any{};
  ::epoll_wait(epoll_.get(), &any, 1, static_cast<int>(most.count()));
}

void curl_handles::wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(wake_.get(), &one, sizeof(one));
}

} // namespace senseflow::runtime
