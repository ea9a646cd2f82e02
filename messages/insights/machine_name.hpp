// How texts for operators call a machine: what it is called comes from outside.
#pragma once

#include <string>
#include <string_view>

namespace senseflow::messages::insights {

/// `'QLIK1'`: as YAML reads it. At most 63 characters, none of which would break a line or hide.
std::string quoted_machine(std::string_view host);

/// What to do if it is a server: "say so in insights.hosts, as in hosts: {'QLIK1': <serverName>}".
std::string how_to_tell(std::string_view host);

} // namespace senseflow::messages::insights
