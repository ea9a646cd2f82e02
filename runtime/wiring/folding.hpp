// From settings to what of log events is summed up instead of being published one by one.
#pragma once

#include "actors/app_table.hpp"
#include "actors/encoding/encode_batch.hpp"
#include "actors/ingest/event_folding.hpp"
#include "config/settings.hpp"

#include <memory>
#include <string>
#include <vector>

namespace senseflow::runtime {

actors::event_folding_options folding_options(const config::settings& s);

/// What is not let pass by the rules of the moment is not folded; names are those of the moment.
actors::event_folding_lookups folding_lookups(std::shared_ptr<const actors::event_folding_rules> folding,
                                              std::shared_ptr<const actors::encoding_rules> rules,
                                              std::shared_ptr<const actors::app_table> apps);

/// In words, a line each.
std::vector<std::string> describe_folding(const config::settings& s);

} // namespace senseflow::runtime
