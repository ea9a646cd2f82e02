#define CAF_SUITE system.units
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"
#include "test/support/temp_dir.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// What the Debian package brings for systemd, looked at by systemd's own tools; no manager is started.

using namespace senseflow::test;
using namespace std::chrono_literals;

namespace {

struct result {
  int code = -1;
  std::string output;
};

result run(const std::vector<std::string>& command) {
  child_process x{command};
  const auto code = x.wait(60s).value_or(-1);
  x.wait_for_line("no such line", 1s); // until the output has come to its end
  return {code, x.output()};
}

struct fixture {
  temp_dir directory;

  static std::string text_of(const std::string& unit) {
    std::ifstream in{source_path("config/debian/" + unit)};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  /// A copy that runs the program that was built.
  std::string unit(const std::string& name, const std::string& more = {}) const {
    auto text = text_of(name);
    const std::string installed = "ExecStart=/usr/bin/senseflow";
    if (const auto at = text.find(installed); at != text.npos)
      text.replace(at, installed.size(), "ExecStart=" + binary_path("senseflow"));
    std::ofstream{directory / name} << text << more;
    return directory / name;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(unit_tests, fixture)

CAF_TEST(systemd finds nothing to complain of in service and socket) {
  const auto right =
      run({"systemd-analyze", "verify", "--man=no", unit("senseflow.service"), unit("senseflow.socket")});
  CAF_CHECK_EQUAL(right.output, "");
  CAF_CHECK_EQUAL(right.code, 0);
  const auto wrong =
      run({"systemd-analyze", "verify", "--man=no", unit("senseflow.service", "[Service]\nNoSuchKey=1\n")});
  CAF_CHECK(wrong.output.find("Unknown key") != std::string::npos);
}

CAF_TEST(the service is exposed as little as can be) {
  const auto r =
      run({"systemd-analyze", "security", "--offline=true", "--threshold=15", unit("senseflow.service")});
  CAF_CHECK_EQUAL(r.code, 0);
  if (r.code != 0) CAF_MESSAGE(r.output);
  const auto open = run({"systemd-analyze", "security", "--offline=true", "--threshold=15",
                         unit("senseflow.service", "[Service]\nDynamicUser=no\nPrivateDevices=no\n")});
  CAF_CHECK_NOT_EQUAL(open.code, 0);
}

CAF_TEST(the service waits for the program to be ready keeps its state and hands over what only root reads) {
  const auto service = text_of("senseflow.service");
  for (const auto* line :
       {"Type=notify", "DynamicUser=yes", "StateDirectory=senseflow",
        "LoadCredential=senseflow:/etc/senseflow/credentials", "ExecReload=/bin/kill -HUP $MAINPID",
        "RestartPreventExitStatus=1", "WatchdogSec=2min"})
    CAF_CHECK(service.find('\n' + std::string{line} + '\n') != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
