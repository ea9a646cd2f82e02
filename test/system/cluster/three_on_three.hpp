// Three nodes on an etcd of three members.
#pragma once

#include "test/support/unit_test.hpp"

#include "test/system/cluster/nodes.hpp"

namespace senseflow::test {

inline const nodes::weights three{{"n1", 1}, {"n2", 1}, {"n3", 1}};

inline nodes_options three_members() {
  nodes_options result;
  result.etcd.members = 3;
  return result;
}

struct three_on_three {
  nodes all{three_members()};
  poll_time begin;

  void start(const node_options& o = {}) {
    for (const auto& x : three) all.start(x.first, o);
    CAF_REQUIRE(all.shared_by(three, 30s));
    CAF_REQUIRE(all.polled_by(three));
    begin = poll_clock::now();
  }
  void check_quiet() {
    const auto faults = all.faults(begin);
    CAF_CHECK_EQUAL(faults.overlaps, 0u);
    CAF_CHECK_EQUAL(faults.examples, "");
    const auto by = pollers_in(all.polls.between(begin));
    for (const auto& [server, ids] : by) CAF_CHECK_EQUAL(ids.size(), 1u); // nothing has moved
  }
  bool all_serve() {
    return eventually([&] {
      try {
        all.etcd.ctl({"endpoint", "health"});
        return true;
      } catch (const std::exception&) {
        return false;
      }
    });
  }
};

} // namespace senseflow::test
