// Every actor's typed interface, in the order of the data flow. A handler marked INTERNAL is only used by the
// actor itself or by its own client thread.
#pragma once

#include "messages/cluster_message.hpp"
#include "messages/delivery.hpp"
#include "messages/flow.hpp"
#include "messages/heard_message.hpp"
#include "messages/spooling.hpp"
#include "runtime/etcd/client.hpp"
#include "runtime/http/client.hpp"
#include "runtime/net/resolver.hpp"
#include "runtime/provocation.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::actors {

struct supervisor_plan;
using supervisor_plan_ptr = std::shared_ptr<const supervisor_plan>;

/// What a supervisor tells of one of its children.
struct child_status {
  std::string name; ///< its path in the supervision tree
  bool running = false;
  uint64_t restarts = 0;
};
inline bool operator==(const child_status& a, const child_status& b) {
  return a.name == b.name && a.running == b.running && a.restarts == b.restarts;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, child_status& x) {
  return f(caf::meta::type_name("child_status"), x.name, x.running, x.restarts);
}

} // namespace senseflow::actors

// Functions, a clock of this machine: these never leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(senseflow::actors::supervisor_plan_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(senseflow::runtime::lookup_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(senseflow::runtime::etcd_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(senseflow::runtime::etcd_watch_event)

CAF_BEGIN_TYPE_ID_BLOCK(senseflow, caf::first_custom_type_id)

CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::item_batch))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::encoded_batch))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::demand))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::delivery_batch))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::settled_batch))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::publisher_state))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::spool_commit))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::spool_committed))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::spool_read))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::spool_content))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::cluster_message))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::channel_news))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::heard_message))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::spoken_message))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::repeat_events))
CAF_ADD_TYPE_ID(senseflow, (senseflow::messages::left_topics))
CAF_ADD_TYPE_ID(senseflow, (senseflow::runtime::http_response))
CAF_ADD_TYPE_ID(senseflow, (senseflow::runtime::lookup_result))
CAF_ADD_TYPE_ID(senseflow, (senseflow::runtime::provocation))
CAF_ADD_TYPE_ID(senseflow, (senseflow::runtime::etcd_answer))
CAF_ADD_TYPE_ID(senseflow, (senseflow::runtime::etcd_watch_event))
CAF_ADD_TYPE_ID(senseflow, (senseflow::actors::child_status))
CAF_ADD_TYPE_ID(senseflow, (std::vector<senseflow::actors::child_status>))
CAF_ADD_TYPE_ID(senseflow, (senseflow::actors::supervisor_plan_ptr))

CAF_ADD_ATOM(senseflow, senseflow::actors, again_atom, "again")
CAF_ADD_ATOM(senseflow, senseflow::actors, drain_atom, "drain")
CAF_ADD_ATOM(senseflow, senseflow::actors, poll_atom, "poll")
CAF_ADD_ATOM(senseflow, senseflow::actors, restart_atom, "restart")
CAF_ADD_ATOM(senseflow, senseflow::actors, retry_atom, "retry")
CAF_ADD_ATOM(senseflow, senseflow::actors, status_atom, "status")
CAF_ADD_ATOM(senseflow, senseflow::actors, wake_atom, "wake")

CAF_END_TYPE_ID_BLOCK(senseflow)

namespace senseflow::actors {

using supervised_actor = caf::typed_actor<
    // Answers at once: the sign of life that supervisors ask for.
    caf::replies_to<caf::ping_atom>::with<caf::pong_atom>,
    // Throws, or hangs. Sent by the test control only.
    caf::reacts_to<runtime::provocation>>;

using sense_poller_actor = supervised_actor::extend<
    // Somebody wants all APIs to be called now, whatever their turn.
    caf::reacts_to<poll_atom>,
    // INTERNAL: API number n is due.
    caf::reacts_to<caf::tick_atom, uint32_t>,
    // INTERNAL: the HTTP client's answer.
    caf::reacts_to<runtime::http_response>,
    // INTERNAL: look for the encoder and the outbox (again).
    caf::reacts_to<retry_atom>>;

using app_directory_actor = supervised_actor::extend<
    // INTERNAL: ask for the app list.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: the HTTP client's answer.
    caf::reacts_to<runtime::http_response>>;

using udp_receiver_actor = supervised_actor::extend<
    // INTERNAL: the socket has datagrams, or has failed.
    caf::reacts_to<wake_atom>,
    // INTERNAL: look at the kernel's drop counter, and at the port if it could not be opened.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: the resolver's answer.
    caf::reacts_to<runtime::lookup_result>,
    // INTERNAL: look for the encoder and the outbox (again).
    caf::reacts_to<retry_atom>>;

using encoder_actor = supervised_actor::extend<
    // A source that found this encoder: the answer is how many items it may have on their way.
    caf::replies_to<caf::join_atom>::with<messages::demand>,
    // Encodes the batch and hands the request on to the outbox, whose answer goes straight to the source.
    caf::replies_to<messages::item_batch>::with<messages::demand>>;

using spool_actor = supervised_actor::extend<
    // One transaction.
    caf::replies_to<messages::spool_commit>::with<messages::spool_committed>,
    // What is on disk of a lane.
    caf::replies_to<messages::spool_read>::with<messages::spool_content>,
    // INTERNAL: the disk's answers.
    caf::reacts_to<messages::spool_committed>, caf::reacts_to<messages::spool_content>,
    // INTERNAL: look whether the disk still answers.
    caf::reacts_to<caf::tick_atom>>;

using publisher_actor = supervised_actor::extend<
    // Publications to publish; answered by settled_batch messages to the outbox.
    caf::reacts_to<messages::delivery_batch>,
    // Subscribers are to be told once more that this node is there.
    caf::reacts_to<again_atom>,
    // INTERNAL: the MQTT client has events.
    caf::reacts_to<wake_atom>,
    // INTERNAL: look whether the broker still acknowledges.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: connect to the broker (again).
    caf::reacts_to<caf::connect_atom>,
    // INTERNAL: look for the outbox (again).
    caf::reacts_to<retry_atom>>;

// Whoever tells subscribers that this node is there.
using presence_teller = caf::typed_actor<
    // Once more.
    caf::reacts_to<again_atom>>;

using outbox_actor = supervised_actor::extend<
    // Takes over the batch, once per batch id. The answer is the demand for as many items again: it waits
    // while the outbox is filled above its high watermark and a broker takes from it. A batch whose
    // predecessor has not arrived is refused: sent again in their order, both are taken.
    caf::replies_to<messages::encoded_batch>::with<messages::demand>,
    // A publisher tells of its connection; from now on it is served, or not.
    caf::replies_to<messages::publisher_state, publisher_actor>::with<caf::ok_atom>,
    // What became of publications.
    caf::replies_to<messages::settled_batch>::with<caf::ok_atom>,
    // All values that the broker retains are to go out once more; the answer is how many those are.
    caf::replies_to<again_atom>::with<uint64_t>,
    // Likewise the newest events that were published.
    caf::replies_to<messages::repeat_events>::with<uint64_t>,
    // What was found at a broker: those that are not configured are cleared; the answer is how many those are.
    caf::replies_to<messages::left_topics>::with<uint64_t>,
    // INTERNAL: time has passed.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: a transaction is due.
    caf::reacts_to<wake_atom>>;

using cluster_channel_actor = supervised_actor::extend<
    // To be published to the other nodes.
    caf::reacts_to<messages::cluster_message>,
    // INTERNAL: the MQTT client has events.
    caf::reacts_to<wake_atom>,
    // INTERNAL: look at the connection, and for receivers.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: connect to the broker (again).
    caf::reacts_to<caf::connect_atom>>;

// Whoever wants to hear what others publish.
using heard_message_taker = caf::typed_actor<
    // The answer makes room for another one.
    caf::replies_to<messages::heard_message>::with<caf::ok_atom>>;

using listener_actor = supervised_actor::extend<
    // To be published: an answer to what was heard.
    caf::reacts_to<messages::spoken_message>,
    // INTERNAL: the MQTT client has events.
    caf::reacts_to<wake_atom>,
    // INTERNAL: look at the connection, and for receivers.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: connect to the broker (again).
    caf::reacts_to<caf::connect_atom>>;

// Whoever can publish once more what it has published; the answer is how much that is.
using again_taker = caf::typed_actor<caf::replies_to<again_atom>::with<uint64_t>>;

using requests_actor = supervised_actor::extend<
    // A request; the answer makes room for another one.
    caf::replies_to<messages::heard_message>::with<caf::ok_atom>,
    // INTERNAL: a reload that was asked for has ended.
    caf::reacts_to<wake_atom>,
    // INTERNAL: look whether something is over.
    caf::reacts_to<caf::tick_atom>>;

using namesake_actor = supervised_actor::extend<
    // What somebody says at a topic of this node.
    caf::replies_to<messages::heard_message>::with<caf::ok_atom>,
    // INTERNAL: look whether something is to be said again.
    caf::reacts_to<caf::tick_atom>>;

using leftovers_actor = supervised_actor::extend<
    // INTERNAL: look at the connection.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: the MQTT client has events.
    caf::reacts_to<wake_atom>>;

using discovery_actor = supervised_actor::extend<
    // What others say at the topics of Home Assistant.
    caf::replies_to<messages::heard_message>::with<caf::ok_atom>,
    // All documents are to go out once more; the answer is how many those are.
    caf::replies_to<again_atom>::with<uint64_t>,
    // INTERNAL: look what is due.
    caf::reacts_to<caf::tick_atom>>;

using event_twins_actor = supervised_actor::extend<
    // A digest of another node.
    caf::reacts_to<messages::cluster_message>,
    // What the channel hears.
    caf::reacts_to<messages::channel_news>,
    // INTERNAL: look what is due.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: look for the encoder and the outbox (again).
    caf::reacts_to<retry_atom>>;

using analyst_actor = supervised_actor::extend<
    // Something waits in the feed.
    caf::reacts_to<wake_atom>,
    // INTERNAL: ask the analyses.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: look for the encoder and the outbox (again).
    caf::reacts_to<retry_atom>>;

using admin_actor = supervised_actor::extend<
    // INTERNAL: look at the node.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: open the port (again).
    caf::reacts_to<retry_atom>>;

using ledger_reporter_actor = supervised_actor::extend<
    // INTERNAL: report.
    caf::reacts_to<caf::tick_atom>>;

// What the node's part in the cluster needs of the channel to the other nodes.
using cluster_message_taker = caf::typed_actor<
    // To be published.
    caf::reacts_to<messages::cluster_message>>;

using cluster_member_actor = supervised_actor::extend<
    // Give all servers away and take no others.
    caf::reacts_to<drain_atom>,
    // From the channel: what another node says of itself (`node/…`).
    caf::reacts_to<messages::cluster_message>,
    // INTERNAL: the etcd client's answer.
    caf::reacts_to<runtime::etcd_answer>,
    // INTERNAL: news of watch number n.
    caf::reacts_to<uint64_t, runtime::etcd_watch_event>,
    // INTERNAL: keep the lease alive.
    caf::reacts_to<caf::tick_atom>,
    // INTERNAL: something is due.
    caf::reacts_to<wake_atom>>;

using supervisor_actor = supervised_actor::extend<
    // INTERNAL: the back-off of a child's restart is over.
    caf::reacts_to<restart_atom, uint64_t>,
    // INTERNAL: time to ping a child.
    caf::reacts_to<caf::tick_atom, uint64_t>,
    // INTERNAL: look at the deadlines of those that are to end.
    caf::reacts_to<wake_atom>,
    // The children and options from now on.
    caf::reacts_to<supervisor_plan_ptr>,
    // All children, those of child supervisors not included.
    caf::replies_to<status_atom>::with<std::vector<child_status>>>;

} // namespace senseflow::actors
