// The site's control protocol: one JSON object a line, one JSON object as answer.
//   {"servers":"1-20,25" | [1,2] | "all", CHANGE...}  -> {"ok":true,"servers":20}
//   {"stats":true} or {"stats":true,"reset":true}     -> {"ok":true,"overall":{...},"servers":[...],...}
// CHANGE: "hang":bool, "close":bool, "latency":ms, "jitter":ms, "handshake":ms, "clock":seconds,
//   "status":200-599, "body":"normal|negative|garbage|html|huge"
// A fault changes nothing -> {"ok":false,"error":"what is wrong"}.
#pragma once

#include "bench/sense_site/behaviour.hpp"
#include "bench/sense_site/statistics.hpp"

#include <functional>
#include <string>
#include <vector>

namespace senseflow::bench {

/// Server numbers, counted from 1.
using server_set = std::vector<size_t>;

struct command_target {
  size_t servers = 0;
  std::function<void(const server_set&, const behaviour_change&)> change;
  std::function<site_statistics(bool reset)> statistics; ///< those before the reset
};

/// Carries out one line; returns the answer without line end. Never throws.
std::string run_command(const std::string& line, const command_target& target);

} // namespace senseflow::bench
