#include "bench/sense_site/metrics.hpp"

#include "bench/apps.hpp"

#include <fmt/chrono.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

namespace senseflow::bench {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array<const char*, 2> prefixes{"", "/hdr"};
constexpr size_t user_count = 40;
constexpr size_t most_sessions = 30; ///< per virtual proxy
constexpr double pages_per_megabyte = 256;

json ids(const std::vector<size_t>& positions, size_t count) {
  json result = json::array();
  for (size_t i = 0; i < std::min(count, positions.size()); ++i) result.push_back(apps[positions[i]].id);
  return result;
}

} // namespace

sense_metrics::sense_metrics(uint64_t seed) : random_(seed), in_memory_(apps.size()) {
  started_ = fmt::format("{:%Y%m%dT%H%M%S}.000Z", fmt::gmtime(std::time(nullptr) - draw(3600, 30 * 86400)));
  committed_pages_ = draw(512, 8192) * 256;
  free_pages_ = draw(8192, 65536) * 256;
  calls_ = draw(1000, 200'000);
  selections_ = draw(100, 5000);
  lookups_ = draw(10'000, 200'000);
  hits_ = lookups_ * draw(70, 95) / 100;
  added_ = lookups_ - hits_;
  replaced_ = draw(0, 100);
  bytes_added_ = draw(1'000'000, 100'000'000);
  std::iota(in_memory_.begin(), in_memory_.end(), size_t{0});
  std::shuffle(in_memory_.begin(), in_memory_.end(), random_);
  in_memory_.resize(static_cast<size_t>(draw(2, static_cast<int64_t>(apps.size()))));
  for (const char* prefix : prefixes) {
    auto& list = sessions_[prefix];
    for (auto left = draw(2, 10); left > 0; --left)
      list.push_back({static_cast<size_t>(draw(0, user_count - 1)), draw_session_id()});
  }
}

int64_t sense_metrics::draw(int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>{low, high}(random_);
}

std::string sense_metrics::draw_session_id() {
  const auto bits = random_();
  return fmt::format("{:08x}-{:04x}-4000-8000-{:012x}", bits >> 32, bits >> 16 & 0xffff, random_() >> 16);
}

void sense_metrics::step_sessions(std::vector<session>& list) {
  if (draw(0, 3) == 0 && list.size() < most_sessions)
    list.push_back({static_cast<size_t>(draw(0, user_count - 1)), draw_session_id()});
  if (draw(0, 4) == 0 && !list.empty()) list.erase(list.begin());
}

std::string sense_metrics::health(bool negative_bytes_added) {
  committed_pages_ = std::clamp<int64_t>(committed_pages_ + draw(-2000, 2000), 256 * 256, 16384 * 256);
  free_pages_ = std::clamp<int64_t>(free_pages_ + draw(-2000, 2000), 1024 * 256, 131072 * 256);
  cpu_ = std::clamp<int64_t>(cpu_ + draw(-4, 4), 0, 100);
  const int64_t looked_up = draw(0, 200), hit = looked_up * draw(60, 100) / 100;
  lookups_ += looked_up;
  hits_ += hit;
  added_ += looked_up - hit;
  replaced_ += draw(0, 2);
  bytes_added_ += (looked_up - hit) * draw(100, 20'000);
  calls_ += draw(0, 300);
  selections_ += draw(0, 20);
  if (draw(0, 20) == 0) std::rotate(in_memory_.begin(), in_memory_.begin() + 1, in_memory_.end());

  std::set<size_t> users;
  size_t total = 0;
  for (const auto& [prefix, list] : sessions_) {
    total += list.size();
    for (const auto& x : list) users.insert(x.user);
  }
  const size_t loaded = in_memory_.size() - in_memory_.size() / 3, active = loaded / 2;
  return json{{"version", "12.2015.3"},
              {"started", started_},
              {"mem",
               {{"committed", double(committed_pages_) / pages_per_megabyte},
                {"allocated", double(committed_pages_ + committed_pages_ / 10) / pages_per_megabyte},
                {"free", double(free_pages_) / pages_per_megabyte}}},
              {"cpu", {{"total", cpu_}}},
              {"session", {{"active", total / 2}, {"total", total}}},
              {"apps",
               {{"active_docs", ids(in_memory_, active)},
                {"loaded_docs", ids(in_memory_, loaded)},
                {"in_memory_docs", ids(in_memory_, in_memory_.size())},
                {"calls", calls_},
                {"selections", selections_}}},
              {"users", {{"active", users.size() / 2}, {"total", users.size()}}},
              {"cache",
               {{"hits", hits_},
                {"lookups", lookups_},
                {"added", added_},
                {"replaced", replaced_},
                {"bytes_added", negative_bytes_added ? -1 - bytes_added_ % 0x7fffffff : bytes_added_}}},
              {"saturated", cpu_ > 95}}
      .dump();
}

std::string sense_metrics::sessions(std::string_view prefix) {
  const auto found = sessions_.find(prefix);
  if (found == sessions_.end()) return {};
  step_sessions(found->second);
  json result = json::array();
  for (const auto& [user, id] : found->second) {
    const auto name = "user" + std::to_string(user);
    json attributes = json::array();
    attributes.push_back({{"group", user % 3 == 0 ? "developers" : "readers"}});
    result.push_back({{"UserDirectory", user % 10 == 0 ? "INTERNAL" : "LAB"},
                      {"UserId", name},
                      {"Attributes", std::move(attributes)},
                      {"SessionId", id},
                      {"NewUser", user % 7 == 0}});
  }
  return result.dump();
}

std::string sense_metrics::app_list() {
  json result = json::array();
  for (const auto& x : apps)
    result.push_back({{"id", x.id}, {"name", x.name}, {"description", x.description}});
  return result.dump();
}

} // namespace senseflow::bench
