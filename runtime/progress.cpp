#include "runtime/progress.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <utility>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;

constexpr const char* back_and_erase = "\r\033[K";

/// What does not fit must not make a second line: that would stay.
std::string cut(std::string text, size_t columns) {
  if (text.size() <= columns) return text;
  while (columns > 0 && (static_cast<unsigned char>(text[columns]) & 0xC0) == 0x80) --columns;
  return text.erase(columns);
}

} // namespace

size_t terminal_width(int fd) {
  winsize x{};
  if (::isatty(fd) != 1) return 0;
  return ::ioctl(fd, TIOCGWINSZ, &x) == 0 && x.ws_col > 0 ? x.ws_col : 80;
}

void progress_line::show(const std::string& text) {
  if (width_ == 0) return;
  const auto line = back_and_erase + cut(text, width_ - 1);
  shown_ = ::write(fd_, line.data(), line.size()) > 0;
}

void progress_line::clear() {
  if (!std::exchange(shown_, false)) return;
  const std::string line = back_and_erase;
  if (::write(fd_, line.data(), line.size()) < 0) return; // then it is nobody's concern
}

patience::patience(std::function<std::string()> what, int fd) {
  if (terminal_width(fd) == 0) return;
  thread_ = std::thread{[this, what = std::move(what), fd] {
    progress_line line{fd};
    std::unique_lock lock{mutex_};
    for (int n = 1; !changed_.wait_for(lock, 1s, [this] { return over_; }); ++n)
      line.show(fmt::format("{} ({} s)", what(), n));
  }};
}

patience::~patience() {
  {
    std::lock_guard lock{mutex_};
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

} // namespace senseflow::runtime
