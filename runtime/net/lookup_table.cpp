#include "runtime/net/lookup_table.hpp"

#include <algorithm>

namespace senseflow::runtime {

using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds tenth_of_a_second{100};

} // namespace

uint64_t lookup_table::add(const std::string& name, time_point deadline, resolver::completion done) {
  const auto figures = parse_address(name);
  std::lock_guard lock{mutex_};
  const auto id = ++last_id_;
  const auto too_many = askers_.size() >= options_.max_askers;
  askers_.emplace(id, asker{name, deadline, std::move(done)});
  if (figures || too_many) {
    ready_.emplace_back(id, figures ? lookup_result{lookup_status::found, {*figures}, steady_clock::now()}
                                    : last_answer(name));
    return id;
  }
  deadlines_.emplace(deadline, id);
  const auto [i, is_new] = questions_.try_emplace(name);
  i->second.askers.insert(id);
  if (is_new) to_ask_.push_back(name);
  return id;
}

void lookup_table::cancel(uint64_t id) {
  told nobody; // released without the lock: it may hold the last of somebody
  std::lock_guard lock{mutex_};
  take(id, {}, nobody);
}

void lookup_table::take(uint64_t id, const lookup_result& result, told& out) {
  const auto i = askers_.find(id);
  if (i == askers_.end()) return;
  auto& x = i->second;
  out.emplace_back(std::move(x.done), result);
  deadlines_.erase({x.deadline, id});
  if (const auto q = questions_.find(x.name); q != questions_.end()) q->second.askers.erase(id);
  askers_.erase(i);
}

void lookup_table::tell(const told& all) {
  for (const auto& [done, result] : all)
    if (done) done(result);
}

lookup_result lookup_table::last_answer(const std::string& name) const {
  const auto i = known_.find(name);
  lookup_result result;
  if (i == known_.end()) return result;
  result.addresses = i->second.addresses;
  result.answered = i->second.answered;
  return result;
}

lookup_result lookup_table::known(const std::string& name) const {
  if (const auto figures = parse_address(name))
    return {lookup_status::found, {*figures}, steady_clock::now()};
  std::lock_guard lock{mutex_};
  auto result = last_answer(name);
  if (!result.addresses.empty()) result.status = lookup_status::found;
  return result;
}

void lookup_table::remember(const std::string& name, const lookup_result& result) {
  if (result.status == lookup_status::unknown_name) known_.erase(name);
  if (result.status != lookup_status::found) return;
  if (known_.count(name) == 0 && known_.size() >= options_.max_known)
    known_.erase(std::min_element(known_.begin(), known_.end(), [](const auto& a, const auto& b) {
      return a.second.answered < b.second.answered;
    }));
  known_[name] = result;
}

std::vector<std::string> lookup_table::next_questions(time_point now) {
  std::vector<std::string> result;
  std::lock_guard lock{mutex_};
  if (now - asking_since_ >= tenth_of_a_second) {
    asking_since_ = now;
    asked_ = 0;
  }
  while (!to_ask_.empty() && asked_ < options_.max_questions) {
    auto name = std::move(to_ask_.front());
    to_ask_.pop_front();
    const auto i = questions_.find(name);
    if (i->second.askers.empty()) { // all of them have lost their patience
      questions_.erase(i);
      continue;
    }
    i->second.under_way = true;
    ++asked_;
    result.push_back(std::move(name));
  }
  return result;
}

void lookup_table::ask_again(const std::string& name) {
  std::lock_guard lock{mutex_};
  const auto i = questions_.find(name);
  if (i == questions_.end() || !i->second.under_way) return;
  i->second.under_way = false;
  to_ask_.push_front(name);
}

void lookup_table::answered(const std::string& name, lookup_status status,
                            std::vector<ip_address> addresses) {
  told all;
  {
    std::lock_guard lock{mutex_};
    lookup_result result;
    if (status == lookup_status::no_answer)
      result = last_answer(name);
    else
      result = {status, std::move(addresses), steady_clock::now()};
    remember(name, result);
    const auto i = questions_.find(name);
    if (i == questions_.end() || !i->second.under_way) return;
    const auto askers = std::move(i->second.askers);
    questions_.erase(i);
    for (auto id : askers) take(id, result, all);
  }
  tell(all);
}

void lookup_table::tell_ready() {
  told all;
  {
    std::lock_guard lock{mutex_};
    for (const auto& [id, result] : std::exchange(ready_, {})) take(id, result, all);
  }
  tell(all);
}

void lookup_table::expire(time_point now) {
  told all;
  {
    std::lock_guard lock{mutex_};
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      const auto id = deadlines_.begin()->second;
      take(id, last_answer(askers_.at(id).name), all);
    }
  }
  tell(all);
}

lookup_table::time_point lookup_table::next_deadline() const {
  std::lock_guard lock{mutex_};
  auto result = deadlines_.empty() ? time_point::max() : deadlines_.begin()->first;
  if (!to_ask_.empty()) result = std::min(result, asking_since_ + tenth_of_a_second);
  return result;
}

} // namespace senseflow::runtime
