// What must hold of the documents that come out: the published schemas, config/schemas/.
#pragma once

#include "messages/insights/alarm.hpp"
#include "messages/items/insight.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace senseflow::fuzz {

/// Strict JSON that this schema allows; its value.
nlohmann::json check_document(const std::string& schema, std::string_view text);

/// Its topic, class and document, of which it returns the value.
nlohmann::json check_insight(const messages::insight& x, size_t max_bytes);

/// Two lines for an operator.
void check_alarm(const messages::insights::alarm& x);

} // namespace senseflow::fuzz
