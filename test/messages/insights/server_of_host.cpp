#define CAF_SUITE messages.insights.server_of_host

#include "test/support/unit_test.hpp"

#include "messages/insights/server_of_host.hpp"

using namespace senseflow::messages::insights;

namespace {

const server_of_host site{{{"central", {"qlik1.example.com", "QLIK1"}},
                           {"rim", {"qlik2.example.com"}},
                           {"test", {"qlik9.test.example.com"}},
                           {"old test", {"qlik9.old.example.com"}},
                           {"by address", {"192.0.2.7"}}},
                          {{"WIN-4711", "by address"}}};

} // namespace

CAF_TEST(a machine is known by its short and by its full name in any case) {
  CAF_CHECK_EQUAL(site.of("QLIK1"), "central");
  CAF_CHECK_EQUAL(site.of("qlik2"), "rim");
  CAF_CHECK_EQUAL(site.of("Qlik2.Example.Com"), "rim");
  CAF_CHECK_EQUAL(site.of("qlik2.another.domain"), "rim");
  CAF_CHECK_EQUAL(site.of("qlik3"), "");
  CAF_CHECK_EQUAL(site.of(""), "");
}

CAF_TEST(a name that two servers share leads to neither) {
  CAF_CHECK_EQUAL(site.of("qlik9"), "");
  CAF_CHECK_EQUAL(site.of("qlik9.test.example.com"), "test");
  CAF_CHECK_EQUAL(site.of("qlik9.old.example.com"), "old test");
}

CAF_TEST(an address is known in full only and a machine can be told which server it is) {
  CAF_CHECK_EQUAL(site.of("192.0.2.7"), "by address");
  CAF_CHECK_EQUAL(site.of("192"), "");
  CAF_CHECK_EQUAL(site.of("win-4711"), "by address");
  CAF_CHECK_EQUAL(server_of_host{}.of("win-4711"), "");
}
