#include "runtime/service_tree.hpp"

#include "actors/encoder_pool.hpp"
#include "actors/publisher.hpp"
#include "actors/sense_poller.hpp"
#include "runtime/service_encoding.hpp"
#include "runtime/service_options.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <array>
#include <random>

namespace senseflow::runtime {

namespace {

/// Tells this process from others in MQTT client ids.
std::string process_suffix() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("{}-{:08x}", host.data(), std::random_device{}());
}

/// Of the time for a graceful stop: sources get a quarter (each group), the outbox half.
std::chrono::milliseconds share(std::chrono::milliseconds total, int parts) { return total / parts; }

} // namespace

service_tree::service_tree(const config::settings& settings)
    : settings_(std::make_shared<const config::settings>(settings)),
      http_(make_http_client(sense_tls(settings), sense_connections(settings))),
      outbox_(std::make_shared<actors::outbox_estate>(outbox_options(settings), env_->book)) {}

std::shared_ptr<estate<actors::outlet>> service_tree::make_outlet() {
  outlets_.push_back(std::make_shared<estate<actors::outlet>>(
      ++env_->sources, settings_->actors.encoders.count, settings_->actors.encoders.batch_max_items));
  return outlets_.back();
}

actors::child_spec service_tree::branch(std::string name, actors::stop_order stop,
                                        std::vector<actors::child_spec> children) {
  auto options = supervision(*settings_, name);
  options.stop = stop;
  // Longer than each child's own time: a branch is killed only when its supervisor itself does not answer.
  auto patience = settings_->shutdown.drain_timeout + std::chrono::seconds(5);
  return {std::move(name),
          [env = env_, options, children = std::move(children)](caf::actor_system& sys) {
            return sys.spawn(actors::supervisor, env, options, children);
          },
          actors::restart_type::permanent, patience};
}

std::vector<actors::child_spec> service_tree::delivery() {
  std::vector<actors::child_spec> result;
  auto suffix = process_suffix();
  const auto& s = *settings_;
  for (uint32_t slot = 0; slot < s.actors.publishers.count; ++slot) {
    actors::publisher_options o;
    o.slot = slot;
    o.window = s.actors.publishers.window;
    o.broker = fmt::format("{}:{}", s.mqtt.broker_host, s.mqtt.broker_port);
    o.reconnect = {s.actors.reconnect.initial_delay, s.actors.reconnect.max_delay,
                   s.actors.reconnect.jitter_percent};
    o.timeout = s.actors.supervision.hang_timeout;
    o.make_client = [options = broker_options(s, slot, suffix)] { return make_mqtt_client(options); };
    result.push_back(
        {fmt::format("publisher-{}", slot + 1),
         [env = env_, o](caf::actor_system& sys) { return sys.spawn(actors::publisher, env, o); },
         actors::restart_type::permanent, s.actors.supervision.stop_timeout});
  }
  // Started last, stopped first: it drains while the publishers are still there.
  result.push_back(
      {"outbox",
       [env = env_, own = outbox_](caf::actor_system& sys) { return sys.spawn(actors::outbox, env, own); },
       actors::restart_type::permanent, share(s.shutdown.drain_timeout, 2)});
  return result;
}

std::vector<actors::child_spec> service_tree::encoding() {
  std::vector<actors::child_spec> result;
  auto options = std::make_shared<const actors::encoder_options>(encoder_options(*settings_));
  auto timeout = settings_->actors.supervision.stop_timeout;
  for (uint32_t i = 0; i < settings_->actors.encoders.count; ++i) {
    auto name = fmt::format("encoder-{}", i + 1);
    result.push_back({name,
                      [name, options, apps = apps_](caf::actor_system& sys) {
                        return sys.spawn(actors::encoder, name, options, apps);
                      },
                      actors::restart_type::permanent, timeout});
  }
  result.push_back({"pool",
                    [env = env_, o = pool_options(*settings_)](caf::actor_system& sys) {
                      return sys.spawn(actors::encoder_pool, env, o);
                    },
                    actors::restart_type::permanent, timeout});
  return result;
}

actors::child_spec service_tree::receiver(std::string name, actors::udp_receiver_options options) {
  auto own = std::make_shared<actors::udp_receiver_estate>(make_outlet());
  return {
      std::move(name),
      [env = env_, options = std::move(options), own](caf::actor_system& sys) -> actors::supervised_actor {
        // Resolving names may block: then the actor has a thread of its own.
        if (options.guard.validate_source)
          return sys.spawn<caf::detached>(actors::udp_receiver, env, options, own);
        return sys.spawn(actors::udp_receiver, env, options, own);
      },
      actors::restart_type::permanent, share(settings_->shutdown.drain_timeout, 4)};
}

std::vector<actors::child_spec> service_tree::ingest() {
  std::vector<actors::child_spec> result;
  if (settings_->user_events.enable)
    result.push_back(receiver("user-events", user_event_receiver(*settings_)));
  if (settings_->log_events.enabled())
    result.push_back(receiver("log-events", log_event_receiver(*settings_)));
  return result;
}

std::vector<actors::child_spec> service_tree::polling() {
  std::vector<actors::child_spec> result;
  if (settings_->app_names.enable) {
    auto o = directory_options(*settings_);
    o.http = http_;
    result.push_back({"app-directory",
                      [env = env_, o, apps = apps_](caf::actor_system& sys) {
                        return sys.spawn(actors::app_directory, env, o, apps);
                      },
                      actors::restart_type::permanent, settings_->actors.supervision.stop_timeout});
  }
  auto epoch = std::chrono::steady_clock::now();
  for (auto& o : poller_options(*settings_)) {
    o.http = http_;
    o.epoch = epoch;
    result.push_back({o.server,
                      [env = env_, o, own = make_outlet()](caf::actor_system& sys) {
                        return sys.spawn(actors::sense_poller, env, o, own);
                      },
                      actors::restart_type::permanent, share(settings_->shutdown.drain_timeout, 4)});
  }
  return result;
}

actors::supervisor_actor service_tree::start(caf::actor_system& system) {
  using actors::stop_order;
  std::vector<actors::child_spec> branches;
  branches.push_back(branch("delivery", stop_order::reverse, delivery()));
  branches.push_back(branch("encoding", stop_order::reverse, encoding()));
  branches.push_back(branch("ingest", stop_order::together, ingest()));
  branches.push_back(branch("polling", stop_order::together, polling()));
  return system.spawn(actors::supervisor, env_, supervision(*settings_, ""), std::move(branches));
}

void service_tree::drop_rest() {
  for (const auto& o : outlets_) {
    auto counts = estate<actors::outlet>::enter(o).with([](actors::outlet& x) { return x.drop_all(); });
    for (size_t c = 0; c < counts.size(); ++c)
      if (counts[c] > 0)
        env_->book.dropped_at_source(static_cast<messages::item_class>(c), "shutdown", counts[c]);
  }
  actors::outbox_estate::enter(outbox_).with([](actors::outbox_store& s) { s.drop_all("shutdown"); });
}

} // namespace senseflow::runtime
