// The watches, each with a connection of its own.
#pragma once

#include "runtime/etcd/endpoints.hpp"
#include "runtime/etcd/session.hpp"
#include "runtime/etcd/watch_stream.hpp"
#include "runtime/etcd/wire.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace senseflow::runtime {

/// One thread's. A watch that has ended for want of an answer has its endpoint asked last from then on.
class etcd_watches {
public:
  using clock = std::chrono::steady_clock;

  static constexpr size_t most = 16;

  etcd_watches(const etcd_options& options, etcd_endpoints& endpoints, etcd_wire& wire, etcd_session& session)
      : options_(options), endpoints_(endpoints), wire_(wire), session_(session) {}

  void start(uint64_t id, std::string prefix, int64_t from_revision, etcd_client::watcher w);
  void stop(uint64_t id);
  /// Asks for progress; ends those that are silent.
  void check(clock::time_point now);
  bool any() const { return !watches_.empty(); }

private:
  struct watch {
    std::string prefix;
    int64_t from;
    etcd_client::watcher tell;
    std::unique_ptr<etcd_watch_stream> stream; ///< none while there is no token
    uint64_t exchange = 0;
    size_t endpoint = 0;
    std::string token;
    bool renewed = false;   ///< the token
    std::string refusal;    ///< the body of an answer other than 200
    etcd_watch_event ended; ///< if the stream is over
  };
  using watch_map = std::map<uint64_t, watch>;

  void authorize(uint64_t id);
  void begin(uint64_t id, watch& w);
  bool take(watch& w, std::string_view bytes, int32_t status);
  void ended(uint64_t id, const curl_outcome& outcome);
  void end(watch_map::iterator i, etcd_error error, const std::string& words);
  void tell(watch& w, etcd_watch_stream::events events);

  const etcd_options& options_;
  etcd_endpoints& endpoints_;
  etcd_wire& wire_;
  etcd_session& session_;
  watch_map watches_;
};

} // namespace senseflow::runtime
