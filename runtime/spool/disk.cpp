#include "runtime/spool/disk.hpp"

#include <fmt/format.h>

#include <exception>
#include <future>
#include <utility>

namespace senseflow::runtime {

namespace {

using messages::spool_status;

template <class Answer>
Answer not_done(uint64_t number, spool_status status, std::string problem) {
  Answer result;
  result.number = number;
  result.status = status;
  result.problem = std::move(problem);
  return result;
}

/// What the spool does not make an answer of itself is one all the same.
template <class Answer, class Question, class F>
Answer answer(const Question& x, F ask) {
  try {
    return ask();
  } catch (const std::exception& e) {
    return not_done<Answer>(x.number, spool_status::failed, e.what());
  }
}

} // namespace

void disk::ask(messages::spool_commit x, std::function<void(messages::spool_committed)> then) const {
  hand_->run([spool = value_, x = std::move(x), then = std::move(then)] {
    then(answer<messages::spool_committed>(x, [&] { return spool->commit(x); }));
  });
}

void disk::ask(messages::spool_read x, std::function<void(messages::spool_content)> then) const {
  hand_->run([spool = value_, x, then = std::move(then)] {
    then(answer<messages::spool_content>(x, [&] { return spool->read(x); }));
  });
}

messages::spool_committed disk::commit(messages::spool_commit x, std::chrono::milliseconds within) const {
  auto answered = std::make_shared<std::promise<messages::spool_committed>>();
  auto result = answered->get_future();
  const auto number = x.number;
  ask(std::move(x), [answered](messages::spool_committed y) { answered->set_value(std::move(y)); });
  if (result.wait_for(within) == std::future_status::ready) return result.get();
  return not_done<messages::spool_committed>(
      number, spool_status::unanswered,
      fmt::format("the disk has not answered for {:.0f} s", std::chrono::duration<double>(within).count()));
}

bool disk::close(std::chrono::milliseconds within) {
  auto closed = std::make_shared<std::promise<void>>();
  auto result = closed->get_future();
  hand_->run([spool = std::exchange(value_, nullptr), closed]() mutable {
    spool.reset();
    closed->set_value();
  });
  return result.wait_for(within) == std::future_status::ready;
}

} // namespace senseflow::runtime
