// What a publisher tells the outbox, and in which order.
#pragma once

#include "actors/delivery/publisher.hpp"

namespace senseflow::actors {

using publisher_pointer = publisher_actor::stateful_pointer<publisher_actor_state>;

/// Until there is one. It is told of this publisher first.
void look_up_outbox(publisher_pointer self);

/// What is due, one thing after the other, each when the outbox has answered the last one. It sends as soon as it
/// knows that we are connected: so it learns first what came back, or newer items of the same origin would go
/// before it.
void tell_outbox(publisher_pointer self);

/// This publisher's state is due.
void state_myself(publisher_pointer self);

/// If that is its address: it is looked up again.
void outbox_lost(publisher_pointer self, const caf::actor_addr& address);

/// Once a second: one that leaves a question unanswered is given up.
void watch_outbox(publisher_pointer self);

void connect_later(publisher_pointer self); ///< after the back-off's next delay

/// If that is due, and not before the outbox knows of the loss and of all that came back over it: it would go
/// on sending, and newer items of an origin would go before older ones. A new outbox sends nothing of itself.
void connect_again(publisher_pointer self);

} // namespace senseflow::actors
