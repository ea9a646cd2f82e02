#define CAF_SUITE config.host_checks
#include "test/support/unit_test.hpp"

#include "faults.hpp"

using namespace senseflow;
using test::contains;
using test::has_warning;
using test::listed;
using test::load_members;

namespace {

const std::string key = "insights.hosts";

/// `hosts` in line 2, column 21, of a configuration with the servers sense1 and 'sense 2'.
config::load_result with(const std::string& hosts, const std::string& insight = "clock: {enable: true}") {
  return load_members("insights: {hosts: {" + hosts + "}, " + insight + "}\n" + test::cert_section() +
                      "serversToMonitor: {servers: [{host: 'a:4747', serverName: sense1}, "
                      "{host: 'b:4747', serverName: 'sense 2'}]}\n");
}

} // namespace

CAF_TEST(a machine is a server that there is) {
  const auto good = with("PRO1: sense1, PRO2: sense1, PRO3: 'sense 2'");
  CAF_CHECK_EQUAL(listed(good.faults), "");
  CAF_CHECK(!has_warning(good, key, ""));
  CHECK_ONLY_FAULT(with("PRO1: sense1, PRO9: Sense1"), 2, 21, key,
                   "says that 'PRO9' is 'Sense1', but no server has this serverName",
                   "Write a serverName of");
}

CAF_TEST(a machine is one server whatever the case of its name) {
  CHECK_ONLY_FAULT(with("pro1: sense1, PRO1: 'sense 2'"), 2, 21, key,
                   "has 'pro1' and 'PRO1', which are one machine",
                   "Remove one of them: a machine is one server.");
  const auto twice = with("pro1: sense1, PRO1: sense1");
  CAF_CHECK_EQUAL(listed(twice.faults), "");
  CAF_CHECK(has_warning(twice, key, "has 'pro1' and 'PRO1', which are one machine"));
}

CAF_TEST(an address names no machine) {
  for (const auto* address : {"192.0.2.1", "2001:db8::1"}) {
    const auto r = with('\'' + std::string{address} + "': sense1");
    CAF_CHECK_EQUAL(listed(r.faults), "");
    CAF_CHECK(has_warning(r, key, "has '" + std::string{address} + "', an address"));
  }
  CAF_CHECK(!has_warning(with("PRO1.example.com: sense1"), key, "an address"));
}

CAF_TEST(machines that nobody asks for are told) {
  const auto r = with("PRO9: sense9", "memory: {enable: true}");
  CAF_CHECK_EQUAL(listed(r.faults), "");
  CAF_CHECK(has_warning(r, key, "has no effect"));
  CAF_CHECK(!has_warning(with("", "memory: {enable: true}"), key, ""));
  for (const auto* x : {"silence", "sessions", "clock"})
    CAF_CHECK(
        contains(listed(with("PRO9: sense9", std::string{x} + ": {enable: true}").faults), "no server has"));
}
