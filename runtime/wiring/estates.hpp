// What the actors of a tree leave to their next incarnations.
#pragma once

#include "actors/cluster/cluster_member.hpp"
#include "actors/cluster/cluster_view.hpp"
#include "actors/cluster/shared_events.hpp"
#include "actors/context.hpp"
#include "actors/delivery/last_words.hpp"
#include "actors/delivery/ledger_reporter.hpp"
#include "actors/delivery/outbox.hpp"
#include "actors/delivery/spooler.hpp"
#include "actors/encoding/encode_batch.hpp"
#include "actors/encoding/encoder.hpp"
#include "actors/home_assistant/discovery.hpp"
#include "actors/inbound/requests.hpp"
#include "actors/ingest/udp_receiver.hpp"
#include "actors/insight_feed.hpp"
#include "actors/insights/analyst.hpp"
#include "actors/poll_permit.hpp"
#include "actors/polling/app_directory.hpp"
#include "actors/polling/sense_poller.hpp"
#include "runtime/status/status.hpp"
#include "runtime/wiring/broker_certificates.hpp"
#include "runtime/wiring/observer.hpp"
#include "runtime/wiring/outlets.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace senseflow::runtime {

struct service_estates {
  actors::context_ptr env = std::make_shared<actors::context>();
  std::shared_ptr<actors::app_table> apps = std::make_shared<actors::app_table>();
  std::shared_ptr<actors::encoding_rules> rules = std::make_shared<actors::encoding_rules>();
  std::shared_ptr<snapshot<actors::retained_topics>> retained =
      std::make_shared<snapshot<actors::retained_topics>>();
  std::shared_ptr<snapshot<actors::on_change_options>> on_change =
      std::make_shared<snapshot<actors::on_change_options>>();
  std::shared_ptr<snapshot<actors::recent_events_options>> recent =
      std::make_shared<snapshot<actors::recent_events_options>>();
  std::shared_ptr<actors::event_folding_rules> folding = std::make_shared<actors::event_folding_rules>();
  std::shared_ptr<actors::encoder_estate> encoder = std::make_shared<actors::encoder_estate>();
  std::shared_ptr<actors::spool_estate> spool; ///< null: none
  std::shared_ptr<actors::outbox_estate> outbox;
  std::shared_ptr<actors::last_words> last_words = std::make_shared<actors::last_words>(); ///< of publishers
  std::shared_ptr<actors::ledger_reporter_estate> reporter;
  std::unique_ptr<source_outlets> outlets;
  std::map<std::string, std::shared_ptr<actors::udp_receiver_estate>> receivers;
  struct known_server {
    std::string subject; ///< what its availability was told of, and where: another one is told from the start
    std::shared_ptr<actors::sense_poller_estate> own;
  };
  std::map<std::string, known_server> pollers;

  struct {
    std::shared_ptr<actors::poll_permits> permits = std::make_shared<actors::poll_permits>();
    actors::shared_cluster_view view = std::make_shared<actors::shared_cluster_view::element_type>();
    std::shared_ptr<actors::cluster_member_estate> member = std::make_shared<actors::cluster_member_estate>();
    std::shared_ptr<actors::shared_events> events; ///< null: all events are for us
    std::shared_ptr<actors::passed_events> passed; ///< likewise
  } cluster;

  std::shared_ptr<actors::requests_estate> requests = std::make_shared<actors::requests_estate>();
  /// The service's, to be set before the start; null: nobody reloads on request.
  std::function<void(std::function<void(const reload_fact&)> done)> reload;
  std::shared_ptr<actors::discovery_estate> discovery =
      std::make_shared<actors::discovery_estate>(++env->sources);
  std::shared_ptr<actors::ledger_reporter_estate> health_reporter =
      std::make_shared<actors::ledger_reporter_estate>(actors::unaccepted_report{++env->sources, 0, {}});
  uint64_t discoveries = 0;                        ///< how often it was switched on again
  std::function<bool(const std::string&)> polls{}; ///< whether this node polls the server; null: it does
  std::shared_ptr<broker_certificates> brokers_shown = std::make_shared<broker_certificates>(env);
  struct {
    std::shared_ptr<actors::insight_feed> feed = std::make_shared<actors::insight_feed>();
    std::shared_ptr<actors::analyst_estate> analyst; ///< null: nothing is analysed
  } insights;

  std::shared_ptr<runtime::observer> observer =
      std::make_shared<runtime::observer>(env, cluster.view, cluster.permits);
  std::shared_ptr<status_watch> status = std::make_shared<status_watch>([x = observer] { return x->look(); });
};

} // namespace senseflow::runtime
