// The program under a load of events, ended in one way or the other and started again on the same spool; and
// what its runs say they have done with the events, all together.
#pragma once

#include "test/support/conservation.hpp"
#include "test/support/spool_file.hpp"
#include "test/system/event_load.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace senseflow::test {

/// Of a class.
struct runs_account {
  uint64_t sent = 0, hostile = 0; ///< to the program: events, and datagrams that are none
  uint64_t received = 0, recovered = 0, published = 0, repeated = 0, kernel_drops = 0, lost_before = 0;
  std::map<std::string, uint64_t> dropped;
  uint64_t left = 0; ///< with the last run, when it ended
  /// Likewise, of all that were killed; and what their successors found of it, and of what had arrived when
  /// that was not yet on disk.
  uint64_t left_by_kills = 0, found_after_kills = 0;

  uint64_t all_dropped() const {
    uint64_t sum = 0;
    for (const auto& [reason, n] : dropped) sum += n;
    return sum;
  }
};

/// What goes wrong is thrown. Whoever ends it does so alone, in one thread; all else is thread-safe.
class program_runs {
public:
  enum class ending : uint8_t { stopped, given_up, killed };

  program_runs(const temp_dir& directory, system_config& c, std::string spool,
               std::vector<std::string> wrapper, double rate)
      : directory_(directory), c_(c), spool_(std::move(spool)), wrapper_(std::move(wrapper)), rate_(rate) {}

  void start() {
    run_ = std::make_unique<senseflow_process>(directory_, c_.text(), std::vector<std::string>{}, wrapper_);
    require(run_->says("receiving user events") && run_->says("receiving log events"), "it does not start");
    load_ = std::make_unique<event_load>(c_, rate_, next_number_);
  }

  /// Whatever it may be at; false when it has ended.
  template <class F>
  bool with(F f) {
    std::shared_lock lock{life_};
    if (!run_->process().running()) return false;
    f(*run_);
    return true;
  }

  /// When nobody has told it to: its exit code and its last lines.
  std::string how_it_ended() {
    std::shared_lock lock{life_};
    return "it has ended by itself with " + std::to_string(run_->process().wait(0ms).value_or(-1)) + ": " +
           last_lines();
  }

  /// Sent by the thread that ends it.
  void count_hostile(const std::string& cls, uint64_t n) {
    accounts_[cls].hostile += n;
    hostile_ += n;
  }

  /// Events stop to come, it ends in this way and begins again. The exit code.
  int end_and_start(ending how) {
    std::unique_lock lock{life_};
    const auto code = end(how);
    start();
    return code;
  }

  /// At the end of the test: what is on its way has to arrive first.
  int end_at_rest() {
    std::unique_lock lock{life_};
    stop_load();
    receive_all();
    if (!run_->at_rest(90s)) throw std::runtime_error("events stay on their way: " + last_lines());
    return end(ending::stopped);
  }

  senseflow_process& current() { return *run_; }
  const std::map<std::string, runs_account>& accounts() const { return accounts_; }
  uint64_t sent() const { return next_number_; }
  /// The logs of all runs that have ended.
  const std::string& logs() const { return logs_; }

private:
  static void require(bool x, const std::string& otherwise) {
    if (!x) throw std::runtime_error(otherwise);
  }

  std::string last_lines() const {
    const auto log = run_->output();
    constexpr size_t most = 8000;
    return log.substr(log.size() - std::min(log.size(), most));
  }

  void stop_load() {
    if (!load_) return;
    const auto& s = load_->stop();
    require(s.refused == 0, "datagrams were refused");
    for (std::string cls : event_classes) accounts_[cls].sent += sent_of(s, cls);
    next_number_ += s.total;
    sent_ += s.total;
    load_.reset();
  }

  int end(ending how) {
    stop_load();
    nlohmann::json book;
    int code = -1;
    switch (how) {
    case ending::stopped:
      code = run_->stop(30s * slowdown);
      break;
    case ending::given_up:
      code = give_up();
      break;
    case ending::killed:
      book = kill();
      code = run_->process().wait().value_or(-1);
      break;
    }
    if (book.is_null()) book = run_->ledger();
    const auto log = run_->output();
    logs_ += log.substr(0, log.rfind('\n') + 1); // a killed one may have been at a line
    account(book, how == ending::killed);
    sent_ = hostile_ = 0;
    return code;
  }

  /// Its restarts are limited, and it fails.
  int give_up() {
    auto strict = c_;
    const std::string some = "maxRestarts: 100000";
    strict.actors.replace(strict.actors.find(some), some.size(), "maxRestarts: 2");
    run_->configure(strict.text());
    run_->process().signal(SIGHUP);
    for (int tries = 0; tries < 1000; ++tries) {
      try {
        run_->control("crash delivery/outbox");
      } catch (const std::exception&) { // it has ended
      }
      if (const auto code = run_->process().wait(50ms)) return *code;
    }
    throw std::runtime_error("it does not give up");
  }

  /// What waits for it in the kernel is nowhere in its books.
  void receive_all() {
    nlohmann::json book;
    const auto all_received = [&] {
      book = run_->ledger_now();
      uint64_t n = 0;
      for (auto cls : event_classes)
        n += book[cls]["received"].get<uint64_t>() + book[cls]["kernelDrops"].get<uint64_t>();
      return n == sent_ + hostile_;
    };
    require(eventually(all_received, 60s, 100ms), "not all that was sent was received: " + book.dump());
  }

  /// When all that was sent to it is on disk or has arrived; what it has said it had then.
  nlohmann::json kill() {
    nlohmann::json book;
    receive_all();
    const auto said_since = std::chrono::steady_clock::now() + 1500ms; // it says so once a second
    const auto on_disk = [&] { // what can't be written it can't say either
      const auto entries = spooled_events(spool_).size();
      return left(run_->ledger_now()) <= entries && events_at_risk(spool_) == 0;
    };
    require(
        eventually([&] { return std::chrono::steady_clock::now() > said_since && on_disk(); }, 30s, 200ms),
        "not all is on disk");
    book = run_->ledger_now();
    run_->process().signal(SIGKILL);
    return book;
  }

  /// Of a class, and of both: what has not come to its end.
  static uint64_t left_of(const nlohmann::json& line) {
    uint64_t sum = 0;
    for (const auto* place : {"inSources", "inMemory", "inFlight", "onDisk"})
      sum += line.at(place).get<uint64_t>();
    return sum;
  }
  static uint64_t left(const nlohmann::json& book) {
    uint64_t sum = 0;
    for (auto cls : event_classes) sum += left_of(book.at(cls));
    return sum;
  }

  void account(const nlohmann::json& book, bool killed) {
    for (std::string cls : event_classes) {
      const auto& line = book.at(cls);
      auto& x = accounts_[cls];
      const auto n = [&](const char* name) { return line.at(name).get<uint64_t>(); };
      const auto found = n("recovered");
      if (last_killed_) {
        x.left_by_kills += x.left;
        x.found_after_kills += found;
      } else {
        require(found == x.left, cls + ": it found " + std::to_string(found) + " events of " +
                                     std::to_string(x.left) + " that were left");
      }
      x.received += n("received");
      x.recovered += found;
      x.published += n("published");
      x.repeated += n("repeated");
      x.kernel_drops += n("kernelDrops");
      x.lost_before += n("lostBefore");
      for (const auto& [reason, count] : line.at("dropped").items())
        x.dropped[reason] += count.get<uint64_t>();
      x.left = left_of(line);
    }
    last_killed_ = killed;
  }

  const temp_dir& directory_;
  system_config& c_;
  const std::string spool_;
  const std::vector<std::string> wrapper_;
  const double rate_;
  std::shared_mutex life_; ///< shared while something is done with it
  std::unique_ptr<senseflow_process> run_;
  std::unique_ptr<event_load> load_;
  std::map<std::string, runs_account> accounts_;
  uint64_t next_number_ = 0;
  uint64_t sent_ = 0, hostile_ = 0; ///< to this run
  bool last_killed_ = false;
  std::string logs_;
};

} // namespace senseflow::test
