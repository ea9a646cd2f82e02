#define CAF_SUITE system.deployment
#include "test/support/unit_test.hpp"

#include "bench/certificates.hpp"
#include "test/runtime/etcd/etcd_fixture.hpp"
#include "test/system/deployment_site.hpp"
#include "test/system/system_fixture.hpp"

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include <csignal>
#include <map>
#include <memory>
#include <set>

using namespace senseflow;
using namespace senseflow::test;

namespace {

const std::string base = "butler-sos/senseflow/cluster/senseflow";

/// The example of a node, at these places.
std::string configuration(const deployment_site& site, const deployed_etcd& etcd, uint16_t broker_port,
                          const std::string& node) {
  const auto ends = etcd.endpoints();
  return example("senseflow.cluster.example.yaml",
                 {{"Butler-SOS:\n", "Butler-SOS:\n  node: " + node + "\n"},
                  {"broker.example.com", "127.0.0.1"},
                  {"8883 # TLS", std::to_string(broker_port) + "\n    brokers: []"},
                  {"tls:\n      ca:", "tls:\n      enable: true\n      ca:"},
                  {"https://node1.example.com:2379", ends[0]},
                  {"https://node2.example.com:2379", ends[1]},
                  {"https://node3.example.com:2379", ends[2]},
                  {"/etc/senseflow/tls/ca.pem", site.pki("ca.pem")},
                  {"/etc/senseflow/tls/client.pem", site.pki("client_" + node + ".pem")},
                  {"/etc/senseflow/tls/client_key.pem", site.pki("client_" + node + "_key.pem")},
                  {"/etc/senseflow/sense", site.directory / "sense"},
                  {"/var/lib/senseflow/spool", site.directory / ("spool_" + node)},
                  {"true # UDP 9997", "true\n    udpServerConfig: {serverHost: 127.0.0.1, "
                                      "portUserActivityEvents: " +
                                          std::to_string(free_udp_port()) + "}"},
                  {"logEvents: # UDP 9996", "logEvents:\n    udpServerConfig: {serverHost: 127.0.0.1, "
                                            "portLogEvents: " +
                                                std::to_string(free_udp_port()) + "}"},
                  {"sense1.example.com:4747", "127.0.0.1:4747"},
                  {"sense2.example.com:4747", "127.0.0.2:4747"},
                  {"sense3.example.com:4747", "127.0.0.3:4747"}});
}

std::set<std::string> names_of(const YAML::Node& list) {
  std::set<std::string> result;
  for (const auto& x : list) result.insert(x["name"].as<std::string>());
  return result;
}

bool begins(const std::string& text, const std::string& with) {
  return text.compare(0, with.size(), with) == 0;
}

} // namespace

CAF_TEST(certificates have no common name and both usages for servers and are renewed with the same key) {
  deployment_site site;
  const auto shown = [&](const std::string& name) {
    return site.run(
        "openssl x509 -noout -subject -serial -pubkey -ext extendedKeyUsage,subjectAltName -in pki/" + name +
        ".pem 2>&1");
  };
  const auto server = shown("server_node1.example.com"), client = shown("client_node1");
  for (const auto& x : {server, client, shown("client_admin"), shown("ca")})
    CAF_CHECK(contains(x, "subject=O = senseflow cluster, OU = ") && !contains(x, "CN ="));
  CAF_CHECK(contains(server, "TLS Web Server Authentication, TLS Web Client Authentication"));
  CAF_CHECK(contains(server, "DNS:node1.example.com, IP Address:127.0.0.1"));
  CAF_CHECK(contains(client, "TLS Web Client Authentication"));
  CAF_CHECK(!contains(client, "Server"));
  CAF_CHECK(contains(shown("server_broker.example.com"), "DNS:broker.example.com"));
  CAF_CHECK_EQUAL(site.run("find pki -name '*_key.pem' -perm /077"), "");

  CAF_MESSAGE("renewed");
  const auto key = file_text(site.pki("client_node1_key.pem")), ca = file_text(site.pki("ca.pem"));
  site.run("config/cluster/make_certificates pki client node1");
  const auto renewed = shown("client_node1");
  CAF_CHECK(renewed != client);
  CAF_CHECK_EQUAL(renewed.substr(renewed.find("-----BEGIN")), client.substr(client.find("-----BEGIN")));
  CAF_CHECK(file_text(site.pki("client_node1_key.pem")) == key);
  CAF_CHECK(file_text(site.pki("ca.pem")) == ca);
  site.run("openssl verify -CAfile pki/ca.pem -purpose sslclient pki/client_*[^y].pem pki/server_*[^y].pem");

  CAF_MESSAGE("what is no name makes no file");
  const auto files = site.run("ls -A pki");
  for (const auto* bad : {"../node4", "''", "'a b'", "a,,b", "300.1.1.1", "'a,DNS:b'", "-x"})
    CAF_CHECK(site.attempt("config/cluster/make_certificates pki server " + std::string{bad}).code != 0);
  for (const auto* bad : {"", "pki", "pki server", "pki broker node4"})
    CAF_CHECK(
        contains(site.attempt("config/cluster/make_certificates " + std::string{bad}).output, "DIR client"));
  CAF_CHECK_EQUAL(site.run("ls -A pki"), files);
}

CAF_TEST(etcd lets nodes use the keys of their cluster and strangers nothing) {
  deployment_site site;
  deployed_etcd etcd(site);
  const std::string own = "/senseflow/senseflow/";
  etcd_caller node(etcd.as_node());
  const auto lease = node.grant().lease;
  CAF_REQUIRE(node.put(own + "nodes/node1", "mine", lease).error == etcd_error::none);
  CAF_CHECK(node.keep_alive(lease).error == etcd_error::none);
  CAF_CHECK_EQUAL(node.range(own).keys.size(), 1u);
  watch_log seen;
  const auto watch = node.client->watch(own, 1, seen.take());
  CAF_CHECK(seen.wait_for_changes(1));

  CAF_MESSAGE("nothing else");
  for (const auto* key : {"/senseflow/other/x", "/senseflow/senseflow", "/senseflow/senseflow0", "/", "x"}) {
    CAF_CHECK(node.put(key, "x").error == etcd_error::denied);
    CAF_CHECK(node.range(key).error == etcd_error::denied);
  }

  CAF_MESSAGE("strangers");
  site.run("config/cluster/make_certificates other client node1");
  site.run("umask 077; p=$(cat etcd_root_password); export ETCDCTL_USER=root:$p\n"
           "etcdctl role add other; etcdctl role grant-permission other --prefix=true readwrite "
           "/senseflow/other/\n"
           "echo secret | etcdctl user add other --interactive=false; etcdctl user grant-role other other",
           etcd.as_administrator());
  const auto stranger = [&](auto change) {
    auto o = etcd.as_node();
    change(o);
    etcd_caller x(o);
    CAF_CHECK(x.range(own).error != etcd_error::none);
    CAF_CHECK(x.put(own + "nodes/node1", "forged").error != etcd_error::none);
    CAF_CHECK(x.put(own + "servers/sense1", "forged").error != etcd_error::none);
    watch_log told;
    const auto w = x.client->watch(own, 1, told.take());
    CAF_CHECK(told.wait_for_end());
    CAF_CHECK(told.now().changes.empty());
  };
  stranger([](auto& o) { o.certificate_file = o.key_file = ""; });
  stranger([&](auto& o) {
    o.certificate_file = site.directory / "other/client_node1.pem";
    o.key_file = site.directory / "other/client_node1_key.pem";
  });
  stranger([](auto& o) { o.username = o.password = ""; });
  stranger([](auto& o) { o.password = "guessed"; });
  stranger([](auto& o) {
    o.username = "other";
    o.password = "secret";
  });
  const auto keys = node.range(own).keys;
  CAF_REQUIRE_EQUAL(keys.size(), 1u);
  CAF_CHECK_EQUAL(keys[0].value, "mine");

  CAF_MESSAGE("who was refused is refused here only");
  auto o = etcd.as_node();
  o.username = "other";
  o.password = "secret";
  CAF_CHECK(etcd_caller(o).put("/senseflow/other/x", "y").error == etcd_error::none);
}

CAF_TEST(the access list lets nobody but nodes tell them anything and everybody it names read the view) {
  deployment_site site;
  deployed_broker broker(site);
  subscriber nodes{broker.as("senseflow", "mqtt_password", base + "/#")};
  nodes.knows("#"); // no program runs here
  const auto password = site.secret("mqtt_password"), reader = site.secret("dashboard_password");
  for (const auto* topic : {"/digests/node1", "/digests/node9", "/marker/node1", "/node/node1", ""}) {
    CAF_CHECK(broker.publish("dashboard", reader, base + topic, "forged", true) != -1);
    CAF_CHECK(broker.publish("dashboard", password, base + topic, "forged", true) > 0);
    CAF_CHECK(broker.publish("stranger", reader, base + topic, "forged", true) > 0);
    CAF_CHECK(broker.publish("", "", base + topic, "forged", true) > 0);
  }
  const std::vector<std::string> among_nodes{base + "/node/node1", base + "/digests/node1",
                                             base + "/marker/node1"};
  for (const auto& topic : among_nodes)
    CAF_CHECK_EQUAL(broker.publish("senseflow", password, topic, "told"), 0);
  CAF_CHECK(nodes.wait_for_count(among_nodes.size()));
  for (const auto& x : nodes.messages()) CAF_CHECK_EQUAL(x.payload, "told");

  CAF_MESSAGE("what everybody may read");
  for (const auto* topic :
       {"health/sense1", "health/sense1/status", "sessions/sense1/default", "userevent",
        "userevent/session/start", "logevent/engine", "sense1.example.com/mem/free", "senseflow/node1/status",
        "senseflow/node1/ledger", "senseflow/cluster/senseflow"})
    CAF_CHECK_EQUAL(broker.publish("senseflow", password, std::string{"butler-sos/"} + topic, "told", true),
                    0);
  subscriber dashboard{broker.as("dashboard", "dashboard_password", "butler-sos/#")};
  dashboard.knows("#");
  CAF_CHECK(dashboard.wait_for_count(10));
  CAF_CHECK_EQUAL(dashboard.count(base), 1u);
  for (const auto& x : dashboard.messages()) CAF_CHECK_EQUAL(x.payload, "told");
  CAF_CHECK_EQUAL(nodes.count(), among_nodes.size());
}

CAF_TEST(three nodes with the example share the servers) {
  deployment_site site;
  bench::make_certificates(site.directory / "sense");
  deployed_etcd etcd(site);
  deployed_broker broker(site);
  subscriber dashboard{broker.as("dashboard", "dashboard_password", base + "/#")};
  const std::vector<child_process::setting> secrets{
      {"SENSEFLOW_MQTT_PASSWORD", site.secret("mqtt_password")},
      {"SENSEFLOW_ETCD_PASSWORD", site.secret("etcd_password")}};
  std::vector<std::unique_ptr<child_process>> nodes;
  for (const auto* name : {"node1", "node2", "node3"}) {
    const auto file = site.directory / (std::string{name} + ".yaml");
    std::ofstream{file} << configuration(site, etcd, broker.port(), name);
    const std::vector<std::string> command{binary_path("senseflow"), "-c", file};
    auto check = command;
    check.emplace_back("--check-config");
    child_process checked(check, secrets);
    CAF_CHECK_EQUAL(checked.wait().value_or(-1), 0);
    CAF_CHECK(contains(checked.output(), "no faults"));
    CAF_CHECK(!contains(checked.output(), "warning"));
    nodes.push_back(std::make_unique<child_process>(command, secrets));
  }
  const auto shared = [](const std::vector<received_message>& all) {
    for (auto x = all.rbegin(); x != all.rend(); ++x) {
      if (x->topic != base) continue;
      const auto view = nlohmann::json::parse(x->payload);
      size_t owned = 0;
      for (const auto& node : view["nodes"])
        if (node["owns"].size() == 1 && node["status"].is_object()) ++owned;
      return view["nodes"].size() == 3 && owned == 3 && view["unowned"].empty() && view["alarms"].empty();
    }
    return false;
  };
  CAF_CHECK(dashboard.wait_for(shared, 60s * slowdown));
  CAF_CHECK(dashboard.wait_for_topic(base + "/node/node1"));
  for (auto& node : nodes) node->signal(SIGTERM);
  for (auto& node : nodes) {
    CAF_CHECK_EQUAL(node->wait(30s * slowdown).value_or(-1), 0);
    CAF_CHECK(!contains(node->output(), "does not pass on"));
    CAF_CHECK(!contains(node->output(), site.secret("mqtt_password")));
    CAF_CHECK(!contains(node->output(), site.secret("etcd_password")));
  }
}

CAF_TEST(the manifests are YAML and belong together) {
  std::map<std::string, std::vector<YAML::Node>> by_kind;
  for (const auto& x : YAML::LoadAll(example("kubernetes.yaml"))) {
    CAF_REQUIRE(x["apiVersion"] && x["kind"] && x["metadata"]["name"] && x["spec"]);
    by_kind[x["kind"].as<std::string>()].push_back(x["spec"]);
  }
  CAF_REQUIRE_EQUAL(by_kind["StatefulSet"].size(), 1u);
  CAF_REQUIRE_EQUAL(by_kind["PodDisruptionBudget"].size(), 1u);
  const auto set = by_kind["StatefulSet"][0];
  const auto pod = set["template"]["spec"];
  const auto label = set["template"]["metadata"]["labels"]["app"].as<std::string>();
  CAF_CHECK_EQUAL(set["selector"]["matchLabels"]["app"].as<std::string>(), label);
  CAF_CHECK_EQUAL(by_kind["PodDisruptionBudget"][0]["selector"]["matchLabels"]["app"].as<std::string>(),
                  label);
  CAF_CHECK_EQUAL(by_kind["Service"].size(), 1u + set["replicas"].as<size_t>());
  std::set<std::string> pods;
  for (const auto& service : by_kind["Service"]) {
    CAF_CHECK(names_of(service["ports"]) == names_of(pod["containers"][0]["ports"]));
    for (const auto& port : service["ports"]) CAF_CHECK_EQUAL(port["protocol"].as<std::string>(), "UDP");
    if (const auto x = service["selector"]["statefulset.kubernetes.io/pod-name"])
      pods.insert(x.as<std::string>());
  }
  CAF_CHECK_EQUAL(pods.size(), set["replicas"].as<size_t>());

  CAF_MESSAGE("what is mounted is there, and the example finds its files in it");
  const auto container = pod["containers"][0];
  auto volumes = names_of(pod["volumes"]);
  for (const auto& x : set["volumeClaimTemplates"]) volumes.insert(x["metadata"]["name"].as<std::string>());
  CAF_CHECK(names_of(container["volumeMounts"]) == volumes);
  const auto settings = YAML::Load(example("senseflow.cluster.example.yaml"))["Butler-SOS"];
  const auto etcd_tls = settings["cluster"]["etcd"]["tls"];
  for (const auto& file : {settings["mqttConfig"]["tls"]["ca"], etcd_tls["ca"], etcd_tls["cert"],
                           etcd_tls["key"], settings["cert"]["clientCert"], settings["cert"]["clientCertKey"],
                           settings["cert"]["clientCertCA"], settings["delivery"]["spool"]["path"]}) {
    size_t homes = 0;
    for (const auto& x : container["volumeMounts"])
      if (begins(file.as<std::string>(), x["mountPath"].as<std::string>() + "/")) ++homes;
    CAF_CHECK_EQUAL(homes, 1u);
  }
  CAF_CHECK(names_of(container["env"]) ==
            (std::set<std::string>{"SENSEFLOW_MQTT_PASSWORD", "SENSEFLOW_ETCD_PASSWORD"}));
}
