// Sockets that the service manager has opened for us: they outlive this process, and so do the datagrams in them.
#pragma once

#include "runtime/net/unique_fd.hpp"

#include <string>
#include <vector>

namespace senseflow::runtime {

struct handed_over_socket {
  unique_fd fd;
  std::string name; ///< the manager's; those of one socket unit have the same
};

/// In the order of the socket units, those that are meant for this process. Call once, before there are
/// threads: the environment does not name them afterwards.
std::vector<handed_over_socket> take_handed_over();

} // namespace senseflow::runtime
