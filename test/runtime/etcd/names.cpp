#define CAF_SUITE runtime.etcd.names
#include "test/runtime/etcd/etcd_fixture.hpp"

#include "test/support/name_server.hpp"

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST(a silent name server holds up neither other endpoints nor calls under way) {
  etcd_server server;
  name_server dns;
  const auto port = std::to_string(server.port());
  dns.tell("etcd1.example.com", {"127.0.0.77", "127.0.0.1"}); // nobody is at the first
  dns.silent("etcd2.example.com");
  runtime::resolver_options r;
  r.name_servers = dns.place();
  auto o = options_for(server, 1s);
  o.endpoints = {"http://etcd2.example.com:" + port, "http://etcd1.example.com:" + port};
  etcd_caller etcd(o, runtime::make_resolver(r));
  CAF_CHECK(etcd.put("/k", "v").error == etcd_error::none); // the second endpoint's
  const auto began = std::chrono::steady_clock::now();
  CAF_CHECK_EQUAL(etcd.range("/k").keys.size(), 1u);
  CAF_CHECK(std::chrono::steady_clock::now() - began < 900ms * slowdown); // it is the first by now
  dns.silent("");
  CAF_CHECK_EQUAL(etcd.range("/k").keys.size(), 1u); // a known name goes on

  o.endpoints = {"http://etcd2.example.com:" + port, "http://nobody.example.com:" + port};
  const auto none = etcd_caller(o, runtime::make_resolver(r)).range("/k");
  CAF_CHECK(none.error == etcd_error::unavailable);
  CAF_CHECK(contains(none.detail, "no name server answers for etcd2.example.com"));
}
