#include "runtime/wiring/tree.hpp"

#include "actors/delivery/publisher.hpp"
#include "actors/measured.hpp"
#include "actors/polling/sense_poller.hpp"
#include "runtime/descriptors.hpp"
#include "runtime/log.hpp"
#include "runtime/wiring/admin.hpp"
#include "runtime/wiring/branch.hpp"
#include "runtime/wiring/cluster.hpp"
#include "runtime/wiring/encoding.hpp"
#include "runtime/wiring/folding.hpp"
#include "runtime/wiring/home_assistant.hpp"
#include "runtime/wiring/inbound.hpp"
#include "runtime/wiring/insights.hpp"
#include "runtime/wiring/on_change.hpp"
#include "runtime/wiring/options.hpp"
#include "runtime/wiring/reload.hpp"
#include "runtime/wiring/retained.hpp"
#include "runtime/wiring/section_texts.hpp"

#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace senseflow::runtime {

namespace {

/// Of the time for a graceful stop: sources get a quarter (each group), the outbox what they leave.
std::chrono::milliseconds share(std::chrono::milliseconds total, int parts) { return total / parts; }

bool differ(const config::settings& a, const config::settings& b, const section_texts::sections& in) {
  return section_texts{a}.of(in) != section_texts{b}.of(in);
}

/// Somebody may take what this node gives away.
bool has_peers(const actors::cluster_view& x) {
  return x.certain && std::any_of(x.nodes.begin(), x.nodes.end(),
                                  [&](const auto& n) { return n.id != x.self && !n.draining; });
}

/// What was counted for a source that is gone stays in the totals, without its name.
void forget_source(actors::context& env, const std::string& path) {
  using messages::item_class;
  constexpr std::string_view polling = "polling/";
  env.counters.forget("child", path);
  if (path.rfind(polling, 0) != 0) return;
  const auto server = path.substr(polling.size());
  env.counters.forget("server", server);
  env.notices.servers.forget(server);
  for (auto c : {item_class::health, item_class::sessions, item_class::availability, item_class::server_event,
                 item_class::insight, item_class::insight_event})
    env.book.retire(c, server);
}

} // namespace

service_tree::service_tree(const config::settings& settings, std::shared_ptr<worker> hand,
                           std::shared_ptr<spool> on_disk, std::shared_ptr<service_ports> ports)
    : ports_(std::move(ports)) {
  own_.reporter =
      std::make_shared<actors::ledger_reporter_estate>(actors::unaccepted_report{++own_.env->sources, 0, {}});
  own_.outlets = std::make_unique<source_outlets>(
      settings.actors.encoders.batch_max_items, [env = own_.env] { return ++env->sources; },
      [env = own_.env](const std::string& path) { forget_source(*env, path); });
  auto options = outbox_options(settings, on_disk != nullptr);
  if (on_disk) options.first_id = on_disk->found().first_id;
  if (shares_events(settings)) {
    auto o = shared_events_options_of(settings, own_.cluster.view);
    o.passed = own_.cluster.passed =
        std::make_shared<actors::passed_events>(own_.insights.feed, ++own_.env->sources);
    options.events = own_.cluster.events = std::make_shared<actors::shared_events>(
        std::move(o), own_.env->book, std::chrono::steady_clock::now());
  }
  own_.outbox = std::make_shared<actors::outbox_estate>(options, own_.env->book);
  if (on_disk) {
    recover(*on_disk);
    own_.observer->spool(on_disk->figures());
    own_.spool = std::make_shared<actors::spool_estate>(std::move(hand), std::move(on_disk));
  }
  own_.polls = [this](const std::string& server) { return polls(server); };
  epoch_ = settings.cluster.enable ? common_epoch() : std::chrono::steady_clock::now();
  use(settings);
  own_.observer->configured(settings);
}

// What is under way does not wait for anything.
service_tree::~service_tree() {
  handing_over_.idle(std::chrono::seconds(5));
  assigning_.idle(std::chrono::seconds(5));
}

/// The account goes on where the former run left it.
void service_tree::recover(const spool& on_disk) {
  const auto& found = on_disk.found();
  std::vector<actors::outbox_store::found_on_disk> groups;
  for (const auto& g : found.groups) groups.push_back({g.lane, g.cls, g.source, g.count});
  actors::outbox_estate::enter(own_.outbox).with([&](actors::outbox_store& s) {
    s.recover(groups);
    s.retained().recover(found.topics);
  });
  for (size_t c = 0; c < found.at_risk.size(); ++c) {
    if (found.at_risk[c] == 0) continue;
    auto cls = static_cast<messages::item_class>(c);
    own_.env->book.lost_before(cls, found.at_risk[c]);
    log::warn(
        "the previous run was not shut down cleanly: {} items of class {} that it had received are lost",
        found.at_risk[c], to_string_view(cls));
  }
}

void service_tree::use(const config::settings& settings) {
  const auto connections = sense_connections(settings, descriptor_limit());
  if (const auto trouble = descriptor_trouble(settings, descriptor_limit()); !trouble.empty())
    log::warn("{}", trouble);
  // Those that go on keep the client they have.
  if (!http_ || differ(*settings_, settings, {"cert", "serversToMonitor.rejectUnauthorized"}))
    http_ = make_http_client(sense_tls(settings), connections, names_);
  http_->limit(connections);
  if (settings.cluster.enable && (!etcd_ || differ(*settings_, settings, {"cluster.etcd"})))
    etcd_ = make_etcd_client(etcd_options_of(settings), names_);
  if (settings_ && !settings_->home_assistant.enable && settings.home_assistant.enable) ++own_.discoveries;
  settings_ = std::make_shared<const config::settings>(settings);
  versions_ = child_versions(settings);
  own_.on_change->store(on_change_of(settings));
  own_.recent->store(recent_events_of(settings));
  // Before the rules: what they make is never to be cleared.
  configure(*own_.retained, settings, own_.polls);
  own_.rules->store(encoding_options(settings));
  own_.folding->store(folding_options(settings));
  own_.brokers_shown->follow(settings, names_);
  const auto& c = settings.cluster;
  hand_over_ = c.enable && c.drain_on_stop ? cluster_stop_timeout(settings) : std::chrono::milliseconds(0);
}

std::shared_ptr<actors::sense_poller_estate> service_tree::estate_of(const std::string& path,
                                                                     const actors::sense_poller_options& o) {
  const auto& s = *settings_;
  auto subject = fmt::format("{} {} {} {} {}", o.apis.front().request.url, o.host, s.mqtt.base_topic,
                             s.layouts.documented, s.mqtt.retain.state);
  auto& known = own_.pollers[path];
  if (!known.own || known.subject != subject)
    known = {std::move(subject), std::make_shared<actors::sense_poller_estate>(own_.outlets->of(path))};
  return known.own;
}

std::vector<actors::child_spec> service_tree::delivery() {
  std::vector<actors::child_spec> result;
  const auto node = node_name(*settings_);
  const auto& s = *settings_;
  auto timeout = s.actors.supervision.stop_timeout;
  if (own_.spool)
    result.push_back({"spool",
                      actors::measured_start(actors::names::spool, actors::spooler, own_.env,
                                             actors::spooler_options{}, own_.spool),
                      timeout});
  for (uint32_t slot = 0; slot < s.actors.publishers.count; ++slot) {
    actors::publisher_options o;
    o.slot = slot;
    o.window = s.actors.publishers.window;
    o.ack_timeout = s.actors.publishers.ack_timeout;
    o.reconnect = {s.actors.reconnect.initial_delay, s.actors.reconnect.max_delay,
                   s.actors.reconnect.jitter_percent};
    o.timeout = s.actors.supervision.hang_timeout;
    o.last_words = own_.last_words;
    o.make_client = [options = broker_options(s, slot, node), names = names_] {
      return make_mqtt_client(options, names);
    };
    result.push_back(
        {fmt::format("publisher-{}", slot + 1),
         actors::measured_start(actors::names::publisher(o.slot), actors::publisher, own_.env, o),
         s.actors.supervision.stop_timeout, version_of(actors::names::publisher(slot))});
  }
  // Started last, stopped first: it drains while the publishers are still there.
  actors::outbox_actor_options o;
  o.drain_timeout = s.shutdown.drain_timeout;
  o.stop_by = stop_by_;
  o.retained = own_.retained;
  o.on_change = own_.on_change;
  o.recent = own_.recent;
  result.push_back({"outbox",
                    actors::measured_start(actors::names::outbox, actors::outbox, own_.env, o, own_.outbox),
                    o.drain_timeout + timeout});
  auto report = reporter_options(s, started_);
  if (own_.cluster.events) report.report.events = [x = own_.cluster.events] { return x->counted(); };
  if (s.ledger.interval.count() > 0)
    result.push_back({"ledger",
                      actors::measured_start(actors::names::ledger_reporter, actors::ledger_reporter,
                                             own_.env, report, own_.reporter),
                      timeout, version_of(actors::names::ledger_reporter)});
  for (auto& x : health_reporters(s, own_, versions_)) result.push_back(std::move(x));
  return result;
}

std::vector<actors::child_spec> service_tree::encoding() {
  actors::encoder_options o;
  o.window = settings_->actors.encoders.window;
  o.feed = own_.insights.feed;
  o.encode = [rules = own_.rules, apps = own_.apps](const messages::item_batch& batch) {
    return actors::encode(batch, *rules->load(), *apps->load());
  };
  return {{"encoder",
           actors::measured_start(actors::names::encoder, actors::encoder, own_.env, o, own_.encoder),
           settings_->actors.supervision.stop_timeout, version_of(actors::names::encoder)}};
}

actors::child_spec service_tree::receiver(std::string name, actors::udp_receiver_options options) {
  options.names = names_;
  options.gate = own_.cluster.events;
  auto path = "ingest/" + name;
  auto& own = own_.receivers[path];
  if (!own) own = std::make_shared<actors::udp_receiver_estate>(own_.outlets->of(path));
  actors::child_spec result{
      std::move(name), actors::measured_start(path, actors::udp_receiver, own_.env, std::move(options), own),
      share(settings_->shutdown.drain_timeout, 4), version_of(path)};
  result.replaced_without_draining = true;
  return result;
}

std::vector<actors::child_spec> service_tree::ingest() {
  std::vector<actors::child_spec> result;
  const auto opener = [&](const char* name) { return service_ports::opener(ports_, name); };
  if (settings_->user_events.enable)
    result.push_back(
        receiver(port_names::user_events, user_event_receiver(*settings_, opener(port_names::user_events))));
  if (settings_->log_events.enabled()) {
    auto o = log_event_receiver(*settings_, opener(port_names::log_events));
    o.folding = folding_lookups(own_.folding, own_.rules, own_.apps);
    result.push_back(receiver(port_names::log_events, std::move(o)));
  }
  return result;
}

std::vector<actors::child_spec> service_tree::lookup() {
  if (!settings_->app_names.enable) return {};
  auto o = directory_options(*settings_);
  o.http = http_;
  return {{"app-directory",
           actors::measured_start("lookup/app-directory", actors::app_directory, own_.env, o, own_.apps),
           settings_->actors.supervision.stop_timeout, version_of("lookup/app-directory")}};
}

std::vector<actors::child_spec> service_tree::cluster() {
  const auto& s = *settings_;
  if (!s.cluster.enable) return {};
  auto o = member_options(s, started_);
  o.etcd = etcd_;
  o.permits = own_.cluster.permits;
  o.view = own_.cluster.view;
  if (own_.cluster.events) o.hears = [events = own_.cluster.events] { return events->hears(); };
  o.pollers = [this](const auto& servers) { assigning_.run([this, servers] { assign(servers); }); };
  auto channel = channel_options(s);
  channel.make_client = [options = channel_broker_options(s), names = names_] {
    return make_mqtt_client(options, names);
  };
  std::vector<actors::child_spec> result{
      {"channel",
       actors::measured_start(actors::names::cluster_channel, actors::cluster_channel, own_.env, channel),
       s.actors.supervision.stop_timeout, version_of(actors::names::cluster_channel)}};
  actors::child_spec member{"member",
                            actors::measured_start(actors::names::cluster_member, actors::cluster_member,
                                                   own_.env, o, own_.cluster.member),
                            cluster_stop_timeout(s), version_of(actors::names::cluster_member)};
  member.replaced_without_draining = true;
  result.push_back(std::move(member));
  if (!own_.cluster.events) return result;
  auto twins = twins_options(s);
  twins.events = own_.cluster.events;
  twins.passed = own_.cluster.passed;
  twins.view = own_.cluster.view;
  // The last: receivers stop before it, and what it held can still be told to the others.
  result.push_back({"twins",
                    actors::measured_start(actors::names::event_twins, actors::event_twins, own_.env, twins,
                                           own_.outlets->of(actors::names::event_twins)),
                    std::max<std::chrono::milliseconds>(s.actors.supervision.stop_timeout,
                                                        twins.stop_timeout + std::chrono::seconds(1)),
                    version_of(actors::names::event_twins)});
  result.back().replaced_without_draining = true;
  return result;
}

bool service_tree::polls(const std::string& server) const {
  return !settings_->cluster.enable || assigned_.count(server) > 0;
}

std::vector<actors::child_spec> service_tree::polling() {
  std::vector<actors::child_spec> result; // nothing but servers: they may have any name
  for (auto& o : poller_options(*settings_)) {
    if (!polls(o.server)) continue;
    o.http = http_;
    o.epoch = epoch_;
    if (settings_->cluster.enable) {
      o.node = cluster_node_id(*settings_);
      o.permit = own_.cluster.permits->of(o.server);
      if (!o.permit->claimed())
        for (auto& api : o.apis) api.at_start.reset(); // whoever polled it before has kept the rhythm
    }
    auto path = "polling/" + o.server;
    result.push_back({o.server,
                      actors::measured_start(actors::names::pollers, actors::sense_poller, own_.env, o,
                                             estate_of(path, o)),
                      share(settings_->shutdown.drain_timeout, 4), version_of(path)});
    result.back().replaced_without_draining = true;
  }
  return result;
}

actors::supervisor_plan service_tree::plan() {
  using actors::stop_order;
  const auto& s = *settings_;
  auto admin = admin_children(s, own_); // stopped last: one can look on while the rest drains
  for (auto& x : admin) x.version = version_of("admin/" + x.name);
  return {supervision(s, ""),
          {branch(own_.env, s, "admin", stop_order::together, std::move(admin)),
           branch(own_.env, s, "delivery", stop_order::reverse, delivery()),
           branch(own_.env, s, "encoding", stop_order::reverse, encoding()),
           branch(own_.env, s, "lookup", stop_order::together, lookup()),
           branch(own_.env, s, "cluster", stop_order::reverse, cluster()),
           branch(own_.env, s, "inbound", stop_order::reverse,
                  inbound_children(s, own_, names_, versions_, started_)),
           branch(own_.env, s, "insights", stop_order::together, insight_children(s, own_, versions_)),
           branch(own_.env, s, "ingest", stop_order::together, ingest()),
           branch(own_.env, s, "polling", stop_order::together, polling())}};
}

actors::supervisor_actor service_tree::start(caf::actor_system& system) {
  std::lock_guard lock{changing_};
  auto root = plan();
  auto result = system.spawn(actors::supervisor, own_.env, root.options, std::move(root.children));
  root_ = result.address();
  return result;
}

void service_tree::stop(std::chrono::milliseconds within) {
  own_.observer->stopping();
  stop_by_->store(std::chrono::steady_clock::now() + within);
  const auto end = [root = root_] {
    if (auto x = caf::actor_cast<caf::actor>(root)) caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  };
  const auto hand_over = hand_over_.load();
  auto member = own_.env->names.find_as<actors::cluster_member_actor>(actors::names::cluster_member);
  if (!member || hand_over.count() == 0) return end();
  // Servers are polled here until they have gone to others.
  caf::anon_send(member, actors::drain_atom_v);
  const auto until = std::chrono::steady_clock::now() + std::min(hand_over, within / 2);
  handing_over_.run([end, until, permits = own_.cluster.permits, view = own_.cluster.view] {
    while (!permits->granted().empty() && has_peers(*view->load()) &&
           std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    end();
  });
}

void service_tree::follow(const config::settings& settings) {
  own_.observer->configured(settings); // reads certificates: others need not wait for their disk
  std::lock_guard lock{changing_};
  use(settings);
  adapt();
}

void service_tree::assign(const std::map<std::string, uint64_t>& servers) {
  std::lock_guard lock{changing_};
  assigned_ = servers;
  configure(*own_.retained, *settings_, own_.polls);
  adapt();
}

void service_tree::adapt() {
  // Who comes back later starts anew: the port is opened again, the server's state told again.
  auto forget = [](auto& estates, auto is_there) {
    for (auto i = estates.begin(); i != estates.end();)
      i = is_there(i->first) ? std::next(i) : estates.erase(i);
  };
  const auto planned = [this](const std::string& path) { return versions_.count(path) > 0; };
  forget(own_.receivers, planned);
  forget(own_.pollers,
         [&](const std::string& path) { return planned(path) && polls(path.substr(path.find('/') + 1)); });
  auto next = std::make_shared<const actors::supervisor_plan>(plan());
  if (auto root = caf::actor_cast<caf::actor>(root_)) caf::anon_send(root, std::move(next));
}

} // namespace senseflow::runtime
