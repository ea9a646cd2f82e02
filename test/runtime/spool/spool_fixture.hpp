// A spool in a directory of its own.
#pragma once

#include "test/support/unit_test.hpp"

#include "runtime/spool/spool.hpp"

#include "test/support/temp_dir.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

using runtime::spool;

namespace fs = std::filesystem;

inline messages::spool_entry entry(uint64_t id, uint32_t lane = 0, std::string payload = "payload") {
  messages::publication x;
  x.cls = messages::item_class::user_event;
  x.origin = "host" + std::to_string(lane);
  messages::shared_text shared{std::move(payload)};
  x.messages.push_back({"a/topic", shared, 1, false, 60, true});
  x.messages.push_back({"another", shared, 2, true, 0});
  return {id, lane, 1000 + static_cast<int64_t>(id), std::move(x)};
}

struct spool_fixture {
  temp_dir directory;
  runtime::spool_options options;
  uint64_t number = 0;

  spool_fixture() { options.directory = directory / "spool"; }

  std::unique_ptr<spool> open() {
    auto x = spool::open(options);
    CAF_REQUIRE_EQUAL(x.problem, "");
    return std::move(x.value);
  }

  messages::spool_committed commit(spool& s, std::vector<messages::spool_entry> writes,
                                   std::vector<uint64_t> removes = {}) {
    return s.commit({++number, std::move(writes), std::move(removes), {}});
  }

  size_t aside() const {
    size_t result = 0;
    for (const auto& x : fs::directory_iterator(options.directory)) {
      const auto name = x.path().filename().string();
      if (name.find(".damaged-") != name.npos && name.find("-wal") == name.npos &&
          name.find("-shm") == name.npos)
        ++result;
    }
    return result;
  }

  std::vector<uint64_t> ids(spool& s, uint32_t lane = 0, uint64_t after = 0, uint32_t max = 100) {
    std::vector<uint64_t> result;
    for (const auto& e : s.read({1, lane, after, max, UINT64_MAX}).entries) result.push_back(e.id);
    return result;
  }
};

using numbers = std::vector<uint64_t>;

} // namespace senseflow::test
