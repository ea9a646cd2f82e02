// What the gateway answers, whatever it is: never throws, takes memory in proportion to the text.
#pragma once

#include "runtime/etcd/client.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

enum class etcd_call_kind : uint8_t { grant, keep_alive, revoke, range, commit, alarms, authenticate };

/// On error `detail` is what etcd says, cleaned, or what is wrong with the answer.
struct etcd_reading : etcd_answer {
  bool token_refused = false;     ///< authenticate, and ask again
  bool no_authentication = false; ///< authenticate: etcd wants none
  std::string token;              ///< authenticate
};

etcd_reading read_answer(etcd_call_kind kind, int32_t http_status, std::string_view body);

/// One line of a watch.
struct etcd_watch_line {
  etcd_error error = etcd_error::none; ///< the watch has ended, whatever becomes of the stream
  std::string detail;
  bool created = false;
  bool progress = false; ///< the answer to a progress_request
  /// What the header says. Of no use as a place to go on from: it may be ahead of the changes that were told.
  int64_t revision = 0;
  std::vector<etcd_change> changes;
};

etcd_watch_line read_watch_line(std::string_view line);
/// Of a watch whose status is not 200.
etcd_watch_line read_watch_refusal(int32_t http_status, std::string_view body);

} // namespace senseflow::runtime
