// Machines whose datagrams belong to no server, so that nobody looks after their silence or clock.
#pragma once

#include "messages/insights/analysis.hpp"
#include "messages/insights/arrivals.hpp"
#include "messages/insights/machine_hints.hpp"
#include "messages/insights/server_of_host.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace senseflow::messages::insights {

/// Counts: `datagrams_unmatched_total{reason}`. Tells of each machine once.
class unmatched_machines : public analysis {
public:
  using look = std::function<arrival_list()>;

  unmatched_machines(look at, std::shared_ptr<const server_of_host> hosts)
      : look_(std::move(at)), hosts_(std::move(hosts)) {}

  void observe(const item_list&, const moment&) override {}
  void tick(const moment& now, findings& to) override;
  void inherit(analysis& former) override;

private:
  look look_;
  std::shared_ptr<const server_of_host> hosts_;
  std::map<std::pair<std::string, service>, uint64_t> counted_; ///< datagrams, of all machines
  machine_hints hints_{"events", "server", "insights"};
};

} // namespace senseflow::messages::insights
