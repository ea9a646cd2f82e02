#include "actors/encoding/encoder_pool.hpp"

#include "actors/outlet.hpp"
#include "actors/supervised.hpp"
#include "runtime/log.hpp"

#include <algorithm>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
using self_pointer = encoder_pool_actor::stateful_pointer<encoder_pool_state>;
using job = encoder_pool_state::job;
using job_ptr = std::shared_ptr<job>;
using stage = job::stage;

constexpr uint32_t kills_allowed = 2;

messages::encoded_batch poisoned(const messages::item_batch& batch) {
  messages::encoded_batch result;
  result.id = batch.id;
  result.settled_below = batch.settled_below;
  for_each(*batch.items,
           [&](const auto& x) { add_ended(result.ended, class_of(x), origin_of(x), false, "poison"); });
  return result;
}

void retry_soon(self_pointer self) {
  if (self->state.retrying) return;
  self->state.retrying = true;
  self->delayed_send(self, 20ms, retry_atom_v);
}

void hand_over(self_pointer self, const job_ptr& j);

/// A dead outbox, or a living one that left a batch unanswered for too long.
void outbox_lost(self_pointer self, uint64_t found) {
  auto& st = self->state;
  if (!st.outbox || found != st.outbox_found) return; // known already
  self->demonitor(st.outbox.address());
  st.outbox = nullptr;
  for (auto& lane : st.lanes)
    for (auto& j : lane.jobs)
      if (j->at == stage::handed_over) j->at = stage::encoded;
  st.env->counters.count("edge_lost_total", {{"edge", "outbox"}});
  retry_soon(self);
}

void finish(self_pointer self, const job_ptr& j) {
  auto& jobs = self->state.lanes[j->batch.lane].jobs;
  auto i = std::find(jobs.begin(), jobs.end(), j);
  if (i == jobs.end()) return;
  jobs.erase(i);
  j->answer.deliver(messages::demand{static_cast<uint32_t>(j->batch.items->size())});
}

void hand_over(self_pointer self, const job_ptr& j) {
  auto& st = self->state;
  if (!st.outbox) return retry_soon(self);
  j->at = stage::handed_over;
  self->request(st.outbox, st.options.timeout, j->result)
      .then([self, j](caf::ok_atom) { finish(self, j); },
            [self, found = st.outbox_found](caf::error&) { outbox_lost(self, found); });
}

void dispatch(self_pointer self, encoder_pool_state::lane& lane);

void worker_lost(self_pointer self, const caf::actor_addr& address) {
  auto& st = self->state;
  auto w = std::find_if(st.workers.begin(), st.workers.end(),
                        [&](const encoder_actor& x) { return x && x.address() == address; });
  if (w == st.workers.end()) return;
  self->demonitor(address);
  *w = nullptr;
  auto index = static_cast<size_t>(w - st.workers.begin());

  job_ptr at_work; // a worker takes its batches one after the other: the first of them is the suspect
  for (auto& lane : st.lanes) {
    if (lane.worker != index) continue;
    for (auto& j : lane.jobs) {
      if (j->at != stage::encoding) continue;
      j->at = stage::waiting;
      if (!at_work || j->dispatched < at_work->dispatched) at_work = j;
    }
  }
  if (at_work) {
    st.env->counters.count("batches_retried_total");
    if (++at_work->kills >= kills_allowed) {
      runtime::log::error("a batch of {} items ended two encoders and is dropped",
                          at_work->batch.items->size());
      st.env->counters.count("poison_batches_total");
      at_work->result = poisoned(at_work->batch);
      at_work->at = stage::encoded;
      hand_over(self, at_work);
    }
  }
  for (auto& lane : st.lanes) dispatch(self, lane);
  retry_soon(self);
}

/// The lane's own worker, if it is there and taking over breaks no order; else whoever is there.
bool choose_worker(encoder_pool_state& st, encoder_pool_state::lane& lane) {
  bool busy = std::any_of(lane.jobs.begin(), lane.jobs.end(),
                          [](const job_ptr& j) { return j->at == stage::encoding; });
  if (busy && st.workers[lane.worker]) return true;
  auto own = static_cast<size_t>(&lane - st.lanes.data());
  for (size_t i = 0; i < st.workers.size(); ++i) {
    auto candidate = (own + i) % st.workers.size();
    if (!st.workers[candidate]) continue;
    lane.worker = candidate;
    return true;
  }
  return false;
}

void dispatch(self_pointer self, encoder_pool_state::lane& lane) {
  auto& st = self->state;
  if (!choose_worker(st, lane)) return retry_soon(self);
  auto& worker = st.workers[lane.worker];
  for (auto& j : lane.jobs) {
    if (j->at != stage::waiting) continue;
    j->at = stage::encoding;
    j->dispatched = ++st.dispatches;
    auto address = worker.address();
    self->request(worker, st.options.timeout, j->batch)
        .then(
            [self, j](messages::encoded_batch& result) {
              if (j->at != stage::encoding) return; // late, from a worker that was given up
              j->result = std::move(result);
              j->at = stage::encoded;
              hand_over(self, j);
            },
            [self, address](caf::error&) { worker_lost(self, address); });
  }
}

void look_up(self_pointer self) {
  auto& st = self->state;
  st.retrying = false;
  for (size_t i = 0; i < st.workers.size(); ++i) {
    if (st.workers[i]) continue;
    st.workers[i] = st.env->names.find_as<encoder_actor>(names::encoder(i));
    if (st.workers[i])
      self->monitor(st.workers[i]);
    else
      retry_soon(self);
  }
  if (!st.outbox) {
    st.outbox = st.env->names.find_as<outbox_actor>(names::outbox);
    if (st.outbox) {
      ++st.outbox_found;
      self->monitor(st.outbox);
      for (auto& lane : st.lanes)
        for (auto& j : lane.jobs)
          if (j->at == stage::encoded) hand_over(self, j);
    } else {
      retry_soon(self);
    }
  }
  for (auto& lane : st.lanes) dispatch(self, lane);
}

caf::result<messages::demand> take(self_pointer self, const messages::item_batch& batch) {
  auto& st = self->state;
  auto answer = self->make_response_promise<messages::demand>();
  auto& lane = st.lanes[batch.lane % st.lanes.size()];
  for (auto& j : lane.jobs)
    if (j->batch.id == batch.id) { // the source sent it again: it is on its way
      j->answer = answer;
      return answer;
    }
  auto j = std::make_shared<job>();
  j->batch = batch;
  j->batch.lane = static_cast<uint32_t>(&lane - st.lanes.data());
  j->answer = answer;
  lane.jobs.push_back(std::move(j));
  dispatch(self, lane);
  return answer;
}

} // namespace

encoder_pool_actor::behavior_type encoder_pool(self_pointer self, context_ptr env,
                                               encoder_pool_options options) {
  auto& st = self->state;
  st.env = std::move(env);
  st.options = options;
  st.workers.resize(std::max(options.encoders, 1u));
  st.lanes.resize(lane_count);
  for (size_t i = 0; i < st.lanes.size(); ++i) st.lanes[i].worker = i % st.workers.size();
  tell_crashes(self);
  self->set_down_handler([self](caf::down_msg& dm) {
    if (self->state.outbox && self->state.outbox.address() == dm.source)
      outbox_lost(self, self->state.outbox_found);
    worker_lost(self, dm.source);
  });
  look_up(self);
  return {
      answer_ping(),
      crash_on_request(),
      [self](caf::join_atom) { return messages::demand{self->state.options.window}; },
      [self](const messages::item_batch& batch) { return take(self, batch); },
      [self](retry_atom) { look_up(self); },
  };
}

} // namespace senseflow::actors
