#define CAF_SUITE actors.cluster.real_etcd
#include "actors/cluster/cluster_member.hpp"

#include "test/support/etcd_server.hpp"
#include "test/support/eventually.hpp"
#include "test/support/unit_test.hpp"

#include <caf/all.hpp>

#include <set>
#include <string>

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;

namespace {

struct config : caf::actor_system_config {
  config() { add_message_types<caf::id_block::senseflow>(); }
};

/// Members with clients of their own, on real threads and the real time.
struct member_process {
  std::shared_ptr<poll_permits> permits = std::make_shared<poll_permits>();
  shared_cluster_view view = std::make_shared<runtime::snapshot<cluster_view>>();
  context_ptr env = std::make_shared<context>();
  std::shared_ptr<runtime::etcd_client> etcd;
  cluster_member_actor actor;

  member_process(caf::actor_system& sys, const std::string& id, const std::set<std::string>& servers,
                 std::vector<std::string> endpoints) {
    runtime::etcd_options e;
    e.endpoints = std::move(endpoints);
    etcd = runtime::make_etcd_client(e);
    cluster_member_options o;
    o.cluster = "real";
    o.node = {id, id, "0.1.0", cluster_protocol, digest_format, 1, 0, false};
    o.servers = servers;
    o.lease_ttl = 3s;
    o.etcd = etcd;
    o.permits = permits;
    o.view = view;
    o.pollers = [](const auto&) {};
    actor = sys.spawn(cluster_member, env, o, std::make_shared<cluster_member_estate>());
  }
  ~member_process() { end(caf::exit_reason::kill); }
  member_process(const member_process&) = delete;
  member_process& operator=(const member_process&) = delete;

  void end(caf::exit_reason why) { caf::anon_send_exit(actor, why); }
  size_t owns() const {
    return permits->certain_until() > runtime::boot_clock::now() ? permits->granted().size() : 0;
  }
};

} // namespace

CAF_TEST(three members share servers and take over from one that is killed and one that stops) {
  test::etcd_server etcd;
  config cfg;
  caf::actor_system sys{cfg};
  std::set<std::string> servers;
  for (int i = 0; i < 300; ++i) servers.insert("Sense server " + std::to_string(i) + "/ü");
  auto make = [&](const char* id) {
    return std::make_unique<member_process>(sys, id, servers, etcd.endpoints());
  };
  auto n1 = make("n1"), n2 = make("n2"), n3 = make("n3");
  const auto own = [&](size_t a, size_t b, size_t c) {
    return test::eventually([&] { return n1->owns() == a && n2->owns() == b && n3->owns() == c; }, 20s);
  };
  // Who comes late gets its share when the shares are off by more than 5 %.
  CAF_CHECK(test::eventually([&] { return n1->owns() + n2->owns() + n3->owns() == 300; }, 20s));
  CAF_CHECK(test::eventually(
      [&] {
        for (const auto* x : {n1.get(), n2.get(), n3.get()})
          if (x->owns() < 95 || x->owns() > 105) return false;
        return true;
      },
      20s));
  n3->end(caf::exit_reason::kill);
  n3->etcd.reset();
  CAF_CHECK(test::eventually([&] { return n1->owns() + n2->owns() == 300; }, 20s));
  CAF_CHECK_EQUAL(n1->view->load()->nodes.size(), 2u);
  n2->end(caf::exit_reason::user_shutdown);
  CAF_CHECK(own(300, 0, 0));
  etcd.stop();
  etcd.start();
  CAF_CHECK(own(300, 0, 0)); // the lease outlives the restart
  CAF_CHECK_EQUAL(n1->env->counters.value("cluster_lease_lost_total"), 0.0);
  n1->end(caf::exit_reason::user_shutdown);
  CAF_CHECK(test::eventually([&] { return etcd.ctl({"get", "--prefix", "/senseflow/"}).empty(); }, 20s));
}
