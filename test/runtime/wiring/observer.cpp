#define CAF_SUITE runtime.wiring.observer
#include "test/support/unit_test.hpp"

#include "runtime/wiring/observer.hpp"

#include "bench/certificates.hpp"
#include "test/support/temp_dir.hpp"

using namespace senseflow;
using namespace runtime;
using namespace std::chrono_literals;
using messages::item_class;
using phase = component_notice::phase;

namespace {

struct fixture {
  actors::context_ptr env = std::make_shared<actors::context>();
  actors::shared_cluster_view view = std::make_shared<actors::shared_cluster_view::element_type>();
  observer aut{env, view, std::make_shared<actors::poll_permits>()};
  config::settings s;

  fixture() {
    s.node = "n1";
    s.user_events.enable = true;
    s.user_events.udp.port = 9997;
    config::server_settings x;
    x.name = "sense1";
    s.monitor.servers = {x};
  }
  void component(const std::string& name, phase now) {
    env->notices.components.update(name, [&](auto& x) { x.now = now; });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(observer_tests, fixture)

CAF_TEST(it is running once every part of the tree has started and stopping when it is told) {
  aut.configured(s);
  CAF_CHECK(aut.look().phase == service_phase::starting);
  component("polling", phase::running);
  component("polling/sense1", phase::restarting);
  CAF_CHECK(aut.look().phase == service_phase::starting);
  component("polling/sense1", phase::running);
  CAF_CHECK(aut.look().phase == service_phase::running);
  component("polling/sense1", phase::restarting);
  CAF_CHECK(aut.look().phase == service_phase::running);
  aut.stopping();
  CAF_CHECK(aut.look().phase == service_phase::stopping);
}

CAF_TEST(a look holds what all have noted) {
  aut.loaded({"senseflow.yaml", {"a warning"}, {"influxdbConfig"}});
  aut.configured(s);
  const auto figures = std::make_shared<snapshot<spool_figures>>();
  figures->store({5, 6, 7});
  aut.spool(figures);
  env->book.received(item_class::user_event, "host", 3);
  env->meters.of("a")->message();
  env->timings.acknowledgement.observe(1ms);
  env->notices.servers.update("sense1", [](auto& x) { x.sessions = 4; });
  const auto x = aut.look();
  CAF_CHECK_EQUAL(x.node, "n1");
  CAF_CHECK(!x.version.empty());
  CAF_CHECK(x.settings.file == "senseflow.yaml" && x.settings.warnings.size() == 1);
  CAF_CHECK(x.settings.loaded_at != caf::timestamp{});
  CAF_CHECK_EQUAL(x.settings.ports.at(item_class::user_event), 9997);
  CAF_CHECK(x.spool && x.spool->bytes == 5);
  CAF_CHECK_EQUAL(x.pending_events(), 3u);
  CAF_CHECK_EQUAL(x.work.at("a").handled, 1u);
  CAF_CHECK_EQUAL(x.timings.acknowledgement.count(), 1u);
  CAF_CHECK(x.servers.at("sense1").sessions == 4u);
  CAF_CHECK(x.process.resident_bytes > 1000000 && x.process.open_files > 2 && x.process.threads > 0);
  CAF_CHECK(!x.cluster);
}

CAF_TEST(a reload changes what is shown and keeps where it came from) {
  aut.loaded({"senseflow.yaml", {}, {}});
  s.actors.publishers.count = 2;
  aut.configured(s);
  for (uint32_t slot : {0u, 1u}) env->notices.brokers.update(slot, [](auto&) {});
  s.actors.publishers.count = 1;
  s.cluster.enable = true;
  aut.configured(s);
  aut.reloaded({caf::make_timestamp(), "faulty", "x"});
  const auto x = aut.look();
  CAF_CHECK_EQUAL(x.brokers.size(), 1u); // the other publisher is gone
  CAF_CHECK_EQUAL(x.settings.file, "senseflow.yaml");
  CAF_CHECK(x.cluster && x.reload && x.reload->result == "faulty");
  CAF_CHECK(x.settings.loaded_at < x.reload->at);
}

CAF_TEST(certificates in use are known with their ends) {
  const test::temp_dir dir;
  bench::certificate_options o;
  o.expired_client = true;
  bench::make_certificates(dir.path(), o);
  s.cert = {dir / "client_expired.pem", dir / "client_expired_key.pem", dir / "root.pem", {}};
  s.admin.enable = true;
  s.admin.tls.cert_file = dir / "server.pem";
  auto all = certificates_of(s);
  CAF_REQUIRE_EQUAL(all.size(), 3u);
  const auto now = caf::make_timestamp();
  CAF_CHECK(all[0].expires < now && all[0].file == dir / "client_expired.pem");
  CAF_CHECK(all[1].expires > now + 1000 * 24h);
  s.monitor.servers.clear(); // nobody is polled with them
  CAF_CHECK_EQUAL(certificates_of(s).size(), 1u);
  s.admin.tls.cert_file = "/nowhere";
  CAF_CHECK(certificates_of(s).empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
