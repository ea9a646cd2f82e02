#define CAF_SUITE actors.ingest.datagram_guard
#include "test/support/unit_test.hpp"

#include "actors/ingest/datagram_guard.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using actors::datagram_guard;

namespace {

const datagram_guard::time_point t0{1000s};

runtime::datagram from(std::string address, size_t n = 1) {
  return {std::string(n, 'x'), std::move(address)};
}

} // namespace

CAF_TEST(without options everything passes) {
  datagram_guard aut;
  CAF_CHECK(aut.reject(from("192.0.2.1"), t0).empty());
}

CAF_TEST(larger datagrams than allowed are rejected) {
  datagram_guard aut{{10, 0, false}};
  CAF_CHECK(aut.reject(from("192.0.2.1", 10), t0).empty());
  CAF_CHECK_EQUAL(aut.reject(from("192.0.2.1", 11), t0), "too_large");
}

CAF_TEST(the rate limit counts in windows of a minute that begin with a datagram) {
  datagram_guard aut{{100, 2, false}};
  CAF_CHECK(aut.reject(from("a"), t0).empty());
  CAF_CHECK(aut.reject(from("a"), t0 + 30s).empty());
  CAF_CHECK_EQUAL(aut.reject(from("a"), t0 + 59s), "rate_limit");
  CAF_CHECK(aut.reject(from("a"), t0 + 60s).empty());
  CAF_CHECK(aut.reject(from("a"), t0 + 61s).empty());
  CAF_CHECK_EQUAL(aut.reject(from("a"), t0 + 119s), "rate_limit");
}

CAF_TEST(source validation without a list allows nobody) {
  datagram_guard aut{{100, 0, true}};
  CAF_CHECK_EQUAL(aut.reject(from("192.0.2.1"), t0), "source_not_allowed");
}

CAF_TEST(only listed sources pass and others do not use up the rate) {
  datagram_guard aut{{100, 1, true}, runtime::source_list{{"192.0.2.0/24"}}};
  CAF_CHECK_EQUAL(aut.reject(from("198.51.100.1"), t0), "source_not_allowed");
  CAF_CHECK(aut.reject(from("192.0.2.77"), t0).empty());
  CAF_CHECK_EQUAL(aut.reject(from("192.0.2.77"), t0), "rate_limit");
}
