#include "runtime/log.hpp"

#include "runtime/log_files.hpp"
#include "runtime/log_output.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace senseflow::runtime::log {
namespace {

std::atomic<level> threshold{level::info};
std::atomic<bool> as_json{false};

std::string_view name_of(level l) {
  switch (l) {
  case level::error:
    return "error";
  case level::warn:
    return "warn";
  case level::info:
    return "info";
  case level::verbose:
    return "verbose";
  case level::debug:
    return "debug";
  case level::silly:
    return "silly";
  }
  return "info";
}

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

spdlog::sink_ptr terminal_sink() {
  auto sink = std::make_shared<spdlog::sinks::stdout_color_sink_mt>();
  sink->set_color(spdlog::level::info, sink->reset);
  sink->set_color(spdlog::level::debug, sink->dark);
  return sink;
}

constexpr size_t most_waiting = 4096; // lines; then the oldest go

/// One for the life of the process: ending it would wait for an output that is stuck.
const std::shared_ptr<spdlog::details::thread_pool>& thread() {
  static const auto& pool = *new auto(std::make_shared<spdlog::details::thread_pool>(most_waiting, 1));
  return pool;
}

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

/// Where lines go.
struct destination {
  std::shared_ptr<log_files> files; ///< nullptr = none
  std::shared_ptr<log_output> output;
  std::shared_ptr<spdlog::logger> logger;
  std::optional<size_t> overrun_before; ///< lines that the thread had dropped before; nothing without it
  std::atomic<uint64_t> lines{0};
  loss_news told;

  destination(std::shared_ptr<log_files> to_files, bool json) : files(std::move(to_files)) {
    std::vector<spdlog::sink_ptr> sinks{terminal_sink()};
    if (files) sinks.push_back(files);
    output = std::make_shared<log_output>(std::move(sinks));
    const auto* pattern = json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %^%v%$";
    output->set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
  }

  /// As long as there is one thread only.
  void write_at_once() { use(std::make_shared<spdlog::logger>("senseflow", output)); }

  void write_beside() {
    overrun_before = thread()->overrun_counter();
    use(std::make_shared<spdlog::async_logger>("senseflow", output, thread(),
                                               spdlog::async_overflow_policy::overrun_oldest));
  }

  uint64_t overrun() const { return overrun_before ? thread()->overrun_counter() - *overrun_before : 0; }
  uint64_t lost() const { return overrun() + output->lost(); }

private:
  void use(std::shared_ptr<spdlog::logger> l) {
    logger = std::move(l);
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::warn);
  }
};

std::unique_ptr<destination>& current() {
  // Never destroyed: lines may be written until the very end.
  static auto& x = *new auto([] {
    auto made = std::make_unique<destination>(nullptr, false);
    made->write_at_once();
    return made;
  }());
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
  ++to.lines;
  to.logger->log(spdlog_level(l), spdlog::string_view_t(line.data(), line.size()));
}

} // namespace

std::string start(const options& o) {
  threshold = o.threshold;
  as_json = o.json;
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ); // a pipe gets each line as it comes
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
  spdlog::set_default_logger(made->logger); // the registry flushes it every second
  spdlog::flush_every(std::chrono::seconds(1));
  current() = std::move(made);
  return problem;
}

void reopen_files() {
  if (const auto& files = current()->files) files->reopen();
}

void set_threshold(level l) { threshold = l; }

bool enabled(level l) { return l <= threshold.load(std::memory_order_relaxed); }

void flush() {
  auto& to = *current();
  to.logger->flush();
  to.output->wait(to.lines - to.overrun(), std::chrono::seconds(1));
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
