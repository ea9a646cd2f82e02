#define CAF_SUITE system.cluster.sharing
#include "test/support/unit_test.hpp"

#include "test/system/cluster/nodes.hpp"

using namespace senseflow;
using namespace senseflow::test;

namespace {

const nodes::weights three{{"n1", 1}, {"n2", 1}, {"n3", 1}};

nodes_options many() {
  nodes_options result;
  result.servers = 300 / slowdown;
  return result;
}

void check_shares(nodes& all, const nodes::weights& expected) {
  CAF_REQUIRE(all.start_all(expected));
  const auto begin = poll_clock::now();
  nodes::let_pass(5 * nodes::interval);
  const auto seen = all.polls.between(begin);
  CAF_CHECK_EQUAL(seen.size(), all.site->endpoints().size());
  std::map<std::string, size_t> counts;
  for (const auto& [server, by] : pollers_in(seen)) {
    CAF_CHECK_EQUAL(by.size(), 1u);
    ++counts[*by.begin()];
  }
  for (const auto& [id, n] : counts) CAF_MESSAGE(id << " polls " << n << " servers");
  const auto faults = all.faults(seen, begin);
  CAF_CHECK_EQUAL(faults.examples, "");
  CAF_CHECK(all.shared_by(expected));
}

/// Without what a message says of its node and of a moment: topics and the fields of their payloads.
std::map<std::string, std::set<std::string>> shape(const subscriber& sub) {
  std::map<std::string, std::set<std::string>> result;
  for (const auto& x : sub.messages()) {
    auto& fields = result[x.topic];
    const auto payload = nlohmann::json::parse(x.payload, nullptr, false);
    if (!payload.is_object()) continue;
    for (const auto& field : payload.items())
      if (field.key() != "node" && field.key() != "epoch") fields.insert(field.key());
  }
  return result;
}

} // namespace

CAF_TEST(three nodes share the servers and each is polled by one of them) {
  nodes all{many()};
  check_shares(all, three);
}

CAF_TEST(weights decide how many servers a node has) {
  nodes all{many()};
  check_shares(all, {{"n1", 1}, {"n2", 2}, {"n3", 3}});
}

CAF_TEST(messages of a server say which node has polled it and by which ownership) {
  nodes all;
  CAF_REQUIRE(all.start_all(three));
  subscriber_options o{all.broker.port(), "butler-sos/health/+"};
  o.version = 5;
  subscriber sub{o};
  const auto owners = all.owners();
  const auto all_there = [&](const auto& messages) {
    std::set<std::string> seen;
    for (const auto& x : messages)
      if (!x.retain) seen.insert(x.topic);
    return seen.size() == owners.size();
  };
  CAF_REQUIRE(sub.wait_for(all_there));
  for (const auto& x : sub.messages()) {
    if (x.retain) continue;
    const auto payload = nlohmann::json::parse(x.payload);
    const auto& owner = owners.at(payload.at("server").get<std::string>());
    CAF_CHECK_EQUAL(payload.at("node").get<std::string>(), owner);
    CAF_CHECK_GREATER(payload.at("epoch").get<uint64_t>(), 0u);
    CAF_CHECK_EQUAL(x.user.at("node"), owner);
    CAF_CHECK_EQUAL(x.user.at("epoch"), std::to_string(payload.at("epoch").get<uint64_t>()));
  }
}

CAF_TEST(one node alone does what a program without a cluster does) {
  nodes all;
  const size_t servers = all.site->endpoints().size();
  std::map<bool, std::map<std::string, std::set<std::string>>> shapes;
  for (auto clustered : {false, true}) {
    subscriber sub{subscriber_options{all.broker.port(), "butler-sos/health/#"}};
    temp_dir home;
    auto c = all.config("n1", {});
    if (!clustered) c.more = "  node: n1\n  layouts: {butlerSos: false}\n";
    const auto began = poll_clock::now();
    senseflow_process aut{home, c.text()};
    CAF_REQUIRE(eventually([&] { return all.polls.between(began).size() == servers; }));
    CAF_MESSAGE((clustered ? "alone in a cluster" : "standalone")
                << ": all servers polled after " << seconds(poll_clock::now() - began) << " s");
    const auto begin = poll_clock::now();
    nodes::let_pass(4 * nodes::interval);
    const auto seen = all.polls.between(begin);
    CAF_CHECK_EQUAL(seen.size(), servers);
    CAF_CHECK_EQUAL(all.faults(seen, begin).examples, "");
    CAF_CHECK_EQUAL(aut.stop(), 0);
    sub.settle();
    shapes[clustered] = shape(sub);
  }
  CAF_CHECK_GREATER_OR_EQUAL(shapes[true].size(), 2 * servers); // health and status
  CAF_CHECK(shapes[true] == shapes[false]);
}
