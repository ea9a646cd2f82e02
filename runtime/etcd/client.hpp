// etcd through the JSON gateway of its client port: the calls that a cluster of nodes needs. Nothing listens
// here.
#pragma once

#include "runtime/boot_clock.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

struct etcd_options {
  std::vector<std::string> endpoints;     ///< http(s)://host:port; the one that answered last is asked first
  std::string ca_file;                    ///< PEM; empty = the system's
  std::string certificate_file;           ///< PEM, without a CN; empty = none is shown
  std::string key_file;                   ///< PEM
  std::string username;                   ///< empty = none
  std::string password;                   ///< never logged
  std::chrono::milliseconds timeout{500}; ///< of one try at one endpoint
};

enum class etcd_error : uint8_t {
  none,
  unavailable, ///< no endpoint has answered, or none that has a leader. A write may still take place, even later
  lease_lost, ///< the lease that was named is gone
  compacted,  ///< the revision to watch from is gone: list again
  no_space,   ///< the database is full: no lease and no key can be made
  denied,     ///< user, password, role or certificate
  refused,    ///< a request that etcd does not take: a defect of ours, or its limits
  unusable    ///< an answer that can't be read, or is too large
};
std::string_view to_string_view(etcd_error e);

struct etcd_key {
  std::string key, value;
  int64_t create_revision = 0;
  int64_t mod_revision = 0;
  int64_t lease = 0; ///< 0 = none
};

/// A key that was created, or last written, at this revision; 0: that does not exist.
struct etcd_compare {
  enum class what : uint8_t { created, modified };
  what target = what::created;
  std::string key;
  int64_t revision = 0;
};

struct etcd_operation {
  enum class what : uint8_t { put, erase, read };
  what kind = what::read;
  std::string key;
  std::string value; ///< put
  int64_t lease = 0; ///< put
};

/// At most 120 operations in each list, a key only once: etcd's limits.
struct etcd_transaction {
  std::vector<etcd_compare> if_all;
  std::vector<etcd_operation> then;
  std::vector<etcd_operation> otherwise;
};

struct etcd_answer {
  uint64_t id = 0; ///< as given
  etcd_error error = etcd_error::none;
  std::string detail; ///< on error: one line in plain words, safe to log
  /// When the try that was answered had not yet been sent: a lease lives at least for its `ttl` from then on.
  boot_clock::time_point sent{};
  int64_t revision = 0;
  int64_t lease = 0;               ///< grant, keep_alive
  std::chrono::seconds ttl{0};     ///< grant, keep_alive: 0 never comes with error none
  bool succeeded = false;          ///< commit: `then` was done
  std::vector<etcd_key> keys;      ///< range, and what a transaction has read, in its order
  std::vector<std::string> alarms; ///< such as NOSPACE
};

struct etcd_change {
  bool erased = false;
  etcd_key now; ///< erased: key and mod_revision only
};

struct etcd_watch_event {
  enum class kind : uint8_t {
    changes, ///< of one or more revisions, in their order
    current, ///< nothing is missing up to `revision`: a sign of life, about once a second
    ended    ///< with `error` and `detail`; nothing comes after it. Start another one
  };
  kind what = kind::current;
  int64_t revision = 0;
  std::vector<etcd_change> changes;
  etcd_error error = etcd_error::none;
  std::string detail;
};

/// Destroying it ends the watch; a last event may be under way.
class etcd_watch {
public:
  virtual ~etcd_watch() = default;
};

/// Thread-safe; every call returns at once. Each asks one endpoint after the other, each once, until one has
/// answered: after `timeout` times the number of endpoints at the latest the answer is `unavailable`. Trying
/// again, and when, is the caller's part.
class etcd_client {
public:
  /// Called exactly once per call, on the client's thread: hand over to an actor and return. What is under
  /// way when the client is destroyed is dropped without it.
  using completion = std::function<void(etcd_answer)>;
  using watcher = std::function<void(etcd_watch_event)>;

  virtual ~etcd_client() = default;

  virtual void grant(uint64_t id, std::chrono::seconds ttl, completion done) = 0;
  /// A lease that is gone is `lease_lost`.
  virtual void keep_alive(uint64_t id, int64_t lease, completion done) = 0;
  /// One that is gone already is no error.
  virtual void revoke(uint64_t id, int64_t lease, completion done) = 0;
  /// All keys that begin with it, by key; linearizable. `revision` is where to watch from, plus one.
  virtual void range(uint64_t id, std::string prefix, completion done) = 0;
  /// `succeeded` may be false since a former try, at another endpoint, has done it: read on.
  virtual void commit(uint64_t id, etcd_transaction what, completion done) = 0;
  virtual void alarms(uint64_t id, completion done) = 0;

  /// Changes of keys that begin with `prefix`, from that revision on, without a gap. Events come in order on
  /// the client's thread. A watch that gives no sign of life for `3 s` has ended: `unavailable`.
  virtual std::unique_ptr<etcd_watch> watch(std::string prefix, int64_t from_revision, watcher w) = 0;
};

class resolver;

/// The real one: libcurl's multi interface on a thread of its own, HTTP/1.1, connections kept alive. At most
/// 256 calls and 16 watches at a time. Proxies that the environment names are not used. Names are looked up by
/// `names`; null: by a resolver of its own, which throws std::system_error without descriptors for it.
std::shared_ptr<etcd_client> make_etcd_client(etcd_options options, std::shared_ptr<resolver> names = {});

} // namespace senseflow::runtime
