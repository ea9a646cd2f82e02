#define CAF_SUITE system.bench_smoke

#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

using namespace std::chrono_literals;

// Judges no figure, only that each part of bench/run comes to some.
CAF_TEST(every part of the bench measures something and writes it down) {
#ifdef NDEBUG
  namespace fs = std::filesystem;
  const auto binaries = senseflow::test::binary_path("");
  const auto results = fs::path{binaries}.parent_path().parent_path() / "bench" / "quick";
  std::error_code ignored;
  fs::remove_all(results, ignored);
  senseflow::test::child_process run{
      {senseflow::test::source_path("bench/run"), "--quick", "--build", binaries}};
  const auto code = run.wait(280s);
  if (code != 0) CAF_ERROR("bench/run failed: " << run.output());
  for (const std::string part : {"counts", "calls", "functions", "flow", "latency", "lossless", "bursts",
                                 "memory", "start", "catch_up", "polling", "rules", "settings", "goals"}) {
    std::ifstream file{results / (part + ".json")};
    const auto written = nlohmann::json::parse(file, nullptr, false);
    CAF_CHECK(written.is_object() && written.contains("conditions") &&
              !written.value("figures", nlohmann::json{}).empty());
  }
#else
  CAF_MESSAGE("SKIPPED, only an optimised build is measured");
#endif
}
