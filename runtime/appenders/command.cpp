#include "runtime/appenders/command.hpp"

#include "config/files/read_file.hpp"
#include "config/schema/formats.hpp"
#include "runtime/appenders/appenders.hpp"
#include "runtime/sha256.hpp"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <system_error>
#include <utility>

namespace senseflow::runtime::appenders {

namespace {

namespace fs = std::filesystem;

constexpr const char* signature = "Written by senseflow appenders, checksum ";
constexpr size_t largest = 1u << 20; // Qlik's own limit

struct file {
  std::string path, text;
};

std::string checksum(std::string_view text) { return fmt::format("{:016x}", sha256_prefix(text)); }

/// Why it may not be written; empty: it may.
std::string objection(const file& x) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(x.path, error))) return {};
  const auto there = config::files::read_file(x.path, largest);
  if (!there.problem.empty()) return fmt::format("{} {}", x.path, there.problem);
  if (is_ours(there.text)) return {};
  return fmt::format(
      "{} is there already, and is not ours or was changed since. Move it away, or name another "
      "directory; nothing was written.",
      x.path);
}

/// Why it could not be written; empty: it was.
std::string write(const file& x) {
  std::error_code error;
  fs::create_directories(fs::path{x.path}.parent_path(), error);
  const auto fresh = x.path + ".new";
  {
    std::ofstream out{fresh, std::ios::binary | std::ios::trunc};
    out << x.text;
    out.close();
    if (!out) return fmt::format("{} can't be written ({})", fresh, std::strerror(errno));
  }
  fs::rename(fresh, x.path, error);
  return error ? fmt::format("{} can't be written ({})", x.path, error.message()) : std::string{};
}

} // namespace

std::string signed_text(const std::string& first_line, const std::string& open, const std::string& text,
                        const std::string& close) {
  return fmt::format("{}{}{}{}{}\n{}", first_line, open, signature, checksum(text), close, text);
}

bool is_ours(const std::string& content) {
  const auto at = content.substr(0, 200).find(signature);
  if (at == std::string::npos) return false;
  const auto sum = content.substr(at + std::strlen(signature), 16);
  const auto end = content.find('\n', at);
  return end != std::string::npos && checksum(std::string_view{content}.substr(end + 1)) == sum;
}

int write_all(const config::settings& s, const std::string& host, const std::string& directory,
              std::ostream& out, std::ostream& err) {
  if (const auto why = config::schema::why_not(config::schema::format::host, host); !why.empty()) {
    err << fmt::format("'{}' is no host that events can be sent to. {}\n", host, why);
    return 1;
  }
  const auto all = services_for(s);
  if (all.empty()) {
    err << "this configuration wants no events: set userEvents.enable, or logEvents.source.<source>.enable\n";
    return 1;
  }
  const auto what_to_do = instructions(all, s, host);
  std::vector<file> files;
  for (const auto& x : all)
    files.push_back(
        {fmt::format("{}/{}/LocalLogConfig.xml", directory, x.name),
         signed_text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "<!-- ", to_xml(x, host), " -->")});
  files.push_back({directory + "/what-to-do.txt", signed_text("", "", what_to_do, "")});
  for (const auto& x : files)
    if (const auto why = objection(x); !why.empty()) {
      err << why << '\n';
      return 1;
    }
  for (const auto& x : files) {
    if (const auto why = write(x); !why.empty()) {
      err << why << '\n';
      return 1;
    }
    out << x.path << '\n';
  }
  out << '\n' << what_to_do;
  if (const auto doubt = doubts(s, host); !doubt.empty()) err << "\nwarning:\n" << doubt;
  return 0;
}

} // namespace senseflow::runtime::appenders
