// The spool behind a worker: whoever asks does not wait for the disk.
#pragma once

#include "messages/spooling.hpp"
#include "runtime/spool/spool.hpp"
#include "runtime/worker.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace senseflow::runtime {

/// One question at a time: a newer one takes the place of one that has not begun (see `worker`).
class disk {
public:
  disk(std::shared_ptr<worker> hand, std::shared_ptr<spool> value)
      : hand_(std::move(hand)), value_(std::move(value)) {}

  /// `then` gets the answer, on the worker's thread.
  void ask(messages::spool_commit x, std::function<void(messages::spool_committed)> then) const;
  void ask(messages::spool_read x, std::function<void(messages::spool_content)> then) const;

  /// Waits for the answer, but no longer than that: then it is `unanswered`.
  messages::spool_committed commit(messages::spool_commit x, std::chrono::milliseconds within) const;

  /// Closes the spool behind all that was asked; false: not in time. Nothing is to be asked after that.
  bool close(std::chrono::milliseconds within);

private:
  std::shared_ptr<worker> hand_;
  std::shared_ptr<spool> value_;
};

} // namespace senseflow::runtime
