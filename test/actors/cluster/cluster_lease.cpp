#define CAF_SUITE actors.cluster.cluster_lease
#include "actors/cluster/cluster_lease.hpp"

#include "test/support/unit_test.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using actors::cluster_lease;

namespace {

runtime::etcd_answer answer(int64_t lease, std::chrono::milliseconds sent) {
  runtime::etcd_answer x;
  x.lease = lease;
  x.ttl = 5s;
  x.sent = runtime::boot_clock::time_point{sent};
  return x;
}

cluster_lease::time_point at(std::chrono::milliseconds t) { return cluster_lease::time_point{t}; }

} // namespace

CAF_TEST(it is certain from the sending of the request and not from its answer) {
  cluster_lease aut;
  CAF_CHECK_EQUAL(aut.id(), 0);
  aut.granted(answer(7, 1000ms));
  CAF_CHECK_EQUAL(aut.id(), 7);
  CAF_CHECK(aut.alive_until() == at(6000ms) - cluster_lease::margin);
  aut.kept(answer(7, 2000ms));
  CAF_CHECK(aut.alive_until() == at(7000ms) - cluster_lease::margin);
}

CAF_TEST(late and foreign answers and errors change nothing) {
  cluster_lease aut;
  aut.kept(answer(0, 9000ms));
  CAF_CHECK(aut.alive_until() == at(0ms));
  aut.granted(answer(7, 5000ms));
  const auto until = aut.alive_until();
  aut.kept(answer(7, 4000ms));
  aut.kept(answer(8, 9000ms));
  auto error = answer(7, 9000ms);
  error.error = runtime::etcd_error::unavailable;
  aut.kept(error);
  CAF_CHECK(aut.alive_until() == until);
}

CAF_TEST(a lost lease is certain of nothing and the next one begins anew) {
  cluster_lease aut;
  aut.granted(answer(7, 5000ms));
  aut.lost();
  CAF_CHECK(aut.alive_until() == at(0ms));
  aut.kept(answer(7, 6000ms));
  CAF_CHECK(aut.alive_until() == at(0ms));
  aut.granted(answer(8, 1000ms));
  CAF_CHECK(aut.alive_until() == at(6000ms) - cluster_lease::margin);
}
