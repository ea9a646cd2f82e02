#include "runtime/probe/probe.hpp"

#include "runtime/descriptors.hpp"
#include "runtime/log.hpp"
#include "runtime/probe/broker_checks.hpp"
#include "runtime/probe/etcd_checks.hpp"
#include "runtime/probe/file_checks.hpp"
#include "runtime/probe/port_checks.hpp"
#include "runtime/probe/report.hpp"
#include "runtime/probe/sense_checks.hpp"
#include "runtime/progress.hpp"
#include "runtime/wiring/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <ostream>
#include <utility>

namespace senseflow::runtime::probe {

namespace {

constexpr size_t threads = 64;

void append(std::vector<job>& to, std::vector<job> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// In the order in which things go wrong in the field.
std::vector<job> all_jobs(const request& x, const config::settings& s) {
  auto with = std::make_shared<tools>();
  with->settings = s;
  with->names = make_resolver();
  with->http = make_http_client(sense_tls(s), sense_connections(s, descriptor_limit()), with->names);
  std::vector<job> result;
  append(result, certificate_jobs(with));
  append(result, sense_jobs(with));
  append(result, etcd_jobs(with));
  append(result, broker_jobs(with));
  append(result, port_jobs(with, x.listen));
  append(result, disk_jobs(with, x.source.path));
  return result;
}

bool holds_failure(const findings& x) {
  return std::any_of(x.begin(), x.end(), [](const finding& f) { return f.result == outcome::failed; });
}

void show(progress_line& line, const standing& now) {
  line.show(fmt::format("{} of {} looked at{}", now.done, now.all,
                        now.waiting_for.empty() ? "" : ", waiting for: " + now.waiting_for));
}

table_style style_of_terminal() {
  table_style result;
  result.width = terminal_width(1);
  const auto* no_colour = std::getenv("NO_COLOR");
  result.colours = result.width > 0 && (no_colour == nullptr || *no_colour == '\0');
  return result;
}

} // namespace

int run(const request& x, std::ostream& out) {
  const auto start = std::chrono::steady_clock::now();
  std::signal(SIGPIPE, SIG_IGN);
  log::set_threshold(log::level::error); // what clients say on their way is in the findings
  report all;
  all.file = x.source.path;
  all.version = SENSEFLOW_VERSION;
  bool left_behind = false;
  {
    progress_line line;
    auto loaded = read(x.source);
    all.found = judge_configuration(loaded, x.source.path);
    if (!holds_failure(all.found)) {
      auto result =
          run_all(all_jobs(x, loaded.value), threads, [&](const standing& now) { show(line, now); });
      left_behind = result.left_behind;
      all.found.insert(all.found.end(), std::make_move_iterator(result.found.begin()),
                       std::make_move_iterator(result.found.end()));
    } else {
      auto rest = skipped("all", "not looked at as long as the configuration has faults");
      rest.subject = "Everything else";
      all.found.push_back(std::move(rest));
    }
  }
  all.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  if (x.json)
    out << to_json(all) << '\n' << std::flush;
  else
    out << to_table(all, style_of_terminal()) << std::flush;
  const int code = verdict_of(all);
  if (left_behind) std::_Exit(code); // its thread holds what others would destroy
  return code;
}

} // namespace senseflow::runtime::probe
