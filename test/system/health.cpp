#define CAF_SUITE system.health
#include "test/support/unit_test.hpp"

#include "test/system/system_fixture.hpp"

#include "test/support/free_port.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  temp_dir directory;
  mosquitto_broker broker;
  system_config c;
  uint16_t port = free_port();

  fixture() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
    c.more = "  admin: {enable: true, port: " + std::to_string(port) + "}\n";
  }

  struct answer {
    int code = -1;
    std::string line;
  };
  answer ask(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {binary_path("senseflow"), "health"});
    child_process p{arguments};
    const auto code = p.wait(30s).value_or(-1);
    return {code, p.output()};
  }
  answer ask() const { return ask({"-c", directory / "senseflow.yaml"}); }
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(health_tests, fixture)

CAF_TEST(who runs and is well is healthy and who does not run can not be asked) {
  {
    senseflow_process aut{directory, c.text()};
    CAF_REQUIRE(aut.ready());
    CAF_CHECK(eventually([&] { return ask().code == 0; }, 15s, 100ms));
    const auto well = ask();
    CAF_MESSAGE(well.line);
    CAF_CHECK_EQUAL(occurrences(well.line, "\n"), 1u);
    CAF_CHECK_EQUAL(well.line.rfind("ok: ", 0), 0u);
    CAF_CHECK_EQUAL(aut.stop(), 0);
  }
  const auto gone = ask();
  CAF_CHECK_EQUAL(gone.code, 2);
  CAF_CHECK(holds(gone.line, "Does senseflow run"));
}

CAF_TEST(a question that can not be asked is no answer) {
  CAF_CHECK_EQUAL(ask({"--nonsense"}).code, 2);
  CAF_CHECK_EQUAL(ask(std::vector<std::string>{}).code, 2);
  CAF_CHECK_EQUAL(ask({"-c", directory / "nothing.yaml"}).code, 2);
  std::ofstream{directory / "off.yaml"}
      << "Butler-SOS:\n  mqttConfig: {enable: true, brokerHost: localhost}\n";
  const auto off = ask({"-c", directory / "off.yaml"});
  CAF_CHECK_EQUAL(off.code, 2);
  CAF_CHECK(holds(off.line, "admin.enable is not true"));
}

CAF_TEST_FIXTURE_SCOPE_END()
