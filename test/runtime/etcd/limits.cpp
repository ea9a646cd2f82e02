#define CAF_SUITE runtime.etcd.limits
#include "test/runtime/etcd/etcd_fixture.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST(a full database is told as such and leases live on) {
  etcd_server_options o;
  o.more = {"--quota-backend-bytes=100000"};
  etcd_server server(o);
  etcd_caller etcd(options_for(server));
  const auto lease = etcd.grant().lease;
  etcd_answer full;
  for (int i = 0; i < 200 && full.error == etcd_error::none; ++i)
    full = etcd.put("/full/" + std::to_string(i), std::string(10000, 'x'));
  CAF_CHECK(full.error == etcd_error::no_space);
  CAF_CHECK(eventually([&] { return etcd.grant().error == etcd_error::no_space; }));
  CAF_CHECK(etcd.alarms().alarms == std::vector<std::string>{"NOSPACE"});
  CAF_CHECK(etcd.keep_alive(lease).error == etcd_error::none);
  CAF_CHECK(etcd.range("/full/").error == etcd_error::none);
  CAF_CHECK(etcd.revoke(lease).error == etcd_error::none);
}
