#define CAF_SUITE runtime.http.url
#include "test/support/unit_test.hpp"

#include "runtime/http/url.hpp"

using senseflow::runtime::without_port;

CAF_TEST(a host loses its port whatever it is) {
  CAF_CHECK_EQUAL(without_port("sense1.example.com:4747"), "sense1.example.com");
  CAF_CHECK_EQUAL(without_port("sense1.example.com"), "sense1.example.com");
  CAF_CHECK_EQUAL(without_port("192.0.2.1:4747"), "192.0.2.1");
  CAF_CHECK_EQUAL(without_port("[2001:db8::1]:4747"), "[2001:db8::1]");
  CAF_CHECK_EQUAL(without_port("[2001:db8::1]"), "[2001:db8::1]");
  CAF_CHECK_EQUAL(without_port("2001:db8::1"), "2001:db8::1");
  CAF_CHECK_EQUAL(without_port(""), "");
}
