#define CAF_SUITE system.cluster.strangers
#include "test/support/unit_test.hpp"

#include "test/system/cluster/nodes.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

const nodes::weights three{{"n1", 1}, {"n2", 1}, {"n3", 1}};

} // namespace

CAF_TEST(nodes show a certificate and a password to etcd and strangers without them can claim nothing) {
  temp_dir pki;
  bench::certificate_options kinds;
  kinds.etcd = kinds.wrong_ca = true;
  bench::make_certificates(pki.path(), kinds);
  nodes_options o;
  o.etcd.certificate_file = pki / "etcd.pem";
  o.etcd.key_file = pki / "etcd_key.pem";
  o.etcd.client_ca_file = pki / "root.pem";
  o.etcd.own_certificate_file = pki / "etcd_client.pem";
  o.etcd.own_key_file = pki / "etcd_client_key.pem";
  nodes all{o};
  const auto tls = [&](const std::string& client) {
    return "tls: {ca: " + (pki / "root.pem") + ", cert: " + (pki / (client + ".pem")) +
           ", key: " + (pki / (client + "_key.pem")) + "}";
  };
  node_options known;
  known.etcd = tls("etcd_client");
  for (const auto& x : three) all.start(x.first, known);
  CAF_REQUIRE(all.shared_by(three));
  CAF_REQUIRE(all.polled_by(three));

  const auto begin = poll_clock::now();
  node_options stranger;
  stranger.etcd = tls("wrong_client");
  auto& without_certificate = all.start("s1", stranger);
  CAF_CHECK(without_certificate.says("etcd"));
  all.etcd.enable_authentication("secret");
  all.etcd_user = "root:secret";
  node_options with_password = known;
  with_password.etcd += ", username: root, password: secret";
  for (const auto& x : three) { // each has to log in from now on
    CAF_CHECK_EQUAL(all[x.first].stop(), 0);
    all.start(x.first, with_password);
  }
  auto& without_password = all.start("s2", known);
  CAF_CHECK(without_password.says("etcd"));
  nodes::let_pass(lease_ttl + 2s);
  CAF_CHECK(all.polled_by(three));
  CAF_CHECK_EQUAL(all.polls.count("s1", begin), 0u);
  CAF_CHECK_EQUAL(all.polls.count("s2", begin), 0u);
  CAF_CHECK_EQUAL(all.faults(begin).overlaps, 0u);
}
