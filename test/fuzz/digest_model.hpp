// Digests of performance events, compared with the events themselves.
#pragma once

#include "messages/folding/performance_digest.hpp"
#include "test/fuzz/input.hpp"

#include <caf/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace senseflow::fuzz {

class digest_model {
public:
  using time_point = messages::performance_digest::time_point;

  explicit digest_model(input& in) : options_(options(in)), digests_(options_) {}

  void hear(const messages::log_event& x, time_point now);
  void tick(time_point now, caf::timestamp utc);
  void end(caf::timestamp utc);

private:
  struct window {
    time_point opened{};
    std::vector<double> times;
    uint64_t published = 0;
  };

  static messages::performance_digest_options options(input& in);
  void check(const messages::insight& x);

  messages::performance_digest_options options_;
  messages::performance_digest digests_;
  std::map<std::string, window> open_; ///< by host
};

} // namespace senseflow::fuzz
