// A resolver whose answers the test gives by hand.
#pragma once

#include "runtime/net/resolver.hpp"

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

/// Questions wait until the test answers them; time limits don't matter. Thread-safe.
class fake_resolver final : public runtime::resolver {
public:
  uint64_t resolve(const std::string& name, std::chrono::milliseconds, completion done) override {
    std::lock_guard lock{mutex_};
    waiting_.emplace(++last_, std::pair{name, std::move(done)});
    return last_;
  }

  void cancel(uint64_t id) override {
    std::lock_guard lock{mutex_};
    waiting_.erase(id);
  }

  runtime::lookup_result known(const std::string& name) const override {
    std::lock_guard lock{mutex_};
    const auto i = known_.find(name);
    return i == known_.end() ? runtime::lookup_result{name, {}, {}, {}} : i->second;
  }

  // --- the test's side ---

  size_t waiting() const {
    std::lock_guard lock{mutex_};
    return waiting_.size();
  }

  /// Answers all who ask for the name; with addresses it is known from then on.
  void answer(const std::string& name, runtime::lookup_status status,
              const std::vector<std::string>& figures) {
    runtime::lookup_result x{name, status, {}, std::chrono::steady_clock::now()};
    for (const auto& f : figures) x.addresses.push_back(*runtime::parse_address(f));
    std::vector<completion> all;
    {
      std::lock_guard lock{mutex_};
      if (status == runtime::lookup_status::found) known_[name] = x;
      for (auto i = waiting_.begin(); i != waiting_.end();) {
        if (i->second.first != name) {
          ++i;
          continue;
        }
        all.push_back(std::move(i->second.second));
        i = waiting_.erase(i);
      }
    }
    for (const auto& done : all)
      if (done) done(x);
  }

private:
  mutable std::mutex mutex_;
  uint64_t last_ = 0;
  std::map<uint64_t, std::pair<std::string, completion>> waiting_;
  std::map<std::string, runtime::lookup_result> known_;
};

} // namespace senseflow::test
