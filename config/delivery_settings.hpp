// How far senseflow goes to deliver (`delivery`), and how it reports about it (`ledger`). Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace senseflow::config {

enum class delivery_mode : uint8_t {
  memory,   ///< lost only with the process
  overflow, ///< to disk when memory is full or the broker away, and at a stop
  journal   ///< on disk before it is sent: survives a kill
};

struct delivery_settings {
  delivery_mode mode = delivery_mode::overflow;

  struct {
    uint64_t max_bytes = 64u << 20;
  } memory;

  struct {
    std::string path = "spool"; ///< directory
    bool path_given = false;    ///< in the file: then it has to be usable
    uint64_t max_bytes = 1u << 30;
    uint64_t min_free_bytes = 256u << 20;
  } spool;

  struct {
    std::chrono::milliseconds max_delay{10};
    bool sync = true;
  } journal;

  struct {
    std::chrono::milliseconds delay{2000};
    uint32_t rate = 5000; ///< events a second; 0 = no limit
  } replay;
};

struct ledger_settings {
  std::chrono::milliseconds interval{60000}; ///< 0 = off
};

} // namespace senseflow::config
