#define CAF_SUITE runtime.descriptors
#include "test/support/unit_test.hpp"

#include "runtime/descriptors.hpp"
#include "runtime/wiring/options.hpp"

#include <sys/resource.h>

using namespace senseflow;

CAF_TEST(the soft limit is raised to the hard one) {
  rlimit before{};
  CAF_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &before), 0);
  auto lower = before;
  lower.rlim_cur = 256;
  CAF_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &lower), 0);
  CAF_CHECK_EQUAL(runtime::descriptor_limit(), 256u);
  CAF_CHECK_EQUAL(runtime::raise_descriptor_limit(), before.rlim_max);
  CAF_CHECK_EQUAL(runtime::descriptor_limit(), before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

CAF_TEST(with too few descriptors there are fewer connections and a line that says so) {
  config::settings s;
  s.monitor.servers.resize(600);
  const auto needed = runtime::descriptors_needed(s);
  CAF_CHECK(needed > 1202 && needed < 1400);
  CAF_CHECK_EQUAL(runtime::sense_connections(s, needed), 1202u);
  CAF_CHECK_EQUAL(runtime::descriptor_trouble(s, needed), "");
  CAF_CHECK_EQUAL(runtime::sense_connections(s, needed - 1), 1201u);
  const auto words = runtime::descriptor_trouble(s, 1024);
  CAF_MESSAGE(words);
  CAF_CHECK(words.find("600 servers need up to " + std::to_string(needed)) != std::string::npos);
  CAF_CHECK(words.find("1024 are allowed") != std::string::npos);
  CAF_CHECK_EQUAL(runtime::sense_connections(s, 20), 2u); // it still tries
  s.actors.pollers.max_connections = 10;
  CAF_CHECK_EQUAL(runtime::sense_connections(s, 1024), 10u);
}
