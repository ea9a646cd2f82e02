// An etcd in memory, on a clock that the test moves, and clients of it that fail as the test wants.
#pragma once

#include "runtime/etcd/client.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

/// Not thread-safe. Leases end as late as their time allows, never before.
class fake_etcd {
public:
  using change = runtime::etcd_change;

  struct watcher {
    std::string prefix;
    int64_t next = 0;                                    ///< revision
    std::function<void(runtime::etcd_watch_event)> news; ///< what etcd sends
    std::function<void(runtime::etcd_watch_event)> tell; ///< what the watcher hears
  };

  runtime::boot_clock::time_point now = runtime::boot_clock::now();
  int64_t revision = 1;
  std::map<std::string, runtime::etcd_key> keys;
  std::map<int64_t, std::pair<std::chrono::seconds, runtime::boot_clock::time_point>> leases; ///< ttl, end
  std::vector<std::pair<int64_t, std::vector<change>>> history;
  int64_t compacted = 0;
  bool no_space = false;
  uint64_t transactions = 0;
  std::vector<watcher*> watchers;

  void pass(std::chrono::nanoseconds t) {
    now += t;
    std::vector<int64_t> ended;
    for (const auto& [id, x] : leases)
      if (x.second <= now) ended.push_back(id);
    for (auto id : ended) end(id);
    if (since_current_ += t; since_current_ >= std::chrono::seconds(1)) {
      since_current_ = {};
      for (auto* w : copy_of_watchers())
        w->news({runtime::etcd_watch_event::kind::current, revision, {}, {}, {}});
    }
  }

  /// Its keys go in one revision.
  void end(int64_t lease) {
    leases.erase(lease);
    std::vector<std::string> gone;
    for (const auto& [key, x] : keys)
      if (x.lease == lease) gone.push_back(key);
    if (gone.empty()) return;
    ++revision;
    std::vector<change> changes;
    for (const auto& key : gone) changes.push_back(erased(key));
    publish(std::move(changes));
  }

  void put(const std::string& key, std::string value, int64_t lease = 0) {
    run({{}, {{runtime::etcd_operation::what::put, key, std::move(value), lease}}, {}});
  }
  void erase(const std::string& key) { run({{}, {{runtime::etcd_operation::what::erase, key, {}, 0}}, {}}); }

  void compact() {
    compacted = revision;
    history.clear();
  }

  runtime::etcd_answer run(const runtime::etcd_transaction& x) {
    ++transactions;
    runtime::etcd_answer result;
    if (no_space) return failed(runtime::etcd_error::no_space);
    if (std::max({x.if_all.size(), x.then.size(), x.otherwise.size()}) > 120)
      return failed(runtime::etcd_error::refused);
    result.succeeded = std::all_of(x.if_all.begin(), x.if_all.end(), [&](const auto& c) { return holds(c); });
    const auto& todo = result.succeeded ? x.then : x.otherwise;
    for (const auto& op : todo)
      if (op.kind == runtime::etcd_operation::what::put && op.lease != 0 && leases.count(op.lease) == 0)
        return failed(runtime::etcd_error::lease_lost);
    std::vector<change> changes;
    const auto before = revision++;
    for (const auto& op : todo) {
      const auto present = keys.find(op.key);
      if (op.kind == runtime::etcd_operation::what::read) {
        if (present != keys.end()) result.keys.push_back(present->second);
      } else if (op.kind == runtime::etcd_operation::what::put) {
        changes.push_back(written(op));
      } else if (present != keys.end()) {
        changes.push_back(erased(op.key));
      }
    }
    if (changes.empty()) revision = before;
    result.revision = revision;
    if (!changes.empty()) publish(std::move(changes));
    return result;
  }

  static runtime::etcd_answer failed(runtime::etcd_error e) {
    runtime::etcd_answer result;
    result.error = e;
    result.detail = "made to fail";
    return result;
  }

  std::vector<watcher*> copy_of_watchers() const { return watchers; }

private:
  bool holds(const runtime::etcd_compare& c) const {
    const auto i = keys.find(c.key);
    if (i == keys.end()) return c.revision == 0;
    return (c.target == runtime::etcd_compare::what::created ? i->second.create_revision
                                                             : i->second.mod_revision) == c.revision;
  }

  change written(const runtime::etcd_operation& op) {
    auto& x = keys[op.key];
    change result;
    x = {op.key, op.value, x.create_revision == 0 ? revision : x.create_revision, revision, op.lease};
    result.now = x;
    return result;
  }

  change erased(const std::string& key) {
    change result;
    result.erased = true;
    result.now.key = key;
    result.now.mod_revision = revision;
    keys.erase(key);
    return result;
  }

  void publish(std::vector<change> changes) {
    history.emplace_back(revision, std::move(changes));
    for (auto* w : copy_of_watchers()) catch_up(*w);
  }

public:
  void catch_up(watcher& w) {
    runtime::etcd_watch_event event;
    event.what = runtime::etcd_watch_event::kind::changes;
    for (const auto& [at, changes] : history)
      if (at >= w.next)
        for (const auto& x : changes)
          if (x.now.key.compare(0, w.prefix.size(), w.prefix) == 0) event.changes.push_back(x);
    w.next = revision + 1;
    event.revision = revision;
    if (!event.changes.empty()) w.news(std::move(event));
  }

private:
  std::chrono::nanoseconds since_current_{0};
};

/// One node's way to it. Answers come at once, unless the test wants otherwise.
class fake_etcd_client final : public runtime::etcd_client {
public:
  explicit fake_etcd_client(std::shared_ptr<fake_etcd> x) : etcd_(std::move(x)) {}

  /// Cut off: every call is `unavailable`, watches end.
  void cut() {
    reachable_ = false;
    end_watches(runtime::etcd_error::unavailable);
  }
  void heal() { reachable_ = true; }
  bool reachable() const { return reachable_; }

  void end_watches(runtime::etcd_error why) {
    for (auto* w : std::exchange(mine_, {})) {
      drop(w);
      w->tell({runtime::etcd_watch_event::kind::ended, 0, {}, why, "made to end"});
    }
  }

  size_t lose_answers = 0;  ///< of so many commits: they take place, the answer is `unavailable`
  size_t delay_commits = 0; ///< so many commits are answered `unavailable` and take place with `late_commits`
  size_t lost_keep_alives = 0; ///< so many keep-alives are `unavailable`
  std::vector<std::string> alarm_names;

  /// Answers and news of watches wait until `let_go`: what they tell of has taken place.
  bool hold_answers = false;
  bool hold_news = false;
  void let_go() {
    hold_answers = hold_news = false;
    for (auto& f : std::exchange(held_answers_, {})) f();
    while (!held_news_.empty()) {
      auto [w, x] = std::move(held_news_.front());
      held_news_.erase(held_news_.begin());
      w->tell(std::move(x));
    }
  }

  /// What was thought to have failed takes place.
  void late_commits() {
    for (const auto& x : std::exchange(late_, {})) etcd_->run(x);
  }
  size_t late() const { return late_.size(); }

  void grant(uint64_t id, std::chrono::seconds ttl, completion done) override {
    answer(id, done, [&] {
      if (etcd_->no_space) return fake_etcd::failed(runtime::etcd_error::no_space);
      runtime::etcd_answer x;
      static int64_t leases = 1000; // none is used twice
      x.lease = ++leases;
      x.ttl = ttl;
      etcd_->leases[x.lease] = {ttl, etcd_->now + ttl};
      return x;
    });
  }
  void keep_alive(uint64_t id, int64_t lease, completion done) override {
    answer(id, done, [&] {
      if (lost_keep_alives > 0) {
        --lost_keep_alives;
        return fake_etcd::failed(runtime::etcd_error::unavailable);
      }
      const auto i = etcd_->leases.find(lease);
      if (i == etcd_->leases.end()) return fake_etcd::failed(runtime::etcd_error::lease_lost);
      i->second.second = etcd_->now + i->second.first;
      runtime::etcd_answer x;
      x.lease = lease;
      x.ttl = i->second.first;
      return x;
    });
  }
  void revoke(uint64_t id, int64_t lease, completion done) override {
    answer(id, done, [&] {
      etcd_->end(lease);
      return runtime::etcd_answer{};
    });
  }
  void range(uint64_t id, std::string prefix, completion done) override {
    answer(id, done, [&] {
      runtime::etcd_answer x;
      x.revision = etcd_->revision;
      for (const auto& [key, value] : etcd_->keys)
        if (key.compare(0, prefix.size(), prefix) == 0) x.keys.push_back(value);
      return x;
    });
  }
  void commit(uint64_t id, runtime::etcd_transaction what, completion done) override {
    answer(id, done, [&] {
      if (delay_commits > 0) {
        --delay_commits;
        late_.push_back(std::move(what));
        return fake_etcd::failed(runtime::etcd_error::unavailable);
      }
      auto x = etcd_->run(what);
      if (lose_answers == 0) return x;
      --lose_answers;
      return fake_etcd::failed(runtime::etcd_error::unavailable);
    });
  }
  void alarms(uint64_t id, completion done) override {
    answer(id, done, [&] {
      runtime::etcd_answer x;
      x.alarms = alarm_names;
      return x;
    });
  }

  std::unique_ptr<runtime::etcd_watch> watch(std::string prefix, int64_t from, watcher w) override {
    auto result =
        std::make_unique<handle>(*this, fake_etcd::watcher{std::move(prefix), from, {}, std::move(w)});
    auto* x = &result->what;
    x->news = [this, x](runtime::etcd_watch_event e) {
      if (hold_news)
        held_news_.emplace_back(x, std::move(e));
      else
        x->tell(std::move(e));
    };
    if (!reachable_) {
      x->tell({runtime::etcd_watch_event::kind::ended, 0, {}, runtime::etcd_error::unavailable, "cut"});
    } else if (from <= etcd_->compacted) {
      x->tell({runtime::etcd_watch_event::kind::ended, 0, {}, runtime::etcd_error::compacted, "compacted"});
    } else {
      mine_.push_back(x);
      etcd_->watchers.push_back(x);
      etcd_->catch_up(*x);
      x->news({runtime::etcd_watch_event::kind::current, etcd_->revision, {}, {}, {}});
    }
    return result;
  }

private:
  struct handle final : runtime::etcd_watch {
    handle(fake_etcd_client& c, fake_etcd::watcher w) : client(c), what(std::move(w)) {}
    ~handle() override {
      auto& xs = client.mine_;
      xs.erase(std::remove(xs.begin(), xs.end(), &what), xs.end());
      client.drop(&what);
    }
    fake_etcd_client& client;
    fake_etcd::watcher what;
  };

  void drop(fake_etcd::watcher* w) {
    auto& xs = etcd_->watchers;
    xs.erase(std::remove(xs.begin(), xs.end(), w), xs.end());
    held_news_.erase(
        std::remove_if(held_news_.begin(), held_news_.end(), [&](const auto& x) { return x.first == w; }),
        held_news_.end());
  }

  template <class F>
  void answer(uint64_t id, const completion& done, F f) {
    const auto sent = etcd_->now;
    auto x = reachable_ ? f() : fake_etcd::failed(runtime::etcd_error::unavailable);
    x.id = id;
    x.sent = sent;
    if (hold_answers)
      held_answers_.push_back([done, x] { done(x); });
    else
      done(std::move(x));
  }

  std::shared_ptr<fake_etcd> etcd_;
  bool reachable_ = true;
  std::vector<fake_etcd::watcher*> mine_;
  std::vector<runtime::etcd_transaction> late_;
  std::vector<std::function<void()>> held_answers_;
  std::vector<std::pair<fake_etcd::watcher*, runtime::etcd_watch_event>> held_news_;
};

} // namespace senseflow::test
