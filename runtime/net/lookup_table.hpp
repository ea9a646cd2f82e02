// Who asks for which name, and what is known: the resolver without its name servers.
#pragma once

#include "runtime/net/resolver.hpp"

#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

namespace senseflow::runtime {

/// Thread-safe. Completions are called by `tell_ready`, `expire` and `answered` only, without the lock.
class lookup_table {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit lookup_table(const resolver_options& o) : options_(o) {}

  uint64_t add(const std::string& name, time_point deadline, resolver::completion done);
  void cancel(uint64_t id);
  lookup_result known(const std::string& name) const;

  /// The names to ask for now; each is `answered` or `asked_again` later.
  std::vector<std::string> next_questions(time_point now);
  void ask_again(const std::string& name);
  void answered(const std::string& name, lookup_status status, std::vector<ip_address> addresses);

  /// Tells those whose answer was known when they asked.
  void tell_ready();
  /// Tells those whose time is up.
  void expire(time_point now);
  /// When there will be something to do, unless something comes in between.
  time_point next_deadline() const;

private:
  struct asker {
    std::string name;
    time_point deadline;
    resolver::completion done;
  };
  struct question {
    std::set<uint64_t> askers;
    bool under_way = false;
  };
  using told = std::vector<std::pair<resolver::completion, lookup_result>>;

  lookup_result last_answer(const std::string& name) const;
  void remember(const std::string& name, const lookup_result& result);
  /// Moves the asker, if it is still there, to those who are told.
  void take(uint64_t id, const lookup_result& result, told& out);
  static void tell(const told& all);

  const resolver_options options_;
  mutable std::mutex mutex_; // guards all below
  uint64_t last_id_ = 0;
  std::unordered_map<uint64_t, asker> askers_;
  std::set<std::pair<time_point, uint64_t>> deadlines_;
  std::map<std::string, question> questions_;
  std::deque<std::string> to_ask_;
  time_point asking_since_{}; ///< the current tenth of a second
  size_t asked_ = 0;          ///< in it
  std::vector<std::pair<uint64_t, lookup_result>> ready_;
  std::unordered_map<std::string, lookup_result> known_;
};

} // namespace senseflow::runtime
