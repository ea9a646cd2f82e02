#define CAF_SUITE runtime.log_levels
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "runtime/log_levels.hpp"
#include "runtime/wiring/options.hpp"

#include <string>

using namespace senseflow;
using namespace senseflow::runtime;

CAF_TEST(each level has the same name in the configuration as in the log) {
  for (const auto name : log::level_names) {
    const auto loaded = config::load_text(
        "Butler-SOS:\n  logLevel: " + std::string{name} + "\n  mqttConfig: {enable: false}\n", "levels.yaml");
    CAF_REQUIRE(loaded.faults.empty());
    const auto level = log_options(loaded.value).threshold;
    CAF_CHECK_EQUAL(log::name_of(level), name);
    CAF_CHECK(log::level_from_name(name) == level);
  }
  for (const auto* name : {"", "Info", "fatal", "infos"}) CAF_CHECK(!log::level_from_name(name));
}
