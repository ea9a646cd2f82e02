// A line on the terminal for those who wait. Nothing where standard error is no terminal.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace senseflow::runtime {

/// Columns of the terminal behind a descriptor; 0: it is none.
size_t terminal_width(int fd);

/// One that is written over and over, and gone in the end. Not thread-safe.
class progress_line {
public:
  explicit progress_line(int fd = 2) : fd_(fd), width_(terminal_width(fd)) {}
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  void show(const std::string& text);
  void clear();

private:
  const int fd_;
  const size_t width_;
  bool shown_ = false;
};

/// While it lives: after a second, and then each second, what is being done and for how long already. For
/// work that can't tell how far it is.
class patience {
public:
  explicit patience(std::function<std::string()> what, int fd = 2);
  ~patience();
  patience(const patience&) = delete;
  patience& operator=(const patience&) = delete;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

} // namespace senseflow::runtime
