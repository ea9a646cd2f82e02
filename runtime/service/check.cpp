#include "runtime/service/check.hpp"

#include "runtime/worker.hpp"

#include <fmt/format.h>

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <future>
#include <memory>
#include <system_error>

namespace senseflow::runtime {

namespace {

namespace fs = std::filesystem;

/// Why no directory can be made in this one; empty: it can. Tried, since permissions do not tell it all.
std::string can_not_write(const fs::path& directory) {
  auto name = (directory / ".senseflow-check-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return fmt::format("{} can't be written: {}", directory.string(), std::strerror(errno));
  ::rmdir(name.c_str());
  return {};
}

/// Why a directory, which need not be there, and these files in it can't be used; empty: they can.
std::string why_not(const fs::path& directory, const std::vector<std::string>& files) {
  std::error_code error;
  auto there = fs::absolute(directory, error).lexically_normal();
  if (!there.has_filename()) there = there.parent_path();
  while (there.has_relative_path() && fs::status(there, error).type() == fs::file_type::not_found)
    there = there.parent_path();
  if (const auto type = fs::status(there, error).type(); type == fs::file_type::none)
    return fmt::format("{} can't be reached: {}", there.string(), error.message());
  else if (type != fs::file_type::directory)
    return fmt::format("{} is not a directory", there.string());
  for (const auto& file : files) {
    const auto path = directory / file;
    if (fs::status(path, error).type() == fs::file_type::not_found) continue;
    if (!fs::is_regular_file(path, error)) return fmt::format("{} is not a file", path.string());
    if (::access(path.c_str(), R_OK | W_OK) != 0)
      return fmt::format("{} can't be written: {}", path.string(), std::strerror(errno));
  }
  return can_not_write(there);
}

std::string ask(worker& hand, const std::string& directory, const std::vector<std::string>& files,
                std::chrono::milliseconds patience) {
  auto answered = std::make_shared<std::promise<std::string>>();
  auto result = answered->get_future();
  hand.run([directory, files, answered] { answered->set_value(why_not(directory, files)); });
  if (result.wait_for(patience) == std::future_status::ready) return result.get();
  return fmt::format("its disk has not answered for {:.0f} s",
                     std::chrono::duration<double>(patience).count());
}

} // namespace

std::optional<config::fault> nothing_to_do(const config::settings& s, const std::string& file) {
  if (s.mqtt.enable) return std::nullopt;
  return config::fault{file,
                       0,
                       0,
                       "Butler-SOS.mqttConfig.enable",
                       "is not true: there is nothing to do",
                       "Set it to true and name the broker in brokerHost."};
}

unusable_places check_places(const config::settings& s, const std::string& file,
                             std::chrono::milliseconds patience) {
  unusable_places result;
  if (const auto& d = s.delivery; d.mode != config::delivery_mode::memory) {
    worker_thread hand; // one each: a disk that does not answer keeps it
    if (auto why = ask(hand, d.spool.path, {"spool.lock", "spool.sqlite"}, patience); !why.empty()) {
      const bool needed = d.mode == config::delivery_mode::journal || d.spool.path_given;
      config::fault x{file,
                      0,
                      0,
                      "Butler-SOS.delivery.spool.path",
                      fmt::format("is '{}', which can't be used ({})", d.spool.path, why),
                      "Name a directory that can be written, or set delivery.mode to memory."};
      if (!needed) x.problem += ": events that wait for the broker would be lost with the process";
      (needed ? result.faults : result.warnings).push_back(std::move(x));
    }
  }
  if (s.file_logging) {
    worker_thread hand;
    if (auto why = ask(hand, s.log_directory, {}, patience); !why.empty())
      result.warnings.push_back(
          {file, 0, 0, "Butler-SOS.logDirectory",
           fmt::format("is '{}', which can't be used ({}): the log would go to standard output only",
                       s.log_directory, why),
           "Name a directory that can be written, or set fileLogging to false."});
  }
  return result;
}

} // namespace senseflow::runtime
