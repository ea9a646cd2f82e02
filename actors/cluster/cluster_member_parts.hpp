// The parts that `cluster_member` is made of. Each looks at the state, does what is missing and can be done
// now, and may be called at any time.
#pragma once

#include "actors/cluster/cluster_member.hpp"

#include <string>

namespace senseflow::actors::member {

using self_pointer = cluster_member_actor::stateful_pointer<cluster_member_state>;
using attempts = cluster_member_state::attempts;

// -- cluster_member.cpp
void go_on(self_pointer self);
void wake_after(self_pointer self, caf::timespan t);
/// Not under way, and no back-off to wait for.
bool may_try(self_pointer self, const attempts& a);
void failed(self_pointer self, attempts& a, const char* what, const std::string& detail);
void succeeded(self_pointer self, attempts& a, const char* what);
std::string title(const cluster_member_state& st); ///< of log lines
node_entry wanted_entry(cluster_member_state& st); ///< of ours, as it should be in etcd

// -- cluster_lease_part.cpp
void keep_lease(self_pointer self);
void send_keep_alive(self_pointer self);
void lease_lost(self_pointer self);

// -- cluster_view_part.cpp
void keep_view(self_pointer self);
void watched(self_pointer self, uint64_t number, const runtime::etcd_watch_event& x);
/// Permits follow at once, the rest when the view has settled.
void changed(self_pointer self);
void publish_view(self_pointer self);

// -- cluster_ownership_part.cpp
void write(self_pointer self);
void fit_permits(self_pointer self);
/// By another instance, for longer than one of ours that was killed could still seem to live.
bool id_is_taken(self_pointer self);
/// Nothing is left to be written that could be.
bool all_written(self_pointer self);

// -- cluster_telling_part.cpp
void tell(self_pointer self);            ///< over MQTT, and what etcd complains of, when it is time
void tell_membership(self_pointer self); ///< in the log, when it has changed
void forget_status(self_pointer self);

} // namespace senseflow::actors::member
