#define CAF_SUITE runtime.appenders.command
#include "test/support/unit_test.hpp"

#include "runtime/appenders/command.hpp"

#include "test/support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

using namespace senseflow;
using namespace senseflow::runtime::appenders;

namespace {

struct fixture {
  test::temp_dir directory;
  std::string to = directory / "made/here";
  std::ostringstream out, err;
  config::settings s;

  fixture() { s.user_events.enable = s.log_events.source.engine = true; }

  int write(const std::string& host = "monitor.example.com") {
    out.str("");
    err.str("");
    return write_all(s, host, to, out, err);
  }
  std::string content(const std::string& name) const {
    std::ifstream in{to + "/" + name};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  size_t files() const {
    size_t n = 0;
    for (const auto& x : std::filesystem::recursive_directory_iterator(directory.path()))
      n += x.is_regular_file() ? 1 : 0;
    return n;
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(command_tests, fixture)

CAF_TEST(files are written for what is switched on with what to do beside them) {
  CAF_CHECK_EQUAL(write(), 0);
  CAF_CHECK_EQUAL(files(), 3u);
  CAF_CHECK(has(content("Engine/LocalLogConfig.xml"), "value=\"monitor.example.com\""));
  CAF_CHECK(has(content("Proxy/LocalLogConfig.xml"), "SenseflowSession"));
  CAF_CHECK(content("Engine/LocalLogConfig.xml").rfind("<?xml", 0) == 0);
  CAF_CHECK(has(content("what-to-do.txt"), "every node"));
  CAF_CHECK(has(out.str(), "every node"));
  CAF_CHECK(err.str().empty());
}

CAF_TEST(its own files it replaces) {
  CAF_CHECK_EQUAL(write(), 0);
  CAF_CHECK_EQUAL(write("other.example.com"), 0);
  CAF_CHECK(has(content("Engine/LocalLogConfig.xml"), "other.example.com"));
}

CAF_TEST(with a foreign or a changed file nothing is written) {
  CAF_CHECK_EQUAL(write(), 0);
  const auto engine = content("Engine/LocalLogConfig.xml");
  std::ofstream{to + "/Proxy/LocalLogConfig.xml", std::ios::app} << "<!-- mine -->";
  CAF_CHECK_EQUAL(write("other.example.com"), 1);
  CAF_CHECK(has(err.str(), "Proxy/LocalLogConfig.xml is there already"));
  CAF_CHECK_EQUAL(content("Engine/LocalLogConfig.xml"), engine);
  std::ofstream{to + "/Proxy/LocalLogConfig.xml"} << "<configuration/>";
  CAF_CHECK_EQUAL(write("other.example.com"), 1);
  CAF_CHECK_EQUAL(content("Proxy/LocalLogConfig.xml"), "<configuration/>");
  std::filesystem::remove(to + "/Proxy/LocalLogConfig.xml");
  std::filesystem::create_symlink("/nowhere", to + "/Proxy/LocalLogConfig.xml");
  CAF_CHECK_EQUAL(write("other.example.com"), 1);
}

CAF_TEST(what can not be a host and what wants no events is refused) {
  for (const auto* host : {"", "a b", "http://a", "a:9996", "-x"}) {
    CAF_CHECK_EQUAL(write(host), 1);
    CAF_CHECK(!err.str().empty());
  }
  s = {};
  CAF_CHECK_EQUAL(write(), 1);
  CAF_CHECK(has(err.str(), "wants no events"));
  CAF_CHECK_EQUAL(files(), 0u);
}

CAF_TEST(a directory that can not be written is named) {
  to = "/proc/nowhere";
  CAF_CHECK_EQUAL(write(), 1);
  CAF_CHECK(has(err.str(), "/proc/nowhere"));
}

CAF_TEST_FIXTURE_SCOPE_END()
