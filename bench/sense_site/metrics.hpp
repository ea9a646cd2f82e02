// The made-up life of one Sense server: memory and CPU wander, counters grow, sessions come and go. Each
// question takes it one step further. Equal seeds give equal lives. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::bench {

class sense_metrics {
public:
  explicit sense_metrics(uint64_t seed);

  /// Body of /engine/healthcheck.
  std::string health(bool negative_bytes_added = false);

  /// Body of /qps<prefix>/session; "" is the prefix of the virtual proxy "/". Empty text:
  /// no such virtual proxy.
  std::string sessions(std::string_view prefix);

  /// Body of /qrs/app: the same for all servers.
  static std::string app_list();

private:
  struct session {
    size_t user = 0;
    std::string id;
  };

  int64_t draw(int64_t low, int64_t high); ///< both included
  void step_sessions(std::vector<session>& list);
  std::string draw_session_id();

  std::mt19937_64 random_;
  std::map<std::string, std::vector<session>, std::less<>> sessions_; ///< by virtual proxy prefix
  std::string started_;
  int64_t committed_pages_, free_pages_; ///< of 4 KiB, so that MB have exact fractions
  int64_t cpu_ = 5;                      ///< percent
  int64_t calls_, selections_, hits_, lookups_, added_, replaced_, bytes_added_;
  std::vector<size_t> in_memory_; ///< positions in `apps`; the first are loaded, the first of these active
};

} // namespace senseflow::bench
