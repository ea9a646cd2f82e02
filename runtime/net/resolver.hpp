// Host names to addresses: nobody who asks ever waits for a name server.
#pragma once

#include "runtime/net/address.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::runtime {

enum class lookup_status : uint8_t {
  found,
  unknown_name, ///< a name server says so: there is no such name, or it has no address
  no_answer     ///< no name server answered in time, or it could not find out
};

struct lookup_result {
  lookup_status status = lookup_status::no_answer;
  /// All of both families, those to try first in front (RFC 6724). With `no_answer` those of the last good
  /// answer, if there was one: it stays in use until there is another answer.
  std::vector<ip_address> addresses;
  std::chrono::steady_clock::time_point answered{}; ///< when these addresses were told; zero = never
};

class resolver {
public:
  /// Called once, on the resolver's thread: hand over and return. Must not throw.
  using completion = std::function<void(const lookup_result&)>;

  virtual ~resolver() = default;

  /// Looks the name up (an address in figures is its own answer); thread-safe, returns at once, and never
  /// calls `done` from here. After `timeout` the answer is `no_answer`. Several who ask for one name at a
  /// time share one question. The number is for `cancel`.
  virtual uint64_t resolve(const std::string& name, std::chrono::milliseconds timeout, completion done) = 0;

  /// Thread-safe, never waits. `done` is not called any more, but it may be running just now: let it hold
  /// what it needs weakly.
  virtual void cancel(uint64_t id) = 0;

  /// The last good answer, without asking; thread-safe, never waits. No address if there was none, or if a
  /// name server has said since that there is no such name.
  virtual lookup_result known(const std::string& name) const = 0;
};

struct resolver_options {
  std::string resolv_conf = "/etc/resolv.conf"; ///< read again when it changes
  std::string name_servers;                     ///< `address:port,…` instead of those it names
  /// For a name server's answer to the first question; it is asked twice, the second time with more patience.
  std::chrono::milliseconds patience{1500};
  size_t max_questions = 100; ///< names asked for in a tenth of a second: sockets hold some 200 answers
  size_t max_askers = 20000;  ///< more are told `no_answer` at once
  size_t max_known = 10000;   ///< names; the one that was told longest ago goes
};

/// The real one: c-ares on a thread of its own; /etc/hosts, then DNS with the search list of resolv.conf.
/// Other sources that nsswitch.conf may name are not asked. Destruction drops what is under way and waits for
/// nobody but a completion that is running. Throws std::system_error when there are no descriptors for it.
std::shared_ptr<resolver> make_resolver(resolver_options options = {});

} // namespace senseflow::runtime
