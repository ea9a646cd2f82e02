#include "runtime/probe/file_checks.hpp"

#include "config/files/pem.hpp"
#include "config/files/read_file.hpp"
#include "config/files/tls_files.hpp"
#include "runtime/descriptors.hpp"
#include "runtime/net/tls_handshake.hpp"
#include "runtime/probe/processes.hpp"
#include "runtime/service/check.hpp"
#include "runtime/wiring/options.hpp"

#include <fmt/format.h>

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace senseflow::runtime::probe {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto disk_patience = 5s;
constexpr std::time_t day = 86400;
constexpr std::time_t soon = 30 * day;
constexpr size_t largest_file = 4u << 20;

std::string place_of(const config::fault& x) {
  return x.line > 0 ? fmt::format("{}:{}:{}", x.file, x.line, x.column) : x.file;
}

std::string words_of(const config::fault& x) {
  return x.key.empty() ? x.problem : fmt::format("{} {}", x.key, x.problem);
}

/// Certificates get findings of their own.
bool is_about_certificates(const config::fault& x) {
  return x.problem.rfind("names '", 0) == 0 &&
         (x.key.find(".cert.") != std::string::npos || x.key.find(".tls.") != std::string::npos);
}

std::string megabytes(uint64_t x) { return fmt::format("{} MiB", x >> 20); }

struct tls_use {
  std::string subject;
  config::files::tls_files files;
};

std::vector<tls_use> uses_of(const config::settings& s) {
  std::vector<tls_use> result;
  const auto sense = sense_tls(s);
  if (!sense.certificate_file.empty() || !sense.ca_file.empty())
    result.push_back({"Certificates for Sense",
                      {sense.ca_file, sense.certificate_file, sense.key_file, sense.key_passphrase}});
  const auto& m = s.mqtt.tls;
  if (m.enable && (!m.ca_file.empty() || !m.cert_file.empty()))
    result.push_back(
        {"Certificates for the broker", {m.ca_file, m.cert_file, m.key_file, m.passphrase.reveal()}});
  const auto& e = s.cluster.etcd.tls;
  if (s.cluster.enable && (!e.ca_file.empty() || !e.cert_file.empty()))
    result.push_back({"Certificates for etcd", {e.ca_file, e.cert_file, e.key_file, {}}});
  return result;
}

/// The one that lasts for longest, as for authorities; the first one, as for our own.
void note_dates(const std::string& check, const std::string& file, bool longest, notebook& to) {
  if (file.empty()) return;
  const auto all = config::files::certificates_in(config::files::read_file(file, largest_file).text);
  if (all.empty()) return; // `look_into` has said why
  const auto later = [](const auto& a, const auto& b) {
    return config::files::end_of(a.get()) < config::files::end_of(b.get());
  };
  const auto* x = longest ? std::max_element(all.begin(), all.end(), later)->get() : all.front().get();
  const auto begin = config::files::begin_of(x), end = config::files::end_of(x);
  to.add(judge_dates(check, fmt::format("{}: valid {} to {}", file, date_of(begin), date_of(end)), begin, end,
                     std::time(nullptr)));
}

void look_at_certificates(const config::files::tls_files& files, notebook& to) {
  for (const auto& x : config::files::look_into(files))
    if (!x.usable) to.add(failed("files", "unusable_files", {}, to_string(x, files), x.remedy));
  note_dates("client certificate", files.certificate, false, to);
  note_dates("authority", files.ca, true, to);
}

/// False: the spool's directory can't be used; its disk may not even answer.
bool look_at_places(const tools& with, const std::string& file, notebook& to) {
  const auto& s = with.settings;
  const auto places = check_places(s, file, disk_patience);
  bool spool_fails = false;
  for (const auto* all : {&places.faults, &places.warnings})
    for (const auto& x : *all) {
      const auto is_spool = x.key.find("spool") != std::string::npos;
      spool_fails = spool_fails || is_spool;
      auto found = failed(is_spool ? "directory" : "log directory",
                          is_spool ? "spool_unusable" : "log_unusable", {}, words_of(x), x.remedy);
      if (all == &places.warnings) found.result = outcome::warning;
      to.add(std::move(found));
    }
  if (s.delivery.mode == config::delivery_mode::memory) return false;
  if (spool_fails)
    to.add(skipped("lock and space", "not looked at"));
  else
    to.add(good("directory", fmt::format("{} can be written", s.delivery.spool.path)));
  return !spool_fails;
}

void look_at_spool(const tools& with, const std::string& file, notebook& to) {
  const auto& d = with.settings.delivery;
  if (!look_at_places(with, file, to)) return;
  const auto lock = d.spool.path + "/spool.lock";
  if (const auto pid = holder_of_lock(lock); pid > 0) {
    const auto name = name_of(pid);
    if (name == "senseflow")
      to.add(good("lock", fmt::format("senseflow runs with it (pid {})", pid)));
    else
      to.add(failed("lock", "spool_locked", fmt::format("{} is held by {} (pid {})", lock, name, pid),
                    "another program has locked the spool: senseflow will not start",
                    "End it, or name another directory in delivery.spool.path."));
  } else {
    to.add(good("lock", "free"));
  }
  std::error_code error;
  auto there = fs::absolute(d.spool.path, error);
  while (there.has_relative_path() && !fs::exists(there, error)) there = there.parent_path();
  struct statvfs disk {};
  if (::statvfs(there.c_str(), &disk) == 0)
    to.add(judge_space(static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize, d.spool.min_free_bytes,
                       d.spool.max_bytes));
}

} // namespace

finding judge_dates(const std::string& check, const std::string& fact, std::time_t begin, std::time_t expiry,
                    std::time_t now) {
  if (expiry < now)
    return failed(check, "own_certificate_expired", fact,
                  "it has expired: servers refuse what it vouches for", "Replace it by a new one.");
  if (begin > now)
    return failed(check, "own_certificate_not_yet_valid", fact, "it is not valid yet",
                  "Check the clock of this machine.");
  if (expiry - now < soon)
    return warning(check, "own_certificate_expires", fact,
                   fmt::format("it expires in {} days", (expiry - now) / day), "Replace it in time.");
  return good(check, fact);
}

finding judge_space(uint64_t free_bytes, uint64_t min_free, uint64_t max_bytes) {
  const auto fact = fmt::format("{} free", megabytes(free_bytes));
  if (free_bytes < min_free)
    return failed(
        "space", "disk_full", fact,
        fmt::format("with less than {} free (delivery.spool.minFreeBytes) the spool does not grow: events "
                    "that wait for the broker get lost",
                    megabytes(min_free)),
        "Make room on that file system, or name a directory on another one in delivery.spool.path.");
  const auto room = std::min(free_bytes - min_free, max_bytes);
  return good("space", fmt::format("{}: room for {} of events", fact, megabytes(room)));
}

namespace {

findings judge_settings(const config::load_result& x, const std::string& file) {
  findings result;
  for (const auto& f : x.faults)
    result.push_back(failed("settings", "configuration", place_of(f), words_of(f), f.remedy));
  for (const auto& f : x.warnings)
    if (!is_about_certificates(f))
      result.push_back(warning("settings", "setting", place_of(f), words_of(f), f.remedy));
  if (!x.faults.empty()) return result;
  if (const auto f = nothing_to_do(x.value, file))
    result.push_back(failed("settings", "configuration", place_of(*f), words_of(*f), f->remedy));
  if (const auto few = descriptor_trouble(x.value, raise_descriptor_limit()); !few.empty())
    result.push_back(warning("open files", "descriptors", {}, few, "Raise LimitNOFILE= of the service."));
  if (result.empty()) result.push_back(good("settings", file + ": no faults"));
  // "user events: not configured (userEvents.enable)", or what there is
  for (const auto& line : describe(x.value)) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos || line.rfind("publishing", 0) == 0) {
      const size_t words = line.rfind("publishing ", 0) == 0 ? 11 : 0; // the check's name says it
      result.push_back(good("publishing", line.substr(words)));
      continue;
    }
    const auto what = line.substr(0, colon), how = line.substr(colon + 2);
    result.push_back(how.rfind("not configured", 0) == 0 ? skipped(what, how) : good(what, how));
  }
  return result;
}

} // namespace

findings judge_configuration(const config::load_result& x, const std::string& file) {
  auto result = judge_settings(x, file);
  for (auto& f : result) f.subject = "Configuration";
  return result;
}

std::vector<job> certificate_jobs(const tools_ptr& with) {
  std::vector<job> result;
  for (auto& x : uses_of(with->settings))
    result.push_back({x.subject, disk_patience,
                      [files = std::move(x.files)](notebook& to) { look_at_certificates(files, to); }});
  return result;
}

std::vector<job> disk_jobs(const tools_ptr& with, const std::string& file) {
  if (with->settings.delivery.mode == config::delivery_mode::memory && !with->settings.file_logging)
    return {};
  return {{"Spool and log", 2 * disk_patience + 5s,
           [with, file](notebook& to) { look_at_spool(*with, file, to); }}};
}

} // namespace senseflow::runtime::probe
