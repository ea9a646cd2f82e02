#include "runtime/udp/handed_over.hpp"

#include <systemd/sd-daemon.h>

#include <cstdlib>

namespace senseflow::runtime {

std::vector<handed_over_socket> take_handed_over() {
  std::vector<handed_over_socket> result;
  char** names = nullptr;
  const auto n = sd_listen_fds_with_names(1, &names);
  for (int i = 0; i < n; ++i) {
    result.push_back({unique_fd{SD_LISTEN_FDS_START + i}, names[i]});
    std::free(names[i]);
  }
  std::free(names);
  return result;
}

} // namespace senseflow::runtime
