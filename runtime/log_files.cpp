#include "runtime/log_files.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <regex>
#include <vector>

namespace senseflow::runtime::log {
namespace {

namespace fs = std::filesystem;

constexpr size_t kept = 30;

[[noreturn]] void fail(const fs::path& path) { throw spdlog::spdlog_ex(path.string(), errno); }

} // namespace

log_files::log_files(fs::path directory) : directory_(std::move(directory)) {
  open(std::chrono::duration_cast<day>(std::chrono::system_clock::now().time_since_epoch()));
}

log_files::~log_files() { close(); }

void log_files::open(day today) {
  close();
  std::error_code ignored; // opening tells
  fs::create_directories(directory_, ignored);
  const auto time = std::chrono::system_clock::time_point(today);
  path_ = directory_ /
          fmt::format("senseflow.{:%Y-%m-%d}.log", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
  // Without O_NONBLOCK opening a pipe would wait for a reader.
  file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
  if (file_ < 0) fail(path_);
  struct stat status {};
  if (::fstat(file_, &status) != 0 || !S_ISREG(status.st_mode)) {
    close();
    throw spdlog::spdlog_ex(path_.string() + " is no file");
  }
  day_ = today;
  broken_line_ = false;
  remove_oldest();
}

void log_files::close() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

bool log_files::is_there() const {
  struct stat named {};
  struct stat ours {};
  return ::stat(path_.c_str(), &named) == 0 && ::fstat(file_, &ours) == 0 && named.st_ino == ours.st_ino &&
         named.st_dev == ours.st_dev;
}

void log_files::remove_oldest() const {
  static const std::regex name{R"(senseflow\.\d{4}-\d\d-\d\d\.log)"};
  std::vector<fs::path> files;
  std::error_code ignored; // one more file does no harm
  for (fs::directory_iterator at(directory_, ignored), end; !ignored && at != end; at.increment(ignored))
    if (std::regex_match(at->path().filename().string(), name)) files.push_back(at->path());
  std::sort(files.begin(), files.end());
  for (size_t i = 0; i + kept < files.size(); ++i) fs::remove(files[i], ignored);
}

void log_files::sink_it_(const spdlog::details::log_msg& line) {
  const auto today = std::chrono::duration_cast<day>(line.time.time_since_epoch());
  const auto now = std::chrono::steady_clock::now();
  const bool look = reopen_.exchange(false) || now - looked_ >= std::chrono::seconds(1);
  if (look) looked_ = now;
  if (file_ < 0 || today != day_ || (look && !is_there())) open(today);
  spdlog::memory_buf_t text;
  if (broken_line_) text.push_back('\n');
  formatter_->format(line, text);
  for (size_t done = 0; done < text.size();) {
    const auto n = ::write(file_, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    broken_line_ = n < 0 && (broken_line_ || done > 0);
    if (n < 0) fail(path_);
    done += static_cast<size_t>(n);
  }
}

} // namespace senseflow::runtime::log
