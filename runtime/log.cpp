#include "runtime/log.hpp"

#include "runtime/log_files.hpp"
#include "runtime/log_levels.hpp"
#include "runtime/log_output.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <mutex>
#include <vector>

#include <stdio_ext.h>

namespace senseflow::runtime::log {
namespace {

std::atomic<level> threshold{level::info};
std::atomic<bool> as_json{false};

// spdlog decides colours and flushing by its own levels; what is written is decided by `threshold`.
spdlog::level::level_enum spdlog_level(level l) {
  switch (l) {
  case level::error:
    return spdlog::level::err;
  case level::warn:
    return spdlog::level::warn;
  case level::info:
    return spdlog::level::info;
  default:
    return spdlog::level::debug;
  }
}

/// Throws when the line was not written.
class terminal final : public spdlog::sinks::stdout_color_sink_mt {
public:
  terminal() {
    set_color(spdlog::level::info, reset);
    set_color(spdlog::level::debug, dark);
  }

  void log(const spdlog::details::log_msg& line) override {
    spdlog::sinks::ansicolor_stdout_sink<spdlog::details::console_mutex>::log(line);
    if (std::ferror(stdout) == 0) return;
    const auto why = errno;
    std::clearerr(stdout);
    __fpurge(stdout);
    throw spdlog::spdlog_ex("standard output", why);
  }
};

constexpr size_t most_waiting = 4096; // lines; then the oldest go

using thread = spdlog::details::thread_pool;

std::shared_ptr<thread> make_thread() { return std::make_shared<thread>(most_waiting, 1); }

/// A number that grows is news when it has grown, once in ten seconds.
class loss_news {
public:
  bool news(uint64_t lost) {
    const std::lock_guard lock{mutex_};
    if (lost == told_ || !often_.pass(std::chrono::steady_clock::now())) return false;
    told_ = lost;
    return true;
  }

private:
  std::mutex mutex_;
  limiter often_;
  uint64_t told_ = 0;
};

/// One output, and who writes to it.
class outlet {
public:
  outlet(spdlog::sink_ptr sink, bool json) : output_(std::make_shared<log_output>(std::move(sink))) {
    const auto* pattern = json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %^%v%$";
    output_->set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
    use(std::make_shared<spdlog::logger>("senseflow", output_));
  }

  /// From now on lines are written on that thread.
  void write_on(std::shared_ptr<thread> t) {
    thread_ = std::move(t);
    overrun_before_ = thread_->overrun_counter();
    use(std::make_shared<spdlog::async_logger>("senseflow", output_, thread_,
                                               spdlog::async_overflow_policy::overrun_oldest));
  }

  void write(level l, const std::string& line) {
    ++lines_;
    logger_->log(spdlog_level(l), spdlog::string_view_t(line.data(), line.size()));
  }

  void wait() { output_->wait(lines_ - overrun(), std::chrono::seconds(1)); }
  uint64_t lost() const { return overrun() + output_->lost(); }

private:
  void use(std::shared_ptr<spdlog::logger> l) {
    logger_ = std::move(l);
    logger_->set_level(spdlog::level::trace);
  }

  uint64_t overrun() const { return thread_ ? thread_->overrun_counter() - overrun_before_ : 0; }

  std::shared_ptr<log_output> output_;
  std::shared_ptr<thread> thread_; ///< nullptr: the caller's
  std::shared_ptr<spdlog::logger> logger_;
  size_t overrun_before_ = 0;
  std::atomic<uint64_t> lines_{0};
};

/// Where lines go. A thread for each: a disk that is silent does not silence the terminal.
struct destination {
  std::shared_ptr<log_files> files; ///< nullptr = none
  std::vector<std::unique_ptr<outlet>> outlets;
  loss_news told;

  destination(std::shared_ptr<log_files> to_files, bool json) : files(std::move(to_files)) {
    outlets.push_back(std::make_unique<outlet>(std::make_shared<terminal>(), json));
    if (files) outlets.push_back(std::make_unique<outlet>(files, json));
  }

  void write_beside() {
    // Never destroyed: ending them would wait for an output that is stuck.
    static const auto& threads = *new std::array{make_thread(), make_thread()};
    for (size_t i = 0; i < outlets.size(); ++i) outlets[i]->write_on(threads.at(i));
  }

  uint64_t lost() const {
    uint64_t sum = 0;
    for (const auto& x : outlets) sum += x->lost();
    return sum;
  }
};

std::unique_ptr<destination>& current() {
  // Never destroyed: lines may be written until the very end.
  static auto& x = *new auto(std::make_unique<destination>(nullptr, false));
  return x;
}

bool is_control(std::string_view text, size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  // U+0080..U+009F are control characters too: some terminals obey them.
  const auto before = at > 0 ? static_cast<unsigned char>(text[at - 1]) : 0u;
  return c < 0x20 || c == 0x7f || (before == 0xc2 && c >= 0x80 && c < 0xa0);
}

void append_escaped(std::string& out, std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!is_control(text, i)) {
      out += text[i];
    } else if (text[i] == '\n') {
      out += "\\n";
    } else if (text[i] == '\r') {
      out += "\\r";
    } else if (text[i] == '\t') {
      out += "\\t";
    } else {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c >= 0x80) out.pop_back(); // the lead byte of a two-byte control character
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", c);
    }
  }
}

std::string json_members(level l, std::string_view text) {
  // The replacement of invalid UTF-8 keeps each line valid JSON, whatever came from outside.
  const auto message = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return fmt::format(R"("level":"{}","message":{})", name_of(l), message);
}

void hand_over(destination& to, level l, std::string_view text) {
  std::string line;
  if (as_json.load(std::memory_order_relaxed)) {
    line = json_members(l, text);
  } else {
    line.append(name_of(l)).append(": ");
    append_escaped(line, text);
  }
  for (const auto& x : to.outlets) x->write(l, line);
}

} // namespace

std::string start(const options& o) {
  threshold = o.threshold;
  as_json = o.json;
  std::string problem;
  std::shared_ptr<log_files> files;
  if (!o.file_directory.empty()) {
    try {
      files = std::make_shared<log_files>(o.file_directory);
    } catch (const std::exception& e) {
      problem =
          fmt::format("Log files can't be written to {} ({}): the log goes to standard output only. Make it "
                      "a directory this user may write to, or switch the log file off.",
                      o.file_directory, e.what());
    }
  }
  auto made = std::make_unique<destination>(files, o.json);
  made->write_beside();
  current() = std::move(made);
  return problem;
}

void reopen_files() {
  if (const auto& files = current()->files) files->reopen();
}

void set_threshold(level l) { threshold = l; }

bool enabled(level l) { return l <= threshold.load(std::memory_order_relaxed); }

void flush() {
  for (const auto& x : current()->outlets) x->wait();
}

void write(level l, std::string_view text) {
  auto& to = *current();
  if (const auto n = to.lost(); n > 0 && to.told.news(n))
    hand_over(
        to, level::warn,
        fmt::format("lines of this log lost since the start: {}. Its output is too slow, or failed.", n));
  hand_over(to, l, text);
}

bool limiter::pass(std::chrono::steady_clock::time_point now) {
  if (any_ && now - last_ < interval_) {
    ++held_;
    return false;
  }
  any_ = true;
  last_ = now;
  reported_ = held_;
  held_ = 0;
  return true;
}

std::string limiter::suffix() const {
  return reported_ == 0 ? std::string{} : fmt::format(" ({} more since the last such line)", reported_);
}

bool cause_limiter::pass(std::string_view cause, std::chrono::steady_clock::time_point now) {
  std::string key(cause);
  if (const auto first = key.find('"'), last = key.rfind('"'); first < last) key.erase(first, last - first);
  key.erase(std::remove_if(key.begin(), key.end(), [](unsigned char c) { return std::isdigit(c) != 0; }),
            key.end());
  if (causes_.size() >= 50 && causes_.count(key) == 0) {
    for (auto i = causes_.begin(); i != causes_.end();) {
      auto would = i->second;
      i = would.pass(now) ? causes_.erase(i) : std::next(i);
    }
    if (causes_.size() >= 50) key.clear();
  }
  auto& l = causes_.try_emplace(std::move(key), interval_).first->second;
  if (!l.pass(now)) return false;
  suffix_ = l.suffix();
  return true;
}

} // namespace senseflow::runtime::log
