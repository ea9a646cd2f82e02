#define CAF_SUITE config.cluster
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"
#include "test/support/temp_dir.hpp"

#include <fstream>

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::has_warning;
using senseflow::test::load_members;

namespace {

/// In an enabled `cluster`, in line 4 column 5 of the file.
config::load_result in_cluster(const std::string& line, const config::environment& env = {}) {
  return load_members("cluster:\n  enable: true\n  " + line + "\n" +
                          (contains(line, "etcd") ? "" : "  etcd: {endpoints: ['http://etcd1:2379']}\n"),
                      env);
}

config::load_result with_etcd(const std::string& members, const config::environment& env = {}) {
  return in_cluster("etcd: {" + members + "}", env);
}

} // namespace

CAF_TEST(a cluster needs no more than endpoints) {
  auto r = in_cluster("name: finance");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  const auto& c = r.value.cluster;
  CAF_CHECK(c.enable && c.drain_on_stop && !c.event_deduplication.enable);
  CAF_CHECK_EQUAL(c.name, "finance");
  CAF_CHECK_EQUAL(c.lease_ttl.count(), 5);
  CAF_CHECK(c.on_coordinator_loss == config::coordinator_loss::stop);
}

CAF_TEST(faults of a cluster are named) {
  CHECK_ONLY_FAULT(in_cluster("etcd: {}"), 4, 5, "cluster.etcd.endpoints", "is required", "etcd members");
  CHECK_ONLY_FAULT(in_cluster("name: ''"), 4, 11, "cluster.name", "is empty", "the same for all nodes");
  CHECK_ONLY_FAULT(in_cluster("name: a/b"), 4, 11, "cluster.name", "a/b", "without '/'");
  CHECK_ONLY_FAULT(in_cluster("nodeId: 'a+'"), 4, 13, "cluster.nodeId", "a+", "without '/', '+'");
  CHECK_ONLY_FAULT(in_cluster("leaseTtl: 2"), 4, 15, "cluster.leaseTtl", "2", "3 to 300");
  CHECK_ONLY_FAULT(in_cluster("weight: 0"), 4, 13, "cluster.weight", "0", "1 to 1000");
  CHECK_ONLY_FAULT(in_cluster("onCoordinatorLoss: carry_on"), 4, 24, "cluster.onCoordinatorLoss", "carry_on",
                   "Write stop or continue");
  for (auto bad : {"etcd1:2379", "ftp://etcd1:2379", "https://etcd1", "https://etcd1:2379/v3", "://"})
    CHECK_ONLY_FAULT(with_etcd("endpoints: ['" + std::string(bad) + "']"), 4, 24, "cluster.etcd.endpoints[0]",
                     bad, "https://etcd1.example.com:2379");
}

CAF_TEST(a user needs a password and a password its user) {
  const std::string members = "endpoints: ['http://etcd1:2379'], ";
  CAF_CHECK(contains(test::listed(with_etcd(members + "username: a").faults), "SENSEFLOW_ETCD_PASSWORD"));
  CAF_CHECK(
      contains(test::listed(with_etcd(members + "password: b").faults), "cluster.etcd.username is empty"));
  config::environment env;
  env.etcd_password = "from environment\n";
  auto r = with_etcd(members + "username: a, password: b", env);
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(r.value.cluster.etcd.password.reveal(), "from environment");
  CAF_CHECK(has_warning(r, "cluster.etcd.endpoints", "unencrypted"));
  test::temp_dir dir;
  std::ofstream{dir / "password"} << "from file\n";
  r = with_etcd(members + "username: a, passwordFile: " + (dir / "password"));
  CAF_CHECK_EQUAL(r.value.cluster.etcd.password.reveal(), "from file");
  r = with_etcd(members + "username: a, passwordFile: " + (dir / "nowhere"));
  CAF_CHECK(contains(test::listed(r.faults), "cluster.etcd.passwordFile"));
}

CAF_TEST(certificates of etcd are looked into) {
  test::temp_dir dir;
  bench::make_certificates(dir.path());
  const std::string members = "endpoints: ['https://etcd1:2379'], ";
  CAF_CHECK_EQUAL(test::listed(with_etcd(members + "tls: {ca: " + (dir / "root.pem") + "}").faults), "");
  CAF_CHECK(
      contains(test::listed(with_etcd(members + "tls: {ca: /nowhere.pem}").faults), "cluster.etcd.tls.ca"));
  CAF_CHECK(contains(test::listed(with_etcd(members + "tls: {cert: " + (dir / "client.pem") + "}").faults),
                     "cluster.etcd.tls.key is required"));
  CAF_CHECK(has_warning(with_etcd("endpoints: ['http://etcd1:2379'], tls: {ca: " + (dir / "root.pem") + "}"),
                        "cluster.etcd.tls.ca", "no effect"));
  CAF_CHECK(has_warning(with_etcd("endpoints: ['https://etcd1:2379', 'http://etcd2:2379']"),
                        "cluster.etcd.endpoints", "with and without TLS"));
}

CAF_TEST(what could not work in time is doubted) {
  CAF_CHECK(has_warning(with_etcd("endpoints: ['http://etcd1:2379'], timeout: 4000"), "cluster.etcd.timeout",
                        "leaves no time"));
  CAF_CHECK(has_warning(in_cluster("eventDeduplication: {enable: true}"), "cluster.eventDeduplication.enable",
                        "receives no events"));
}

CAF_TEST(a cluster that is off needs nothing) {
  auto r = load_members("cluster: {enable: false, name: '', etcd: {username: a}}");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
}
