#define CAF_SUITE config.example
#include "test/support/unit_test.hpp"

#include "bench/certificates.hpp"
#include "config/catalogue.hpp"
#include "config/load.hpp"
#include "config/print.hpp"
#include "faults.hpp"
#include "test/support/paths.hpp"
#include "test/support/temp_dir.hpp"

#include <fstream>
#include <sstream>

using namespace senseflow;
using senseflow::test::contains;

namespace {

std::string text_of(const std::string& name) {
  std::ifstream in(test::source_path("config/" + name));
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// The examples name certificates that only their reader has.
struct example {
  test::temp_dir dir;
  std::string text;

  explicit example(const std::string& name) : text(text_of(name)) {
    bench::make_certificates(dir.path());
    for (auto file : {"client.pem", "client_key.pem", "root.pem"}) {
      auto relative = std::string("certificate/") + file;
      auto at = text.find(relative);
      if (at != std::string::npos) text.replace(at, relative.size(), dir / file);
    }
  }

  std::string with_relative_paths(std::string printed) const {
    auto directory = dir.path().string() + "/";
    for (size_t at; (at = printed.find(directory)) != std::string::npos;)
      printed.replace(at, directory.size(), "certificate/");
    return printed;
  }
};

} // namespace

CAF_TEST(the minimal example loads) {
  example minimal("minimal.yaml");
  auto r = test::load_text(minimal.text);
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(test::listed(r.warnings), "");
  CAF_CHECK(r.value.user_events.enable && r.value.log_events.enabled());
  CAF_CHECK_EQUAL(r.value.monitor.servers.size(), 1u);
}

CAF_TEST(the full example is what the program says about its settings) {
  example full("senseflow.example.yaml");
  auto r = test::load_text(full.text);
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(test::listed(r.warnings), "");
  auto expected = full.with_relative_paths(config::print_explained(r.value));
  if (text_of("senseflow.example.yaml") != expected) {
    auto written = test::binary_path("senseflow.example.yaml");
    std::ofstream(written) << expected;
    CAF_ERROR("senseflow.example.yaml is out of date: copy " << written << " to config/");
  } else {
    CAF_CHECK(true);
  }
}

CAF_TEST(the full example names every setting with its default) {
  example full("senseflow.example.yaml");
  // Comments are wrapped: compare without line ends.
  std::string words;
  std::istringstream in(full.text);
  for (std::string word; in >> word;)
    if (word != "#") words += word + ' ';
  auto all = config::catalogue();
  CAF_CHECK(all.size() > 150);
  for (auto& x : all) {
    auto key = x.path.substr(x.path.rfind('.') + 1);
    auto with_default = x.default_value.empty() ? x.help : "default " + x.default_value + "]";
    if (!contains(words, " " + key + ": ")) CAF_ERROR(x.path << " is not in the example");
    if (!contains(words, with_default)) CAF_ERROR("the default of " << x.path << " is not in the example");
    if (!contains(words, x.help)) CAF_ERROR("the help of " << x.path << " is not in the example");
  }
}

CAF_TEST(the catalogue has no setting twice and help for each) {
  auto all = config::catalogue();
  std::vector<std::string> paths;
  for (auto& x : all) {
    paths.push_back(x.path);
    CAF_CHECK(!x.help.empty());
  }
  std::sort(paths.begin(), paths.end());
  CAF_CHECK(std::adjacent_find(paths.begin(), paths.end()) == paths.end());
  CAF_CHECK(std::binary_search(paths.begin(), paths.end(), "Butler-SOS.serversToMonitor.servers[].host"));
}

CAF_TEST(every default is within its bounds) {
  // Printed defaults are read with all checks; only what must be given is missing in them.
  auto r = test::load_text(config::print(config::settings{}));
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(config::print(r.value), config::print(config::settings{}));
}
