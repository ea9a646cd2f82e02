// Which process has what: read from /proc, nothing is touched.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime::probe {

/// A UDP socket that is bound, as the kernel lists it.
struct udp_entry {
  uint64_t inode = 0;
  uint64_t waiting_bytes = 0; ///< in its buffer
  uint64_t drops = 0;         ///< since it was opened
};

/// Of /proc/net/udp or udp6: the first at this port. A pure function.
std::optional<udp_entry> find_udp_port(std::string_view table, uint16_t port);

struct udp_user {
  udp_entry socket;
  pid_t pid = 0;    ///< 0: not to be seen by this user
  std::string name; ///< of the process
};
std::optional<udp_user> user_of_udp_port(uint16_t port);

/// Who holds the lock (flock) of the file with this device and inode, by /proc/locks; 0: nobody that is
/// seen. A pure function.
pid_t find_lock(std::string_view table, uint64_t device, uint64_t inode);
pid_t holder_of_lock(const std::string& file);

std::string name_of(pid_t process); ///< "" = none of that number

/// Running services of this program, this process and other commands of it left out.
std::vector<pid_t> services();

} // namespace senseflow::runtime::probe
