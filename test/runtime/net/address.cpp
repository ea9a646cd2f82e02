#define CAF_SUITE runtime.net.address
#include "test/support/unit_test.hpp"

#include "runtime/net/address.hpp"

#include <netinet/in.h>

using namespace senseflow;
using runtime::parse_address;

CAF_TEST(addresses of both families are read and printed) {
  for (const auto* text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::1", "fe80::1%lo"}) {
    const auto x = parse_address(text);
    CAF_REQUIRE(x);
    CAF_CHECK_EQUAL(to_string(*x), text);
    CAF_CHECK_EQUAL(x->is_v4(), std::string_view{text}.find(':') == std::string_view::npos);
  }
  CAF_CHECK(parse_address("::ffff:192.0.2.1") == parse_address("192.0.2.1"));
  for (const auto* text :
       {"", "localhost", "192.0.2", "192.0.2.1:80", "[::1]", "192.0.2.1%lo", "::1%nowhere"})
    CAF_CHECK(!parse_address(text));
}

CAF_TEST(addresses come back from what the socket calls take) {
  for (const auto* text : {"192.0.2.1", "2001:db8::1", "fe80::1%lo"}) {
    const auto x = *parse_address(text);
    const auto there = to_socket_address(x, 4711);
    CAF_CHECK_EQUAL(there.family(), x.is_v4() ? AF_INET : AF_INET6);
    CAF_CHECK(runtime::address_of(*there.get()) == x);
    const auto port = x.is_v4() ? reinterpret_cast<const sockaddr_in&>(there.storage).sin_port
                                : reinterpret_cast<const sockaddr_in6&>(there.storage).sin6_port;
    CAF_CHECK_EQUAL(ntohs(port), 4711);
  }
}
