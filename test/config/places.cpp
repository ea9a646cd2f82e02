#define CAF_SUITE config.places
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"
#include "test/support/temp_dir.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace senseflow;
using senseflow::test::load_members;

namespace {

struct fixture {
  test::temp_dir credentials;
  config::environment env;

  fixture() { env.credentials_directory = credentials.path().string(); }

  void put(const std::string& name) const { std::ofstream{credentials / name} << "secret\n"; }
  config::settings load(const std::string& members) const { return load_members(members, env).value; }
};

const std::string broker = "mqttConfig: {enable: true, brokerHost: b, username: u}\n";

} // namespace

CAF_TEST_FIXTURE_SCOPE(place_tests, fixture)

CAF_TEST(what the service writes is in its state directory unless the file says where) {
  CAF_CHECK_EQUAL(load(broker).delivery.spool.path, "spool");
  CAF_CHECK_EQUAL(load(broker).log_directory, "log");
  env.state_directory = "/var/lib/a:/var/lib/b";
  const auto s = load(broker);
  CAF_CHECK_EQUAL(s.delivery.spool.path, "/var/lib/a/spool");
  CAF_CHECK_EQUAL(s.log_directory, "/var/lib/a/log");
  CAF_CHECK(!s.delivery.spool.path_given); // nobody asked for it: it costs the spool only
  const auto given = load(broker + "logDirectory: here\ndelivery: {spool: {path: there}}\n");
  CAF_CHECK_EQUAL(given.delivery.spool.path, "there");
  CAF_CHECK_EQUAL(given.log_directory, "here");
  env.state_directory = "";
  CAF_CHECK_EQUAL(load(broker).delivery.spool.path, "spool");
}

CAF_TEST(credentials that are there are the files that the configuration does not name) {
  CAF_CHECK_EQUAL(load(broker).cert.client_cert, "");
  for (const auto* name :
       {"client.pem", "senseflow_client_key.pem", "root.pem", "mqtt-ca.pem", "mqtt-client.pem",
        "mqtt-client_key.pem", "etcd-ca.pem", "etcd-client.pem", "senseflow_etcd-client_key.pem"})
    put(name);
  const auto s = load(broker + "cert: {clientCertCA: mine.pem}\n");
  CAF_CHECK_EQUAL(s.cert.client_cert, credentials / "client.pem");
  CAF_CHECK_EQUAL(s.cert.client_cert_key, credentials / "senseflow_client_key.pem");
  CAF_CHECK_EQUAL(s.cert.client_cert_ca, "mine.pem");
  CAF_CHECK_EQUAL(s.mqtt.tls.ca_file, credentials / "mqtt-ca.pem");
  CAF_CHECK_EQUAL(s.mqtt.tls.cert_file, credentials / "mqtt-client.pem");
  CAF_CHECK_EQUAL(s.mqtt.tls.key_file, credentials / "mqtt-client_key.pem");
  CAF_CHECK_EQUAL(s.cluster.etcd.tls.ca_file, credentials / "etcd-ca.pem");
  CAF_CHECK_EQUAL(s.cluster.etcd.tls.cert_file, credentials / "etcd-client.pem");
  CAF_CHECK_EQUAL(s.cluster.etcd.tls.key_file, credentials / "senseflow_etcd-client_key.pem");
  CAF_CHECK_EQUAL(s.mqtt.password_file, ""); // not there
}

CAF_TEST(a password among the credentials is used unless the file has one) {
  put("mqtt-password");
  CAF_CHECK_EQUAL(load(broker).mqtt.password.reveal(), "secret");
  const auto own = load("mqttConfig: {enable: true, brokerHost: b, username: u, password: own}\n");
  CAF_CHECK_EQUAL(own.mqtt.password.reveal(), "own");
  put("senseflow_etcd-password");
  const std::string cluster = "cluster: {enable: true, etcd: {endpoints: ['http://e:2379'], username: u";
  CAF_CHECK_EQUAL(load(broker + cluster + "}}\n").cluster.etcd.password.reveal(), "secret");
  CAF_CHECK_EQUAL(load(broker + cluster + ", password: own}}\n").cluster.etcd.password.reveal(), "own");
}

CAF_TEST(both directories are those of the process) {
  ::setenv("STATE_DIRECTORY", "/state", 1);
  ::setenv("CREDENTIALS_DIRECTORY", "/credentials", 1);
  const auto process = config::environment::of_process();
  ::unsetenv("STATE_DIRECTORY");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CAF_CHECK_EQUAL(process.state_directory.value_or("-"), "/state");
  CAF_CHECK_EQUAL(process.credentials_directory.value_or("-"), "/credentials");
  CAF_CHECK(!config::environment::of_process().state_directory);
}

CAF_TEST_FIXTURE_SCOPE_END()
