#include "runtime/udp/socket.hpp"

#include "runtime/udp/bind.hpp"

#include <fmt/format.h>

#include <linux/filter.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace senseflow::runtime {
namespace {

// More than a datagram can hold (65,507 bytes, IPv6 jumbograms aside): nothing is cut.
constexpr size_t buffer_bytes = 65536;

std::string address_text(const sockaddr_storage& from) {
  auto address = address_of(reinterpret_cast<const sockaddr&>(from));
  if (address) address->scope = 0; // the same sender, whatever the way
  return address ? to_string(*address) : std::string{};
}

// The buffers of one recvmmsg call, and the sender's text of the previous datagram: most come from one host.
class receive_batch {
public:
  explicit receive_batch(size_t n) : bytes_(new char[n * buffer_bytes]), from_(n), parts_(n), headers_(n) {
    for (size_t i = 0; i < n; ++i) {
      parts_[i] = {bytes_.get() + i * buffer_bytes, buffer_bytes};
      headers_[i].msg_hdr.msg_name = &from_[i];
      headers_[i].msg_hdr.msg_iov = &parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  // As recvmmsg: the number of datagrams, or -1 with errno.
  int receive(int fd, size_t at_most) {
    const auto n = std::min(at_most, headers_.size());
    for (size_t i = 0; i < n; ++i) headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    return ::recvmmsg(fd, headers_.data(), static_cast<unsigned>(n), MSG_DONTWAIT, nullptr);
  }

  bool truncated(size_t i) const { return (headers_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0; }

  datagram get(size_t i) {
    const auto size = headers_[i].msg_hdr.msg_namelen;
    if (last_text_.empty() || size != last_size_ || std::memcmp(&from_[i], &last_, size) != 0) {
      last_ = from_[i];
      last_size_ = size;
      last_text_ = address_text(last_);
    }
    return {std::string(bytes_.get() + i * buffer_bytes, headers_[i].msg_len), last_text_};
  }

private:
  const std::unique_ptr<char[]> bytes_; // not filled: what datagrams never reach takes no memory
  std::vector<sockaddr_storage> from_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> headers_;
  sockaddr_storage last_{};
  socklen_t last_size_ = 0;
  std::string last_text_;
};

class udp_source final : public datagram_source {
public:
  /// Throws std::system_error when no thread can be started.
  /// `kept`: somebody else keeps the socket open.
  udp_source(unique_fd fd, unique_fd stop_fd, const udp_options& o, bool kept)
      : fd_(std::move(fd)), stop_fd_(std::move(stop_fd)), kept_(kept),
        capacity_(std::max<size_t>(o.buffered, 1)), batch_(std::max<size_t>(o.batch, 1)),
        drops_seen_(kept ? kernel_drops(fd_).value_or(0) : 0), reader_([this] { read(); }) {}

  ~udp_source() override { stop(); }

  std::vector<datagram> take(size_t max) override {
    std::vector<datagram> result;
    std::unique_lock lock(mutex_);
    const auto was_full = waiting_.size() >= capacity_;
    const auto n = std::min(max, waiting_.size());
    result.reserve(n);
    std::move(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(n),
              std::back_inserter(result));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(n));
    if (n < max) wake_wanted_ = true;
    lock.unlock();
    if (was_full && n > 0) space_.notify_one();
    return result;
  }

  void on_readable(std::function<void()> wake) override {
    std::unique_lock lock(mutex_);
    wake_ = std::move(wake);
    wake_wanted_ = true;
    if (!waiting_.empty() || !failure_.empty()) call_wake(std::move(lock));
  }

  datagram_counters counters() const override {
    std::lock_guard lock(mutex_);
    count_drops();
    return counters_;
  }

  std::string failure() const override {
    std::lock_guard lock(mutex_);
    return failure_;
  }

  void stop() override {
    std::call_once(stopped_, [this] {
      {
        std::lock_guard lock(mutex_);
        stopping_ = true;
      }
      space_.notify_one();
      const uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(stop_fd_.get(), &one, sizeof(one));
      reader_.join();
      if (!kept_) {
        let_nothing_in();
        receive_the_rest();
      }
      std::lock_guard lock(mutex_);
      count_drops();
      fd_.reset();
    });
  }

private:
  void read() {
    for (;;) {
      size_t room = 0;
      {
        std::unique_lock lock(mutex_);
        space_.wait(lock, [this] { return stopping_ || waiting_.size() < capacity_; });
        if (stopping_) return;
        room = capacity_ - waiting_.size();
      }
      const auto n = batch_.receive(fd_.get(), room);
      if (n > 0) {
        add(static_cast<size_t>(n));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        pollfd watched[] = {{fd_.get(), POLLIN, 0}, {stop_fd_.get(), POLLIN, 0}};
        ::poll(watched, 2, -1);
      } else if (errno != EINTR && errno != ECONNREFUSED) {
        fail(std::system_category().message(errno));
        return;
      }
    }
  }

  // A filter that takes nothing: senders don't stop with us. What comes from now on counts as
  // dropped by the kernel.
  void let_nothing_in() const {
    sock_filter nothing[] = {{BPF_RET | BPF_K, 0, 0, 0}};
    const sock_fprog program{1, nothing};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  }

  // What arrived before the stop still counts: at most what the receive buffer holds.
  void receive_the_rest() {
    constexpr size_t many = 1000;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5); // should never pass
    while (std::chrono::steady_clock::now() < deadline) {
      const auto n = batch_.receive(fd_.get(), many);
      if (n <= 0) return;
      add(static_cast<size_t>(n));
    }
  }

  void add(size_t n) {
    std::unique_lock lock(mutex_);
    counters_.received += n;
    for (size_t i = 0; i < n; ++i) {
      if (batch_.truncated(i))
        ++counters_.truncated;
      else
        waiting_.push_back(batch_.get(i));
    }
    if (wake_wanted_ && !waiting_.empty()) call_wake(std::move(lock));
  }

  void fail(const std::string& why) {
    std::unique_lock lock(mutex_);
    failure_ = "receiving datagrams failed: " + why;
    call_wake(std::move(lock));
  }

  // The wish is taken back under the lock under which the reader adds and `take` looks: no wake-up is lost.
  void call_wake(std::unique_lock<std::mutex> lock) {
    const auto wake = wake_;
    if (!wake) return;
    wake_wanted_ = false;
    lock.unlock();
    wake();
  }

  // The kernel's own counter is read, not the one that comes with datagrams: drops after the
  // last one count too.
  void count_drops() const {
    const auto drops = kernel_drops(fd_);
    if (!drops) return;
    counters_.kernel_drops += static_cast<uint32_t>(*drops - drops_seen_); // it wraps at 32 bits
    drops_seen_ = *drops;
  }

  unique_fd fd_;
  const unique_fd stop_fd_;
  const bool kept_;
  const size_t capacity_;
  receive_batch batch_; // the reader's alone

  mutable std::mutex mutex_; // guards all below
  std::condition_variable space_;
  std::deque<datagram> waiting_;
  std::function<void()> wake_;
  bool wake_wanted_ = true;
  bool stopping_ = false;
  std::string failure_;
  mutable datagram_counters counters_;
  mutable uint32_t drops_seen_;

  std::once_flag stopped_;
  std::thread reader_; // last: it uses everything above
};

udp_opened receive_from(bound_udp bound, const udp_options& options, bool kept) {
  udp_opened result;
  result.error = std::move(bound.error);
  if (!result.error.empty()) return result;
  const auto fail = [&](const char* what, int error, const char* remedy) {
    result.error = fmt::format("UDP port {} can't be {} ({}): {}.", bound.port, what,
                               std::system_category().message(error), remedy);
    return result;
  };
  unique_fd stop_fd{::eventfd(0, EFD_CLOEXEC)};
  if (!stop_fd) return fail("watched", errno, "raise the limit of open files (LimitNOFILE=, ulimit -n)");
  result.port = bound.port;
  result.receive_buffer_bytes = bound.receive_buffer_bytes;
  result.warning = std::move(bound.warning);
  try {
    result.source = std::make_shared<udp_source>(std::move(bound.fd), std::move(stop_fd), options, kept);
  } catch (const std::system_error& e) {
    return fail("read, no thread can be started for it", e.code().value(),
                "raise the limit of processes (TasksMax=, ulimit -u)");
  }
  return result;
}

} // namespace

udp_opened open_udp(const udp_options& options) { return receive_from(bind_udp(options), options, false); }

udp_opened open_handed_over(const unique_fd& handed_over, const udp_options& options) {
  auto result = receive_from(adopt_udp(handed_over, options), options, true);
  result.origin = ", handed over by the service manager";
  if (const auto drops = kernel_drops(handed_over); drops.value_or(0) > 0)
    result.origin += fmt::format(" (at which the kernel has dropped {} datagrams before)", *drops);
  return result;
}

} // namespace senseflow::runtime
