// A node's state as metrics.
#pragma once

#include "runtime/admin/exposition.hpp"
#include "runtime/status/status.hpp"

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace senseflow::runtime {

/// A pure function. All numbers of items are of one moment. `counters`: those of `metrics`.
std::string metrics_text(const node_status& x, const std::vector<prometheus::MetricFamily>& counters,
                         exposition::format f);

} // namespace senseflow::runtime
