#define CAF_SUITE system.command_line
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"
#include "test/support/temp_dir.hpp"

#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <sstream>

using namespace senseflow::test;

namespace {

struct result {
  int code = -1;
  std::string output;
};

result run(std::vector<std::string> arguments, const std::vector<child_process::setting>& environment = {}) {
  arguments.insert(arguments.begin(), binary_path("senseflow"));
  child_process p{arguments, environment};
  auto code = p.wait();
  return {code.value_or(-1), p.output()};
}

struct fixture {
  temp_dir directory;

  std::string file(const std::string& text) {
    auto name = directory / "config.yaml";
    std::ofstream{name} << text;
    return name;
  }
};

const std::string good = "Butler-SOS:\n  mqttConfig: {enable: true, brokerHost: localhost, username: a, "
                         "password: hunter2}\n";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(command_line_tests, fixture)

CAF_TEST(the version is told) {
  auto r = run({"--version"});
  CAF_CHECK_EQUAL(r.code, 0);
  CAF_CHECK(!r.output.empty());
}

CAF_TEST(the manual page tells of every command and option) {
  std::ifstream in{source_path("config/senseflow.1.md")};
  const std::string manual{std::istreambuf_iterator<char>{in}, {}};
  size_t found = 0;
  const std::function<void(std::vector<std::string>)> compare = [&](std::vector<std::string> command) {
    auto arguments = command;
    arguments.emplace_back("--help");
    std::istringstream help{run(arguments).output};
    bool commands = false;
    for (std::string line; std::getline(help, line);) {
      if (line.rfind("Subcommands:", 0) == 0) commands = true;
      std::istringstream words{line};
      std::string word;
      if (line.rfind("  ", 0) != 0 || line.rfind("    ", 0) == 0 || !(words >> word)) continue;
      if (const auto at = word.find("--"); at != word.npos && !commands) {
        if (++found; !has(manual, "**" + word.substr(at) + "**"))
          CAF_ERROR(word << " is not in the manual page");
      } else if (commands) {
        if (++found; !has(manual, word + "**")) CAF_ERROR(word << " is not in the manual page");
        auto below = command;
        below.push_back(word);
        compare(below);
      }
    }
  };
  compare({});
  CAF_CHECK(found > 10);
}

CAF_TEST(the help of each command shows that it needs the configuration) {
  for (const auto& command : std::vector<std::vector<std::string>>{{},
                                                                   {"health"},
                                                                   {"probe"},
                                                                   {"appenders"},
                                                                   {"cluster"},
                                                                   {"cluster", "status"},
                                                                   {"cluster", "drain"}}) {
    auto arguments = command;
    arguments.emplace_back("--help");
    std::string usage = "senseflow";
    for (const auto& x : command) usage += ' ' + x;
    CAF_CHECK(has(run(arguments).output, usage + " -c FILE"));
  }
}

CAF_TEST(the manual page and the help tell the same exit codes) {
  std::ifstream in{source_path("config/senseflow.1.md")};
  std::string manual, word;
  while (in >> word) manual += word + ' '; // whatever its lines are
  std::string help = run({"--help"}).output;
  for (auto x : {"health", "probe"}) help += run({x, "--help"}).output;
  const std::regex code{R"(([0-2]): ([a-z' ]+)[,)])"};
  size_t found = 0;
  for (std::sregex_iterator i{help.begin(), help.end(), code}, end; i != end; ++i) {
    const auto said = (*i)[1].str() + " if " + (*i)[2].str();
    if (++found; !has(manual, said)) CAF_ERROR(said << " is not in the manual page");
  }
  CAF_CHECK(found >= 8);
}

CAF_TEST(without a configuration it says what to do) {
  auto r = run({});
  CAF_CHECK_EQUAL(r.code, 1);
  CAF_CHECK(has(r.output, "-c FILE"));
}

CAF_TEST(what the command line does not know ends it with one clear line and code 1) {
  for (const auto& [arguments, said] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{{{"--frobnicate"}, "--frobnicate"},
                                                                     {{"-c"}, "--configfile"},
                                                                     {{"-l", "loud", "-c", "x.yaml"}, "loud"},
                                                                     {{"x.yaml"}, "x.yaml"}}) {
    auto r = run(arguments);
    CAF_CHECK_EQUAL(r.code, 1);
    CAF_CHECK(has(r.output, said));
    CAF_CHECK(has(r.output, "--help"));
  }
}

CAF_TEST(options of the reference program are accepted with a warning) {
  auto name = file(good);
  auto r = run({"--skip-config-verification", "--check-config", "-c", name});
  CAF_CHECK_EQUAL(r.code, 0);
  CAF_CHECK(has(r.output, "warning: --skip-config-verification is not supported, ignored"));
  r = run({"--new-relic-api-key", "a", "b", "--new-relic-account-id", "1", "--check-config", "-c", name});
  CAF_CHECK_EQUAL(r.code, 0);
  CAF_CHECK(has(r.output, "warning: --new-relic-api-key is not supported, ignored"));
  CAF_CHECK(!has(run({"--check-config", "-c", name}).output, "not supported"));
}

CAF_TEST(a good file is checked without a word too many) {
  auto r = run({"--check-config", "-c", file(good)});
  CAF_CHECK_EQUAL(r.code, 0);
  CAF_CHECK(has(r.output, "no faults"));
}

CAF_TEST(all faults of a bad file come at once with their places) {
  auto name = file("Butler-SOS:\n  logLevel: loud\n  mqttConfig:\n    enable: true\n    brokerPort: 99999\n"
                   "    brokerHots: localhost\n");
  for (auto extra : {"--check-config", "--print-config"}) {
    auto r = run({extra, "-c", name});
    CAF_CHECK_EQUAL(r.code, 1);
    CAF_CHECK(has(r.output, name + ":2:13: Butler-SOS.logLevel"));
    CAF_CHECK(has(r.output, name + ":5:17: Butler-SOS.mqttConfig.brokerPort"));
    CAF_CHECK(has(r.output, name + ":6:5: Butler-SOS.mqttConfig.brokerHots"));
    CAF_CHECK(has(r.output, "brokerHost"));
    CAF_CHECK(has(r.output, "nothing was started"));
  }
  auto r = run({"-c", name});
  CAF_CHECK_EQUAL(r.code, 1);
}

CAF_TEST(a file that can not be read is one clear line) {
  auto r = run({"-c", directory / "nowhere.yaml"});
  CAF_CHECK_EQUAL(r.code, 1);
  CAF_CHECK(has(r.output, "nowhere.yaml"));
  CAF_CHECK(has(r.output, "nothing was started"));
}

CAF_TEST(effective settings are printed without secrets and load again) {
  auto r = run({"--print-config", "-c", file(good)});
  CAF_CHECK_EQUAL(r.code, 0);
  CAF_CHECK(has(r.output, "brokerHost: localhost"));
  CAF_CHECK(!has(r.output, "hunter2"));
  r = run({"--print-config", "-c", file(good)}, {{"SENSEFLOW_MQTT_PASSWORD", "hunter3"}});
  CAF_CHECK(!has(r.output, "hunter3"));
  auto again = directory / "again.yaml";
  std::ofstream{again} << r.output;
  CAF_CHECK_EQUAL(run({"--check-config", "-c", again}).code, 0);
}

CAF_TEST(with MQTT switched off there is nothing to do and it says so) {
  const auto name = file("Butler-SOS:\n  mqttConfig: {enable: false}\n");
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"-c", name}, {"--check-config", "-c", name}}) {
    auto r = run(arguments);
    CAF_CHECK_EQUAL(r.code, 1);
    CAF_CHECK(has(r.output, "mqttConfig.enable is not true: there is nothing to do"));
    CAF_CHECK(!has(r.output, "no faults"));
  }
}

CAF_TEST(a check names the places that can not be written and leaves nothing behind) {
  std::ofstream{directory / "a-file"};
  const auto check = [&](const std::string& more) {
    return run({"--check-config", "-c", file(good + more)});
  };
  for (const auto& path : {std::string{"/proc/x"}, directory / "a-file", (directory / "a-file") + "/x"}) {
    auto r = check("  delivery: {spool: {path: " + path + "}}\n");
    CAF_CHECK_EQUAL(r.code, 1);
    CAF_CHECK(has(r.output, "Butler-SOS.delivery.spool.path is '" + path + "', which can't be used ("));
    CAF_CHECK(has(r.output, "1 fault in the configuration"));
    CAF_CHECK_EQUAL(check("  delivery: {mode: memory, spool: {path: " + path + "}}\n").code, 0);
    // The start goes on without its file.
    r = check("  fileLogging: true\n  logDirectory: " + path + "\n  delivery: {mode: memory}\n");
    CAF_CHECK_EQUAL(r.code, 0);
    CAF_CHECK(has(r.output, "warning: "));
    CAF_CHECK(has(r.output, "Butler-SOS.logDirectory is '" + path + "', which can't be used ("));
  }
  const auto spool = directory / "deep/spool";
  CAF_CHECK_EQUAL(check("  delivery: {spool: {path: " + spool + "}}\n").code, 0);
  CAF_CHECK(!std::filesystem::exists(directory / "deep"));
  std::filesystem::create_directories(spool + "/spool.sqlite"); // no file
  CAF_CHECK_EQUAL(check("  delivery: {spool: {path: " + spool + "/}}\n").code, 1);
  size_t entries = 0;
  for (const auto& x : std::filesystem::recursive_directory_iterator(directory.path())) {
    (void)x;
    ++entries;
  }
  CAF_CHECK_EQUAL(entries, 5u); // a-file, config.yaml, deep, its spool, and what is in it
}

CAF_TEST(appenders are written once and what is wrong is one clear line) {
  const auto name = file(good + "  userEvents: {enable: true}\n");
  const auto to = directory / "out";
  auto r = run({"appenders", "-c", name, "--to", "monitor.example.com", to});
  CAF_CHECK_EQUAL(r.code, 0);
  CAF_CHECK(has(r.output, "every node of the Sense site"));
  CAF_CHECK(std::filesystem::exists(to + "/Proxy/LocalLogConfig.xml"));
  std::ofstream{to + "/Proxy/LocalLogConfig.xml", std::ios::app} << "changed";
  r = run({"appenders", "-c", name, "--to", "monitor.example.com", to});
  CAF_CHECK_EQUAL(r.code, 1);
  CAF_CHECK(has(r.output, "LocalLogConfig.xml is there already"));
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"appenders", "-c", name, to},
                                             {"appenders", "-c", name, "--to", "a b", to},
                                             {"appenders", "-c", file(good), "--to", "a", to}})
    CAF_CHECK_EQUAL(run(arguments).code, 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
