#include "runtime/etcd/client.hpp"

#include "runtime/etcd/calls.hpp"
#include "runtime/etcd/watches.hpp"

#include <atomic>
#include <thread>
#include <utility>

namespace senseflow::runtime {
namespace {

using namespace std::chrono_literals;

constexpr auto check_calls_every = 20ms; // those that curl does not work on
constexpr auto check_watches_every = 100ms;

// What the thread works on. It keeps this alive itself, since the client may be released by a completion,
// that is on the thread.
class etcd_engine {
public:
  etcd_engine(etcd_options options, std::shared_ptr<resolver> names)
      : options_(std::move(options)), endpoints_(options_.endpoints),
        wire_(options_, std::move(names), inbox_), calls_(options_, endpoints_, wire_),
        watches_(options_, endpoints_, wire_, calls_.session()) {}

  etcd_inbox& inbox() { return *inbox_; }
  etcd_calls& calls() { return calls_; }
  etcd_watches& watches() { return watches_; }

  void run() {
    while (!stopping_) {
      for (const auto& job : inbox_->take()) job();
      wire_.work();
      const auto now = std::chrono::steady_clock::now();
      calls_.check(now);
      watches_.check(now);
      if (!stopping_)
        wire_.wait(calls_.waiting() ? check_calls_every : watches_.any() ? check_watches_every : 1000ms);
    }
  }
  void stop() {
    stopping_ = true;
    inbox_->add([] {});
  }

private:
  const etcd_options options_;
  const std::shared_ptr<etcd_inbox> inbox_ = std::make_shared<etcd_inbox>();
  etcd_endpoints endpoints_;
  etcd_wire wire_;
  etcd_calls calls_;
  etcd_watches watches_;
  std::atomic<bool> stopping_{false};
};

class started_watch final : public etcd_watch {
public:
  started_watch(std::weak_ptr<etcd_engine> engine, uint64_t id) : engine_(std::move(engine)), id_(id) {}
  ~started_watch() override {
    if (const auto engine = engine_.lock())
      engine->inbox().add([e = engine.get(), id = id_] { e->watches().stop(id); });
  }

private:
  const std::weak_ptr<etcd_engine> engine_;
  const uint64_t id_;
};

class gateway_client final : public etcd_client {
public:
  gateway_client(etcd_options options, std::shared_ptr<resolver> names)
      : engine_(std::make_shared<etcd_engine>(std::move(options), std::move(names))),
        thread_([engine = engine_] { engine->run(); }) {}

  ~gateway_client() override {
    engine_->stop();
    if (thread_.get_id() == std::this_thread::get_id())
      thread_.detach();
    else
      thread_.join();
  }

  void grant(uint64_t id, std::chrono::seconds ttl, completion done) override {
    call(id, etcd_call_kind::grant, grant_request(ttl), std::move(done));
  }
  void keep_alive(uint64_t id, int64_t lease, completion done) override {
    call(id, etcd_call_kind::keep_alive, keep_alive_request(lease), std::move(done));
  }
  void revoke(uint64_t id, int64_t lease, completion done) override {
    call(id, etcd_call_kind::revoke, revoke_request(lease), std::move(done));
  }
  void range(uint64_t id, std::string prefix, completion done) override {
    call(id, etcd_call_kind::range, range_request(prefix), std::move(done));
  }
  void commit(uint64_t id, etcd_transaction what, completion done) override {
    call(id, etcd_call_kind::commit, commit_request(what), std::move(done));
  }
  void alarms(uint64_t id, completion done) override {
    call(id, etcd_call_kind::alarms, alarms_request(), std::move(done));
  }

  std::unique_ptr<etcd_watch> watch(std::string prefix, int64_t from_revision, watcher w) override {
    const auto id = ++last_watch_;
    engine_->inbox().add(
        [e = engine_.get(), id, p = std::move(prefix), from_revision, w = std::move(w)]() mutable {
          e->watches().start(id, std::move(p), from_revision, std::move(w));
        });
    return std::make_unique<started_watch>(engine_, id);
  }

private:
  // The thread holds the engine for as long as it takes jobs from the inbox.
  void call(uint64_t id, etcd_call_kind kind, etcd_request request, completion done) {
    engine_->inbox().add(
        [e = engine_.get(), id, kind, request = std::move(request), done = std::move(done)]() mutable {
          e->calls().add(kind, std::move(request), [id, done = std::move(done)](etcd_reading x) {
            x.id = id;
            done(std::move(x));
          });
        });
  }

  const std::shared_ptr<etcd_engine> engine_;
  std::atomic<uint64_t> last_watch_{0};
  std::thread thread_;
};

} // namespace

std::string_view to_string_view(etcd_error e) {
  switch (e) {
  case etcd_error::none:
    return "none";
  case etcd_error::unavailable:
    return "unavailable";
  case etcd_error::lease_lost:
    return "lease_lost";
  case etcd_error::compacted:
    return "compacted";
  case etcd_error::no_space:
    return "no_space";
  case etcd_error::denied:
    return "denied";
  case etcd_error::refused:
    return "refused";
  case etcd_error::unusable:
    return "unusable";
  }
  return "unusable";
}

std::shared_ptr<etcd_client> make_etcd_client(etcd_options options, std::shared_ptr<resolver> names) {
  if (!names) names = make_resolver();
  return std::make_shared<gateway_client>(std::move(options), std::move(names));
}

} // namespace senseflow::runtime
