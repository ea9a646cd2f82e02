#include "config/load.hpp"
#include "config/print.hpp"
#include "runtime/appenders/command.hpp"
#include "runtime/commands/cluster_command.hpp"
#include "runtime/commands/health_command.hpp"
#include "runtime/descriptors.hpp"
#include "runtime/log_levels.hpp"
#include "runtime/memory_reserve.hpp"
#include "runtime/mqtt/proxy.hpp"
#include "runtime/probe/probe.hpp"
#include "runtime/probe/report.hpp"
#include "runtime/progress.hpp"
#include "runtime/service/check.hpp"
#include "runtime/service/manager.hpp"
#include "runtime/service/service.hpp"
#include "runtime/service/signals.hpp"
#include "runtime/udp/handed_over.hpp"
#include "runtime/wiring/options.hpp"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace senseflow;

void show_warnings(const std::vector<config::fault>& warnings) {
  for (const auto& x : warnings) std::cerr << "warning: " << to_string(x) << '\n';
}

int show_faults(const std::vector<config::fault>& faults) {
  for (const auto& x : faults) std::cerr << to_string(x) << '\n';
  if (!faults.empty()) runtime::service_manager{}.tell(runtime::status_line(to_string(faults.front())));
  std::cerr << faults.size() << (faults.size() == 1 ? " fault" : " faults")
            << " in the configuration: nothing was started\n";
  return runtime::exit_configuration;
}

/// What start scripts of Butler SOS may say; not in --help.
struct foreign_options {
  explicit foreign_options(CLI::App& app) {
    all["--skip-config-verification"] = app.add_flag("--skip-config-verification");
    for (const std::string name :
         {"--new-relic-account-name", "--new-relic-api-key", "--new-relic-account-id"})
      all[name] = app.add_option(name, values);
    for (auto& [name, option] : all) option->group("");
  }

  std::map<std::string, CLI::Option*> all;
  std::vector<std::string> values; ///< nobody reads them
};

/// Everything needs the configuration, but options of the program are not listed with its commands.
struct help_format : CLI::Formatter {
  std::string make_usage(const CLI::App* app, std::string name) const override {
    return Formatter::make_usage(app, std::move(name) + " -c FILE");
  }
};

CLI::App* command(CLI::App& to, const char* name, const char* help) {
  auto* result = to.add_subcommand(name, help);
  result->fallthrough(); // options of the program may stand behind it
  return result;
}

/// `senseflow health`
struct health_options {
  explicit health_options(CLI::App& app)
      : health(command(app, "health",
                       "ask the running instance how it is (0: it is well enough, 1: it is not, 2: it can't "
                       "be asked)")) {}

  static int run(const config::load_result& loaded) {
    for (const auto& x : loaded.faults) std::cerr << to_string(x) << '\n';
    if (!loaded) return runtime::exit_not_asked;
    const auto& x = loaded.value.admin;
    if (x.enable)
      return runtime::ask_health({x.host, x.port, x.tls.certificate, x.token.reveal()}, std::cout, std::cerr);
    std::cerr << "admin.enable is not true in this configuration: nobody answers\n";
    return runtime::exit_not_asked;
  }

  CLI::App* health;
};

/// `senseflow cluster …`
struct cluster_options {
  explicit cluster_options(CLI::App& app) {
    cluster = command(app, "cluster", "inspect the cluster; drain nodes");
    cluster->require_subcommand(1);
    status = command(*cluster, "status", "nodes, servers, and why each server is where it is");
    status->add_flag("--json", json, "as JSON");
    drain = command(*cluster, "drain", "move a node's servers away, before maintenance");
    drain->add_option("NODE", node, "its id")->required();
    undrain = command(*cluster, "undrain", "let a drained node take servers again");
    undrain->add_option("NODE", node, "its id")->required();
  }

  int run(const config::settings& s) const {
    if (drain->parsed()) return runtime::cluster_drain(s, node, std::cout, std::cerr);
    if (undrain->parsed()) return runtime::cluster_undrain(s, node, std::cout, std::cerr);
    return runtime::cluster_status(s, json, std::cout, std::cerr);
  }

  CLI::App* cluster;
  CLI::App* status;
  CLI::App* drain;
  CLI::App* undrain;
  bool json = false;
  std::string node;
};

/// `senseflow probe`
struct probe_options {
  explicit probe_options(CLI::App& app)
      : probe(command(app, "probe",
                      "check everything senseflow needs; report problems and remedies (0: nothing has "
                      "failed, 1: something has, 2: the command line is wrong)")) {
    probe->add_option("--listen", listen, "also listen at the UDP ports, for so many seconds")
        ->check(CLI::Range(1, 3600));
    probe->add_flag("--json", json, "as JSON");
  }

  int run(const runtime::configuration_source& source) const {
    return runtime::probe::run({source, std::chrono::seconds(listen), json}, std::cout);
  }

  CLI::App* probe;
  int listen = 0;
  bool json = false;
};

/// `senseflow appenders`
struct appender_options {
  explicit appender_options(CLI::App& app)
      : appenders(command(app, "appenders", "write the LocalLogConfig.xml files for the Sense servers")) {
    appenders->add_option("--to", host, "where they are to send to: this machine, as Sense servers know it")
        ->type_name("HOST")
        ->required();
    appenders->add_option("DIR", directory, "where to write them")->required();
  }

  int run(const config::settings& s) const {
    return runtime::appenders::write_all(s, host, directory, std::cout, std::cerr);
  }

  CLI::App* appenders;
  std::string host, directory;
};

config::load_result read(const runtime::configuration_source& source, bool patiently) {
  std::optional<runtime::patience> waiting; // a large file takes seconds
  if (patiently) waiting.emplace([&] { return "reading " + source.path; });
  return runtime::read(source);
}

} // namespace

int main(int argc, char** argv) {
  runtime::hold_signals();
  auto sockets = runtime::take_handed_over(); // before there are threads, as the next
  runtime::forget_proxy_variables();
  // Without it the C library asks the disk about the time zone each time that Paho tells its trace the time:
  // three times a message.
  ::setenv("TZ", ":/etc/localtime", 0);
  const std::vector<std::string> level_names(runtime::log::level_names.begin(),
                                             runtime::log::level_names.end());
  CLI::App app{"senseflow publishes what Qlik Sense Enterprise on Windows does to an MQTT broker."};
  app.formatter(std::make_shared<help_format>()); // commands inherit it
  std::string file;
  std::string level;
  bool check = false;
  bool print = false;
  app.add_option("-c,--configfile", file, "the YAML configuration file (a Butler SOS file works as it is)");
  app.add_option("-l,--loglevel", level, "error, warn, info, verbose, debug or silly; wins over the file")
      ->transform(CLI::IsMember(level_names, CLI::ignore_case));
  app.add_flag("--check-config", check,
               "check the configuration and exit (0: there are no faults, 1: there are)");
  app.add_flag("--print-config", print, "print the effective settings, secrets masked, and exit");
  app.set_version_flag("--version", SENSEFLOW_VERSION, "print the version and exit");
  const cluster_options of_cluster{app};
  const health_options of_health{app};
  const probe_options of_probe{app};
  const appender_options of_appenders{app};
  const foreign_options foreign{app};
  // Those who ask tell it from what they have found.
  const auto wrong_usage = [&]() -> int {
    if (of_probe.probe->parsed()) return runtime::probe::exit_usage;
    return of_health.health->parsed() ? runtime::exit_not_asked : runtime::exit_configuration;
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) { // --help, --version
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    app.exit(e); // prints what is wrong; its codes are not ours
    return wrong_usage();
  }
  for (const auto& [name, option] : foreign.all)
    if (option->count() > 0) std::cerr << "warning: " << name << " is not supported, ignored\n";
  if (file.empty()) {
    std::cerr << "no configuration file given: senseflow -c FILE (an example is config/minimal.yaml)\n";
    return wrong_usage();
  }

  runtime::configuration_source source{file, {}, config::environment::of_process().for_file(file)};
  if (const auto x = runtime::log::level_from_name(level))
    source.log_level = static_cast<config::log_level>(*x); // the same by name, see options.cpp
  if (of_probe.probe->parsed()) {
    runtime::release_signals();
    return of_probe.run(source);
  }
  if (of_health.health->parsed()) {
    runtime::release_signals();
    return health_options::run(runtime::read(source));
  }
  auto loaded = read(source, check || print);
  if (!of_cluster.cluster->parsed()) show_warnings(loaded.warnings);
  if (!loaded) return show_faults(loaded.faults);
  if (of_appenders.appenders->parsed()) return of_appenders.run(loaded.value);
  if (of_cluster.cluster->parsed()) {
    runtime::release_signals();
    return of_cluster.run(loaded.value);
  }
  if (print) std::cout << config::print(loaded.value);
  const auto descriptors = runtime::raise_descriptor_limit();
  const auto too_few = runtime::descriptor_trouble(loaded.value, descriptors);
  if (check && !too_few.empty()) std::cerr << "warning: " << too_few << '\n';
  if (print && !check) return runtime::exit_ok;
  if (const auto fault = runtime::nothing_to_do(loaded.value, file)) return show_faults({*fault});
  if (check) {
    std::optional<runtime::patience> waiting{[] { return "looking at the directories"; }};
    const auto places = runtime::check_places(loaded.value, file);
    waiting.reset();
    show_warnings(places.warnings);
    if (!places.faults.empty()) return show_faults(places.faults);
    if (!print) std::cout << file << ": no faults\n";
    return runtime::exit_ok;
  }

  auto trouble = runtime::log::start(runtime::log_options(loaded.value));
  if (!trouble.empty()) runtime::log::error("{}", trouble);
  runtime::log::info("senseflow {} starts, configuration {}", SENSEFLOW_VERSION, file);
  if (!loaded.not_served.empty())
    runtime::log::info("not supported, ignored: {}", fmt::join(loaded.not_served, ", "));
  runtime::reserve_memory();
  return runtime::run_service(loaded, source, std::move(sockets));
}
