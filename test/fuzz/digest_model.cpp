#include "test/fuzz/digest_model.hpp"

#include "test/fuzz/documents.hpp"
#include "test/fuzz/invariants.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <variant>

namespace senseflow::fuzz {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::string name_of(const std::string& app_id) {
  return app_id.empty() ? "" : "app of " + app_id.substr(0, 8);
}

/// Within 1 %, and what is below a microsecond counts as 0.
bool is_near(double x, double exact) { return std::abs(x - exact) <= 0.01 * exact + 0.002; }

void check_times(const json& x, const std::vector<double>& sorted) {
  const auto shown = x.dump();
  require(x.at("count") == sorted.size(), "all events are counted", shown);
  double sum = 0;
  for (const auto t : sorted) sum += t;
  const auto mean = x.at("mean").get<double>();
  require(std::abs(mean - sum / static_cast<double>(sorted.size())) <= 0.001 + 1e-9 * mean,
          "the mean is theirs", shown);
  require(std::abs(x.at("max").get<double>() - sorted.back()) <= 0.001, "the maximum is theirs", shown);
  for (const auto& [key, share] : {std::pair{"p50", 0.5}, std::pair{"p95", 0.95}, std::pair{"p99", 0.99}}) {
    const auto rank = static_cast<size_t>(share * static_cast<double>(sorted.size() - 1));
    require(is_near(x.at(key).get<double>(), sorted[rank]), std::string{key} + " is within 1 %", shown);
  }
}

uint64_t count_in(const json& x) {
  uint64_t result = x.at("other").is_null() ? 0 : x.at("other").at("count").get<uint64_t>();
  for (const auto& row : x.at("rows")) result += row.at("count").get<uint64_t>();
  return result;
}

} // namespace

messages::performance_digest_options digest_model::options(input& in) {
  messages::performance_digest_options out;
  out.window = 1s * (in.below(60) + 1);
  out.publish_above = 500ms * in.below(3);
  out.rows = in.below(4) + 1;
  return out;
}

void digest_model::hear(const messages::log_event& x, time_point now) {
  const bool digested = digests_.digests(x, now);
  const auto* event = std::get_if<messages::qix_perf_log>(&x.body);
  const auto time = event ? event->process_time : -1;
  if (!(time >= 0 && time <= 1e9)) return require(!digested, "only times are summed up");
  if (open_.count(x.host()) == 0 && open_.size() >= messages::performance_digest::most_hosts)
    return require(!digested, "what there is no room for is published");
  auto& to = open_[x.host()];
  if (to.times.empty()) to.opened = now;
  to.times.push_back(time);
  const auto limit = static_cast<double>(options_.publish_above.count());
  const bool slow = limit > 0 && time > limit;
  if (slow) ++to.published;
  require(digested == !slow, "what is slow is published, too");
}

void digest_model::tick(time_point now, caf::timestamp utc) {
  size_t due = 0;
  for (const auto& [host, x] : open_) due += now - x.opened >= options_.window ? 1 : 0;
  const auto all = digests_.tick(now, utc, name_of);
  require(all.size() == due, "a digest is told when its window is over");
  for (const auto& x : all) check(x);
}

void digest_model::end(caf::timestamp utc) {
  for (const auto& x : digests_.close(utc, name_of)) check(x);
  require(open_.empty(), "all digests are told in the end");
}

void digest_model::check(const messages::insight& x) {
  constexpr size_t max_bytes = 64 << 10;
  const auto json = check_insight(x, max_bytes);
  require(json.at("host") == x.origin, "a digest is of its host", x.payload);
  const auto i = open_.find(x.origin);
  require(i != open_.end(), "a digest is of events", x.payload);
  auto& times = i->second.times;
  std::sort(times.begin(), times.end());
  check_times(json, times);
  require(json.at("published") == i->second.published, "what was published is counted", x.payload);
  require(json.at("rows").size() <= options_.rows, "there are not too many rows", x.payload);
  require(count_in(json) == times.size(), "the rows and the rest are all", x.payload);
  const auto& slowest = json.at("slowest");
  require(slowest.size() == std::min<size_t>(times.size(), 10), "the slowest are shown", x.payload);
  for (size_t n = 0; n < slowest.size(); ++n)
    require(std::abs(slowest[n].at("processTime").get<double>() - times[times.size() - 1 - n]) <=
                1e-6 * times.back(),
            "the slowest come first", x.payload);
  open_.erase(i);
}

} // namespace senseflow::fuzz
