// HTTPS requests to Sense servers: many at a time, none of which blocks an actor.
#pragma once

#include "runtime/boot_clock.hpp"
#include "runtime/net/resolver.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/timestamp.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace senseflow::runtime {

struct http_tls {
  std::string certificate_file; ///< PEM; empty = none is shown
  std::string key_file;         ///< PEM
  std::string key_passphrase;   ///< never logged
  std::string ca_file;          ///< PEM; empty = the system's
  bool verify = true;           ///< false: any server certificate will do
};

struct http_request {
  std::string url; ///< https://host:port/path
  /// A null-like header (`name` with `remove`) leaves out what would be sent by default. A `Host` header
  /// also sets the TLS server name.
  struct header {
    std::string name, value;
    bool remove = false;
  };
  std::vector<header> headers;
  /// For everything, redirects included; not for waiting its turn. A TLS handshake may take three times as
  /// long, unless others need the connection.
  std::chrono::milliseconds timeout{5000};
  uint32_t max_redirects = 5;
  size_t max_body_bytes = 16u << 20;          ///< after decompression
  std::shared_ptr<std::atomic<bool>> waiting; ///< true while it waits its turn; may be null
  /// Asked on the client's thread right before each attempt, if there is one: null, and it is not made (error
  /// `not_permitted`); else it ends by `until`, whatever it is doing. The token is kept until that end.
  struct permit {
    std::shared_ptr<void> token;
    std::function<boot_clock::time_point()> until; ///< asked again and again: it may move
  };
  std::function<permit()> ask_permit;
};

/// Why there is no usable answer. The names are counters' labels and part of published status.
enum class http_error : uint8_t {
  none,
  dns,
  refused,
  timeout,
  tls,
  certificate,
  status,
  too_large,
  redirects,
  no_descriptors, ///< our own fault: says nothing about the server
  not_permitted,  ///< not made, or cut short: nor does this
  other
};
std::string_view to_string_view(http_error e);

/// That the other side has shown.
struct peer_certificate {
  std::string subject, issuer;
  int64_t not_after = 0; ///< seconds since 1970; 0 = none is known
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, peer_certificate& x) {
  return f(caf::meta::type_name("peer_certificate"), x.subject, x.issuer, x.not_after);
}

struct http_response {
  uint64_t id = 0; ///< as given to `get`
  http_error error = http_error::none;
  int32_t status = 0;
  std::string body;         ///< decompressed; empty on error
  std::string detail;       ///< on error: one line in plain words, safe to log
  uint64_t duration_us = 0; ///< what it took, waiting its turn not included
  uint64_t waited_us = 0;
  uint64_t connected_us = 0;    ///< of the duration: setting up connections; 0 = none was needed
  int64_t server_time = 0;      ///< by the server's clock, seconds since 1970; 0 = it has not told
  caf::timestamp answered{};    ///< when it was over, by ours
  peer_certificate certificate; ///< if a connection had to be set up
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, http_response& x) {
  return f(caf::meta::type_name("http_response"), x.id, x.error, x.status, x.body, x.detail, x.duration_us,
           x.waited_us, x.connected_us, x.server_time, x.answered, x.certificate);
}
inline bool operator==(const http_response& a, const http_response& b) {
  return a.id == b.id && a.error == b.error && a.status == b.status && a.body == b.body;
}

class http_client {
public:
  /// Called exactly once per `get`, on the client's thread: hand over to an actor and return.
  using completion = std::function<void(http_response)>;

  virtual ~http_client() = default;

  /// Starts a GET; thread-safe, returns at once. Only status 200 is a success.
  virtual void get(uint64_t id, http_request request, completion done) = 0;

  /// How many connections there may be from now on; thread-safe. More than that end when they are idle.
  virtual void limit(size_t max_connections) = 0;
};

/// The real one: libcurl's multi interface on one thread, connections kept alive, gzip accepted.
/// Destruction ends the thread; what is under way is dropped without its completion.
/// Certificate files are read when a connection is opened, so renewed ones are picked up. Proxies that the
/// environment names are not used. At most `max_connections` at a time, 4 to one server, and few of them
/// being set up (`handshake_pace`); further requests wait, and the log says when they do so for long. Names
/// are looked up by `names`; those known are used at once, and asked for again once a minute and when a
/// connection fails.
std::shared_ptr<http_client> make_http_client(http_tls tls, size_t max_connections,
                                              std::shared_ptr<resolver> names);

} // namespace senseflow::runtime
