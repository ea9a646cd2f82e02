// The supervision tree of a node, and what survives the restarts of its actors.
#pragma once

#include "actors/app_directory.hpp"
#include "actors/context.hpp"
#include "actors/encoder.hpp"
#include "actors/outbox.hpp"
#include "actors/supervisor.hpp"
#include "actors/udp_receiver.hpp"
#include "config/settings.hpp"
#include "runtime/http_client.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// What the actors leave to their next incarnations.
class service_tree {
public:
  explicit service_tree(const config::settings& settings);

  /// Starts root -> delivery, encoding, ingest, polling: consumers first.
  actors::supervisor_actor start(caf::actor_system& system);

  actors::context& env() { return *env_; }

  /// When all actors have ended: what is left can't be delivered any more; counts it as dropped, `shutdown`.
  void drop_rest();

private:
  std::shared_ptr<estate<actors::outlet>> make_outlet();

  std::vector<actors::child_spec> delivery();
  std::vector<actors::child_spec> encoding();
  std::vector<actors::child_spec> ingest();
  std::vector<actors::child_spec> polling();
  actors::child_spec branch(std::string name, actors::stop_order stop,
                            std::vector<actors::child_spec> children);
  actors::child_spec receiver(std::string name, actors::udp_receiver_options options);

  std::shared_ptr<const config::settings> settings_;
  actors::context_ptr env_ = std::make_shared<actors::context>();
  std::shared_ptr<actors::app_table> apps_ = std::make_shared<actors::app_table>();
  std::shared_ptr<http_client> http_;
  std::shared_ptr<actors::outbox_estate> outbox_;
  std::vector<std::shared_ptr<estate<actors::outlet>>> outlets_;
};

} // namespace senseflow::runtime
