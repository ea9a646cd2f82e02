#include "runtime/wiring/observer.hpp"

#include "config/files/pem.hpp"
#include "config/files/read_file.hpp"
#include "runtime/wiring/options.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

namespace senseflow::runtime {

namespace {

using messages::item_class;
using phase = component_notice::phase;

const char* word(config::delivery_mode x) {
  constexpr const char* names[] = {"memory", "overflow", "journal"};
  return names[static_cast<size_t>(x)];
}

settings_fact fact_of(const config::settings& s) {
  settings_fact x;
  x.mode = word(s.delivery.mode);
  for (const auto& server : s.monitor.servers) x.servers.push_back(server.name);
  if (s.user_events.enable) x.ports[item_class::user_event] = s.user_events.udp.port;
  if (s.log_events.enabled()) x.ports[item_class::log_event] = s.log_events.udp.port;
  x.memory_limit = s.delivery.memory.max_bytes;
  x.spool_limit = s.delivery.spool.max_bytes;
  x.spool_min_free = s.delivery.spool.min_free_bytes;
  x.publishers = s.actors.publishers.count;
  x.window = s.actors.publishers.window;
  x.ready_needs_broker = s.admin.ready_needs_broker;
  x.hang_timeout = s.actors.supervision.hang_timeout;
  return x;
}

enum class holds : uint8_t { own, authorities };

/// The first in a file is the one that is shown to the other side; of authorities any will do, so the last to end counts.
void add_certificate(std::vector<certificate_fact>& to, const std::string& file, const char* use,
                     holds what = holds::own) {
  constexpr size_t max_bytes = 1u << 20;
  if (file.empty()) return;
  const auto all = config::files::certificates_in(config::files::read_file(file, max_bytes).text);
  if (all.empty()) return;
  auto end = config::files::end_of(all.front().get());
  if (what == holds::authorities)
    for (const auto& x : all) end = std::max(end, config::files::end_of(x.get()));
  to.push_back({file, use, messages::insights::end_of_validity(end), {}});
}

/// Every part of the tree is there, for the first time.
bool all_running(const facts& x) {
  const auto& xs = x.components;
  return xs.count("polling") > 0 &&
         std::all_of(xs.begin(), xs.end(), [](const auto& c) { return c.second.now == phase::running; });
}

} // namespace

std::vector<certificate_fact> certificates_of(const config::settings& s) {
  std::vector<certificate_fact> result;
  if (!s.monitor.servers.empty() || s.app_names.enable) {
    add_certificate(result, s.cert.client_cert, "client certificate for Qlik Sense");
    add_certificate(result, s.cert.client_cert_ca, "CA certificate of Qlik Sense", holds::authorities);
  }
  if (s.mqtt.tls.enable) {
    add_certificate(result, s.mqtt.tls.cert_file, "client certificate for the broker");
    add_certificate(result, s.mqtt.tls.ca_file, "CA certificate of the broker", holds::authorities);
  }
  if (s.cluster.enable) {
    add_certificate(result, s.cluster.etcd.tls.cert_file, "client certificate for etcd");
    add_certificate(result, s.cluster.etcd.tls.ca_file, "CA certificate of etcd", holds::authorities);
  }
  if (s.admin.enable) add_certificate(result, s.admin.tls.cert_file, "certificate of the status page");
  return result;
}

std::vector<certificate_fact> certificates_shown(const notices& x) {
  std::vector<certificate_fact> result;
  const auto add = [&](const std::string& of, const auto& c) {
    result.push_back({"", "certificate of", c.not_after, of, c.subject, c.issuer});
  };
  for (const auto& [server, notice] : x.servers.all()) {
    const auto engine = notice.certificates.find("health");
    const auto end = notice.certificates.end();
    if (engine != end) add("Sense server " + server, engine->second);
    const auto proxy =
        std::find_if(notice.certificates.begin(), end, [](const auto& c) { return c.first != "health"; });
    if (proxy != end && (engine == end || !(proxy->second == engine->second)))
      add("Sense proxy of " + server, proxy->second);
  }
  for (const auto& [of, c] : x.certificates.all()) add(of, c);
  return result;
}

observer::observer(actors::context_ptr env, actors::shared_cluster_view view,
                   std::shared_ptr<actors::poll_permits> permits)
    : env_(std::move(env)), view_(std::move(view)), permits_(std::move(permits)) {
  known_.started = caf::make_timestamp();
  known_.began = std::chrono::steady_clock::now();
  known_.version = SENSEFLOW_VERSION;
}

void observer::loaded(origin x) {
  std::lock_guard lock{mutex_};
  known_.settings.file = std::move(x.file);
  known_.settings.warnings = std::move(x.warnings);
  known_.settings.not_served = std::move(x.not_served);
}

void observer::reloaded(reload_fact x) {
  std::lock_guard lock{mutex_};
  if (x.result != "faulty") known_.settings.loaded_at = x.at;
  known_.reload = std::move(x);
}

void observer::configured(const config::settings& s) {
  auto settings = fact_of(s);
  auto certificates = certificates_of(s);
  for (const auto& [slot, notice] : env_->notices.brokers.all())
    if (slot >= settings.publishers) env_->notices.brokers.forget(slot);
  std::lock_guard lock{mutex_};
  auto& now = known_.settings;
  settings.file = std::move(now.file);
  settings.warnings = std::move(now.warnings);
  settings.not_served = std::move(now.not_served);
  settings.loaded_at = caf::make_timestamp();
  now = std::move(settings);
  known_.node = node_name(s);
  known_.certificates = std::move(certificates);
  shows_others_ = s.insights.certificates.enable;
  if (!s.insights.clock.enable) env_->notices.clocks.store({});
  if (!s.app_names.enable) env_->notices.certificates.forget(actors::repository);
  known_.cluster.reset();
  if (s.cluster.enable) known_.cluster = cluster_fact{s.cluster.name, {}, false, {}, 0};
}

void observer::spool(std::shared_ptr<const snapshot<spool_figures>> x) {
  std::lock_guard lock{mutex_};
  spool_ = std::move(x);
}

void observer::stopping() {
  std::lock_guard lock{mutex_};
  known_.phase = service_phase::stopping;
}

facts observer::look() {
  const auto components = env_->notices.components.all();
  facts x;
  {
    std::lock_guard lock{mutex_};
    known_.components = components;
    if (known_.phase == service_phase::starting && all_running(known_)) known_.phase = service_phase::running;
    x = known_;
    if (spool_) x.spool = *spool_->load();
  }
  x.certificates = certificates();
  x.at = caf::make_timestamp();
  x.when = std::chrono::steady_clock::now();
  x.process = figures_of_process();
  if (x.cluster) {
    const auto view = view_->load();
    x.cluster->self = view->self;
    x.cluster->certain = view->certain;
    for (const auto& n : view->nodes) x.cluster->nodes.push_back({n.id, n.version, n.draining});
    x.cluster->servers = permits_->granted().size();
  }
  x.lines = env_->book.by_source();
  x.ledger_faults = env_->book.faults();
  x.brokers = env_->notices.brokers.all();
  x.servers = env_->notices.servers.all();
  x.ports = env_->notices.ports.all();
  x.clocks = *env_->notices.clocks.load();
  x.alarms = env_->notices.alarms.all();
  x.backlog = *env_->notices.backlog.load();
  x.spool_trouble = *env_->notices.spool.load();
  x.namesake = *env_->notices.namesake.load();
  x.listener = *env_->notices.listener.load();
  x.work = env_->meters.figures();
  const auto& t = env_->timings;
  x.timings = {t.poll_duration.counts(), t.poll_lateness.counts(), t.session_poll_duration.counts(),
               t.session_poll_lateness.counts(), t.acknowledgement.counts()};
  return x;
}

std::vector<certificate_fact> observer::certificates() {
  std::vector<certificate_fact> result;
  {
    std::lock_guard lock{mutex_};
    result = known_.certificates;
    if (!shows_others_) return result;
  }
  for (auto& x : certificates_shown(env_->notices)) result.push_back(std::move(x));
  return result;
}

} // namespace senseflow::runtime
