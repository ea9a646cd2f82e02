#include "runtime/net/resolver.hpp"

#include "runtime/net/lookup_table.hpp"
#include "runtime/net/unique_fd.hpp"

#include <ares.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

namespace senseflow::runtime {

namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto look_at_it_every = 1s;

/// Tells one state of a file from another.
struct file_stamp {
  dev_t device = 0;
  ino_t number = 0;
  off_t size = 0;
  timespec modified{};

  static file_stamp of(const std::string& path) {
    struct stat s {};
    if (::stat(path.c_str(), &s) != 0) return {};
    return {s.st_dev, s.st_ino, s.st_size, s.st_mtim};
  }
  bool operator==(const file_stamp& o) const {
    return device == o.device && number == o.number && size == o.size &&
           modified.tv_sec == o.modified.tv_sec && modified.tv_nsec == o.modified.tv_nsec;
  }
};

lookup_status status_of(int ares) {
  switch (ares) {
  case ARES_SUCCESS:
    return lookup_status::found;
  case ARES_ENOTFOUND:
  case ARES_ENODATA:
  case ARES_EBADNAME:
    return lookup_status::unknown_name;
  default:
    return lookup_status::no_answer;
  }
}

std::vector<ip_address> addresses_of(const ares_addrinfo* info) {
  std::vector<ip_address> result;
  for (const auto* node = info ? info->nodes : nullptr; node; node = node->ai_next)
    if (const auto x = address_of(*node->ai_addr))
      if (std::find(result.begin(), result.end(), *x) == result.end()) result.push_back(*x);
  return result;
}

// What the thread works on. It keeps this alive itself, since the resolver may be released by a completion,
// that is on the thread.
class ares_engine {
public:
  explicit ares_engine(resolver_options o)
      : options_(std::move(o)), wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), table_(options_) {
    [[maybe_unused]] static const auto library = ares_library_init(ARES_LIB_INIT_ALL);
    if (!wake_fd_) throw std::system_error(errno, std::system_category(), "the resolver can't be made");
  }
  ares_engine(const ares_engine&) = delete;
  ares_engine& operator=(const ares_engine&) = delete;

  lookup_table& table() { return table_; }

  void wake() {
    const uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_fd_.get(), &one, sizeof one);
  }

  void stop() {
    stopping_ = true;
    wake();
  }

  void run() {
    while (!stopping_) {
      table_.tell_ready();
      table_.expire(steady_clock::now());
      follow_resolv_conf();
      for (const auto& name : table_.next_questions(steady_clock::now())) ask(name);
      wait();
    }
    close_channel();
  }

private:
  struct question {
    ares_engine& engine;
    std::string name;
  };

  void open_channel() {
    ares_options o{};
    char lookups[] = "fb"; // files, then DNS
    o.lookups = lookups;
    auto path = options_.resolv_conf;
    o.resolvconf_path = path.data();
    o.tries = 2;
    o.timeout = static_cast<int>(options_.patience.count());
    o.sock_state_cb = &ares_engine::on_socket;
    o.sock_state_cb_data = this;
    const auto given =
        ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF | ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS | ARES_OPT_SOCK_STATE_CB;
    if (ares_init_options(&channel_, &o, given) != ARES_SUCCESS) {
      channel_ = nullptr;
      return;
    }
    if (!options_.name_servers.empty()) ares_set_servers_ports_csv(channel_, options_.name_servers.c_str());
  }

  // Questions under way end with ARES_EDESTRUCTION.
  void close_channel() {
    if (channel_) ares_destroy(channel_);
    channel_ = nullptr;
    sockets_.clear();
  }

  void follow_resolv_conf() {
    const auto now = steady_clock::now();
    if (channel_ && now - looked_at_ < look_at_it_every) return;
    looked_at_ = now;
    const auto stamp = file_stamp::of(options_.resolv_conf);
    if (channel_ && stamp == stamp_) return;
    stamp_ = stamp;
    close_channel();
    open_channel();
  }

  void ask(const std::string& name) {
    if (!channel_) return table_.answered(name, lookup_status::no_answer, {});
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &ares_engine::on_answer,
                     new question{*this, name});
  }

  static void on_answer(void* arg, int status, int, ares_addrinfo* info) {
    const std::unique_ptr<question> asked{static_cast<question*>(arg)};
    auto addresses = addresses_of(info);
    ares_freeaddrinfo(info);
    auto& me = asked->engine;
    if (status == ARES_EDESTRUCTION) return me.table_.ask_again(asked->name);
    const auto found = status == ARES_SUCCESS && addresses.empty() ? ARES_ENODATA : status;
    me.table_.answered(asked->name, status_of(found), std::move(addresses));
  }

  static void on_socket(void* self, ares_socket_t fd, int readable, int writable) {
    auto& sockets = static_cast<ares_engine*>(self)->sockets_;
    if (!readable && !writable)
      sockets.erase(fd);
    else
      sockets[fd] = static_cast<short>((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
  }

  int patience() const {
    constexpr auto longest = 60s;
    const auto deadline = table_.next_deadline();
    const auto now = steady_clock::now();
    auto result = std::chrono::milliseconds(longest);
    if (deadline - now < longest)
      result =
          std::chrono::ceil<std::chrono::milliseconds>(std::max(deadline - now, steady_clock::duration{}));
    timeval t{};
    if (channel_ && ares_timeout(channel_, nullptr, &t)) {
      const auto until_ares = std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
      result = std::min(result, std::chrono::ceil<std::chrono::milliseconds>(until_ares));
    }
    return static_cast<int>(result.count());
  }

  void wait() {
    std::vector<pollfd> watched{{wake_fd_.get(), POLLIN, 0}};
    for (const auto& [fd, events] : sockets_) watched.push_back({fd, events, 0});
    ::poll(watched.data(), watched.size(), patience());
    uint64_t ignored = 0;
    [[maybe_unused]] const auto got = ::read(wake_fd_.get(), &ignored, sizeof ignored);
    if (!channel_) return;
    for (const auto& x : watched) {
      if (x.fd == wake_fd_.get() || x.revents == 0) continue;
      const auto trouble = x.revents & (POLLERR | POLLHUP);
      ares_process_fd(channel_, (x.revents & POLLIN) || trouble ? x.fd : ARES_SOCKET_BAD,
                      (x.revents & POLLOUT) ? x.fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD); // what is overdue
  }

  const resolver_options options_;
  const unique_fd wake_fd_;
  lookup_table table_;
  std::atomic<bool> stopping_{false};
  // The thread's alone:
  ares_channel channel_ = nullptr;
  std::map<int, short> sockets_;
  file_stamp stamp_;
  steady_clock::time_point looked_at_{};
};

class ares_resolver final : public resolver {
public:
  explicit ares_resolver(resolver_options o)
      : engine_(std::make_shared<ares_engine>(std::move(o))), thread_([engine = engine_] { engine->run(); }) {
  }

  ~ares_resolver() override {
    engine_->stop();
    if (thread_.get_id() == std::this_thread::get_id())
      thread_.detach();
    else
      thread_.join();
  }

  uint64_t resolve(const std::string& name, std::chrono::milliseconds timeout, completion done) override {
    const auto id = engine_->table().add(name, steady_clock::now() + timeout, std::move(done));
    engine_->wake();
    return id;
  }

  void cancel(uint64_t id) override { engine_->table().cancel(id); }

  lookup_result known(const std::string& name) const override { return engine_->table().known(name); }

private:
  const std::shared_ptr<ares_engine> engine_;
  std::thread thread_;
};

} // namespace

std::shared_ptr<resolver> make_resolver(resolver_options options) {
  return std::make_shared<ares_resolver>(std::move(options));
}

} // namespace senseflow::runtime
