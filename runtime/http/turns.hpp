// Whose turn it is: requests to one server don't hold up those to others.
#pragma once

#include "runtime/http/transfer.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace senseflow::runtime {

/// A line for all, in which each server has a few places at most; the others of that server wait until one of
/// them has ended. Who finds no open connection when its turn has come goes on to a second line, in which
/// connections are set up as the pace allows. Not thread-safe.
class http_turns {
public:
  using transfer_ptr = std::unique_ptr<http_transfer>;

  explicit http_turns(size_t per_server) : per_server_(per_server) {}

  void line_up(transfer_ptr t) {
    t->waiting(true);
    auto& server = servers_[t->targets().place()];
    if (server.places == per_server_) return server.waiting.push_back(std::move(t));
    ++server.places;
    line_.push_back(std::move(t));
  }

  /// Keeps its place.
  void line_up_to_connect(transfer_ptr t) {
    t->waiting(true);
    to_connect_.push_back(std::move(t));
  }

  /// The next one, null if there is none; it keeps its place until `ended`. One that has to connect only if
  /// it may, these first.
  transfer_ptr next(bool may_connect) {
    auto& from = may_connect && !to_connect_.empty() ? to_connect_ : line_;
    if (from.empty()) return nullptr;
    auto result = std::move(from.front());
    from.pop_front();
    result->waiting(false);
    return result;
  }

  void ended(http_transfer& t) {
    const auto i = servers_.find(t.targets().place());
    auto& [places, waiting] = i->second;
    if (!waiting.empty()) {
      line_.push_back(std::move(waiting.front()));
      waiting.pop_front();
    } else if (--places == 0) {
      servers_.erase(i);
    }
  }

  /// Those that wait for others than of their own server.
  size_t waiting() const { return line_.size() + to_connect_.size(); }
  std::chrono::steady_clock::duration longest_wait() const {
    std::chrono::steady_clock::duration result{};
    for (const auto* line : {&line_, &to_connect_})
      if (!line->empty()) result = std::max(result, line->front()->waited());
    return result;
  }

private:
  struct server_queue {
    size_t places = 0;
    std::deque<transfer_ptr> waiting;
  };

  const size_t per_server_;
  std::map<std::string, server_queue> servers_;
  std::deque<transfer_ptr> line_, to_connect_;
};

} // namespace senseflow::runtime
