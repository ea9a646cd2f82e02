// Whose turn it is: requests to one server don't hold up those to others.
#pragma once

#include "runtime/http/transfer.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace senseflow::runtime {

/// A line for all, in which each server has a few places at most; the others of that server wait until one of
/// them has ended. Not thread-safe.
class http_turns {
public:
  using transfer_ptr = std::unique_ptr<http_transfer>;

  explicit http_turns(size_t per_server) : per_server_(per_server) {}

  void line_up(transfer_ptr t) {
    auto& server = servers_[t->targets().place()];
    if (server.places == per_server_) return server.waiting.push_back(std::move(t));
    ++server.places;
    line_.push_back(std::move(t));
  }

  bool empty() const { return line_.empty(); }

  /// It keeps its place until `ended`.
  transfer_ptr next() {
    auto result = std::move(line_.front());
    line_.pop_front();
    return result;
  }

  void ended(const http_transfer& t) {
    const auto i = servers_.find(t.targets().place());
    auto& [places, waiting] = i->second;
    if (!waiting.empty()) {
      line_.push_back(std::move(waiting.front()));
      waiting.pop_front();
    } else if (--places == 0) {
      servers_.erase(i);
    }
  }

private:
  struct server_queue {
    size_t places = 0;
    std::deque<transfer_ptr> waiting;
  };

  const size_t per_server_;
  std::map<std::string, server_queue> servers_;
  std::deque<transfer_ptr> line_;
};

} // namespace senseflow::runtime
