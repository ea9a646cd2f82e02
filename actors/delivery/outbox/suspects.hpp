// Publications over which connections end: the broker may close over a message instead of refusing it.
#pragma once

#include "actors/delivery/outbox/item.hpp"

#include <chrono>
#include <cstdint>
#include <unordered_map>

namespace senseflow::actors {

/// Not thread-safe. What was on its way when its connection ended, several times over, is suspected: it
/// travels alone, with pauses in which others have their turn. It is guilty when others get through and
/// connections end over nothing else, or when it fails for very long.
class suspects {
public:
  using time_point = std::chrono::steady_clock::time_point;
  enum class verdict : uint8_t {
    innocent,
    suspected,
    guilty ///< to be given up
  };
  static constexpr auto pause = std::chrono::seconds(1); ///< after each attempt

  static bool suspected(const outbox_item& x);
  /// The connection has ended over which it was on its way.
  static void came_back(outbox_item& x) { ++x.returns; }

  /// Some connection has ended, over which a suspect was sent or none.
  void connection_ended(bool carried_suspect) { innocent_ends_ += carried_suspect ? 0 : 1; }
  /// The broker has acknowledged some publication.
  void confirmed() { ++confirmed_; }
  /// Of what is to be sent again. Observes it from the first suspicion on; acquits it, to start over, when
  /// connections have ended without any suspect meanwhile.
  verdict judge(uint64_t id, outbox_item& x, time_point now);
  /// It has come to its end.
  void forget(uint64_t id) { observed_.erase(id); }

private:
  struct observation {
    time_point since{};
    uint64_t confirmed = 0;     ///< `confirmed_` then
    uint64_t innocent_ends = 0; ///< `innocent_ends_` then
  };
  std::unordered_map<uint64_t, observation> observed_; ///< by id
  uint64_t confirmed_ = 0;                             ///< publications
  uint64_t innocent_ends_ = 0; ///< connections that ended without ever having carried a suspect
};

} // namespace senseflow::actors
