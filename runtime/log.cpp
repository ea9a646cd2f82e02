#include "runtime/log.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/daily_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <memory>

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

std::shared_ptr<spdlog::logger> make_logger(spdlog::sinks_init_list sinks, bool json) {
  auto made = std::make_shared<spdlog::logger>("senseflow", sinks);
  const auto* pattern = json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %^%v%$";
  made->set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
  made->set_level(spdlog::level::trace);
  made->flush_on(spdlog::level::warn);
  return made;
}

std::shared_ptr<spdlog::logger>& current() {
  static auto logger = make_logger({terminal_sink()}, false);
  return logger;
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

} // namespace

std::string start(const options& o) {
  threshold = o.threshold;
  as_json = o.json;
  std::string problem;
  std::shared_ptr<spdlog::logger> made;
  if (!o.file_directory.empty()) {
    try {
      std::filesystem::create_directories(o.file_directory);
      const auto name = std::filesystem::path(o.file_directory) / "senseflow.%Y-%m-%d.log";
      made = make_logger({terminal_sink(), std::make_shared<spdlog::sinks::daily_file_format_sink_mt>(
                                               name.string(), 0, 0, false, uint16_t{30})},
                         o.json);
    } catch (const std::exception& e) {
      problem =
          fmt::format("Log files can't be written to {} ({}): the log goes to standard output only. Make it "
                      "a directory this user may write to, or switch the log file off.",
                      o.file_directory, e.what());
    }
  }
  if (!made) made = make_logger({terminal_sink()}, o.json);
  current() = made;
  spdlog::set_default_logger(made); // the registry flushes it every second
  spdlog::flush_every(std::chrono::seconds(1));
  return problem;
}

void set_threshold(level l) { threshold = l; }

bool enabled(level l) { return l <= threshold.load(std::memory_order_relaxed); }

void flush() { current()->flush(); }

void write(level l, std::string_view text) {
  std::string line;
  if (as_json.load(std::memory_order_relaxed)) {
    line = json_members(l, text);
  } else {
    line.append(name_of(l)).append(": ");
    append_escaped(line, text);
  }
  current()->log(spdlog_level(l), spdlog::string_view_t(line.data(), line.size()));
}

bool limiter::pass(std::chrono::steady_clock::time_point now) {
  if (!open(now)) {
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
    for (auto i = causes_.begin(); i != causes_.end();)
      i = i->second.open(now) ? causes_.erase(i) : std::next(i);
    if (causes_.size() >= 50) key.clear();
  }
  auto& l = causes_.try_emplace(std::move(key), interval_).first->second;
  if (!l.pass(now)) return false;
  suffix_ = l.suffix();
  return true;
}

} // namespace senseflow::runtime::log
