#define CAF_SUITE system.cluster.home_assistant
#include "test/support/unit_test.hpp"

#include "test/support/home_assistant.hpp"
#include "test/system/cluster/nodes.hpp"

#include <set>
#include <string>

using namespace senseflow;
using namespace senseflow::test;

namespace {

constexpr size_t servers = 4;

/// Every server is there, and connected via the node that owns it.
bool as_owned(home_assistant& ha, const nodes& all) {
  ha.look();
  const auto owners = all.owners();
  if (owners.size() != servers) return false;
  for (const auto& [server, owner] : owners) {
    const auto* device = ha.known().find(server);
    const auto* node = ha.known().find("senseflow " + owner);
    if (device == nullptr || node == nullptr) return false;
    if (device->config["via_device"] != node->config["identifiers"][0]) return false;
    if (!ha.all_available(server)) return false;
  }
  return true;
}

} // namespace

CAF_TEST(each server belongs to the node that polls it and follows it to another one) {
  nodes_options o;
  o.servers = servers;
  nodes all{o};
  node_options with;
  with.sections = "  homeAssistant: {enable: true}\n";
  all.start("n1", with);
  all.start("n2", with);
  home_assistant ha{all.broker.port()};
  CAF_REQUIRE(all.shared_by({{"n1", 1}, {"n2", 1}}, 30s));
  CAF_CHECK(eventually([&] { return as_owned(ha, all); }, 30s, 100ms));

  CAF_MESSAGE("nothing is told again and again");
  const auto documents = ha.known().documents();
  nodes::let_pass(3s);
  ha.look();
  CAF_CHECK_EQUAL(ha.known().documents(), documents);

  CAF_MESSAGE("a node dies");
  all.kill("n1");
  CAF_CHECK(all.shared_by({{"n2", 1}}, 30s));
  CAF_CHECK(eventually([&] { return as_owned(ha, all); }, 30s, 100ms));
  CAF_CHECK_EQUAL(ha.state("senseflow n1", "connected"), "OFF");

  CAF_MESSAGE("it comes back");
  all.start("n1", with);
  CAF_CHECK(all.shared_by({{"n1", 1}, {"n2", 1}}, 30s));
  CAF_CHECK(eventually([&] { return as_owned(ha, all); }, 30s, 100ms));
  for (const auto* id : {"n1", "n2"}) CAF_CHECK_EQUAL(all[id].stop(), 0);
  for (const auto& x : ha.faults()) CAF_ERROR(x);
}
