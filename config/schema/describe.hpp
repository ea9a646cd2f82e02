// The declaration of every setting, a function per section. See visitor.hpp.
#pragma once

#include "config/schema/visitor.hpp"
#include "config/settings.hpp"

namespace senseflow::config::schema {

/// The members of `Butler-SOS:`.
void describe(visitor& v, settings& s);

void describe(visitor& v, mqtt_settings& s);
void describe(visitor& v, user_event_settings& s);
void describe(visitor& v, log_event_settings& s);
void describe(visitor& v, categorise_settings& s);
void describe(visitor& v, performance_settings& s);
void describe(visitor& v, cert_settings& s);
void describe(visitor& v, app_name_settings& s);
void describe(visitor& v, user_session_settings& s);
void describe(visitor& v, monitor_settings& s);
void describe(visitor& v, insight_settings& s);
void describe(visitor& v, admin_settings& s);
void describe(visitor& v, cluster_settings& s);
void describe(visitor& v, delivery_settings& s);
void describe(visitor& v, ledger_settings& s);
void describe(visitor& v, actor_settings& s);

// Shared by several sections.
void describe_tags(visitor& v, const entry& e, std::vector<tag>& xs);
void describe_users(visitor& v, const entry& e, std::vector<user_id>& xs);
void describe_udp(visitor& v, udp_settings& s, const entry& port);

} // namespace senseflow::config::schema
