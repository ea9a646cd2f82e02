// The supervision tree of a node, and what survives the restarts of its actors.
#pragma once

#include "actors/context.hpp"
#include "actors/delivery/ledger_reporter.hpp"
#include "actors/delivery/outbox.hpp"
#include "actors/delivery/spooler.hpp"
#include "actors/encoding/encode_batch.hpp"
#include "actors/encoding/encoder.hpp"
#include "actors/ingest/udp_receiver.hpp"
#include "actors/polling/app_directory.hpp"
#include "actors/polling/sense_poller.hpp"
#include "actors/supervisor.hpp"
#include "config/settings.hpp"
#include "runtime/http/client.hpp"
#include "runtime/net/resolver.hpp"
#include "runtime/service/outlets.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// What the actors leave to their next incarnations. One thread at a time.
class service_tree {
public:
  /// Without a spool everything stays in memory.
  service_tree(const config::settings& settings, std::unique_ptr<spool> on_disk);

  /// Starts root -> delivery, encoding, ingest, polling: consumers first.
  actors::supervisor_actor start(caf::actor_system& system);

  /// Makes the running tree one of these settings: only what differs is touched. Returns at once.
  void follow(const config::settings& settings);

  actors::context& env() { return *env_; }

  /// When all actors have ended: writes what was not delivered to the spool. What can't be is counted as
  /// dropped, `shutdown`.
  void settle_rest();

private:
  void use(const config::settings& settings);
  actors::supervisor_plan plan();
  std::vector<actors::child_spec> delivery();
  std::vector<actors::child_spec> encoding();
  std::vector<actors::child_spec> ingest();
  std::vector<actors::child_spec> polling();
  actors::child_spec receiver(std::string name, actors::udp_receiver_options options);
  std::shared_ptr<actors::sense_poller_estate> estate_of(const std::string& path,
                                                         const actors::sense_poller_options& o);
  void recover(spool& on_disk);
  const std::string& version_of(const std::string& path) const { return versions_.at(path); }

  std::shared_ptr<const config::settings> settings_;
  std::map<std::string, std::string> versions_; ///< of the children, by path
  actors::context_ptr env_ = std::make_shared<actors::context>();
  std::shared_ptr<actors::app_table> apps_ = std::make_shared<actors::app_table>();
  std::shared_ptr<actors::encoding_rules> rules_ = std::make_shared<actors::encoding_rules>();
  std::shared_ptr<actors::encoder_estate> encoder_ = std::make_shared<actors::encoder_estate>();
  std::shared_ptr<resolver> names_ = make_resolver();
  std::shared_ptr<http_client> http_;
  std::shared_ptr<actors::spool_estate> spool_; ///< null: none
  std::shared_ptr<actors::outbox_estate> outbox_;
  std::shared_ptr<actors::ledger_reporter_estate> reporter_;
  outlets outlets_;
  std::map<std::string, std::shared_ptr<actors::udp_receiver_estate>> receivers_;
  struct known_server {
    std::string subject; ///< what its availability was told of, and where: another one is told from the start
    std::shared_ptr<actors::sense_poller_estate> own;
  };
  std::map<std::string, known_server> pollers_;
  caf::timestamp started_ = caf::make_timestamp();
  std::chrono::steady_clock::time_point epoch_ = std::chrono::steady_clock::now(); ///< of all polls
  caf::actor_addr root_;
};

} // namespace senseflow::runtime
