// An actor's calls to etcd: the answers come to it as messages and find their handlers by number.
#pragma once

#include "runtime/etcd/client.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace senseflow::actors {

/// Not thread-safe; part of the actor's state. The actor hands each answer that it gets to `answered`.
class etcd_calls {
public:
  using handler = std::function<void(const runtime::etcd_answer&)>;

  etcd_calls() = default;
  etcd_calls(std::shared_ptr<runtime::etcd_client> to, caf::actor_addr self)
      : to_(std::move(to)), self_(std::move(self)) {}

  void grant(std::chrono::seconds ttl, handler h) {
    const auto id = expect(std::move(h));
    to_->grant(id, ttl, hand_over());
  }
  void keep_alive(int64_t lease, handler h) {
    const auto id = expect(std::move(h));
    to_->keep_alive(id, lease, hand_over());
  }
  void revoke(int64_t lease, handler h) {
    const auto id = expect(std::move(h));
    to_->revoke(id, lease, hand_over());
  }
  void range(const std::string& prefix, handler h) {
    const auto id = expect(std::move(h));
    to_->range(id, prefix, hand_over());
  }
  void commit(runtime::etcd_transaction what, handler h) {
    const auto id = expect(std::move(h));
    to_->commit(id, std::move(what), hand_over());
  }
  void alarms(handler h) {
    const auto id = expect(std::move(h));
    to_->alarms(id, hand_over());
  }

  void answered(const runtime::etcd_answer& x) {
    auto of = handlers_.extract(x.id);
    if (of) of.mapped()(x);
  }

private:
  uint64_t expect(handler h) {
    handlers_.emplace(++last_, std::move(h));
    return last_;
  }

  runtime::etcd_client::completion hand_over() const {
    return [self = self_](runtime::etcd_answer x) {
      if (auto strong = caf::actor_cast<caf::actor>(self)) caf::anon_send(strong, std::move(x));
    };
  }

  std::shared_ptr<runtime::etcd_client> to_;
  caf::actor_addr self_;
  uint64_t last_ = 0;
  std::map<uint64_t, handler> handlers_;
};

} // namespace senseflow::actors
