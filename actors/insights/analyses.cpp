#include "actors/insights/analyses.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace senseflow::actors {

namespace {

constexpr size_t most_lines = 100; ///< in the log: names in them come from outside

} // namespace

void analyses::use(std::vector<analysis_spec> specs) {
  std::vector<running> next;
  for (auto& spec : specs) {
    const auto i =
        std::find_if(all_.begin(), all_.end(), [&](const running& x) { return x.spec.name == spec.name; });
    running x;
    if (i != all_.end()) (i->spec.version == spec.version ? x.what : x.former) = std::move(i->what);
    x.spec = std::move(spec);
    next.push_back(std::move(x));
  }
  all_ = std::move(next);
}

/// It may throw, even while it is made.
template <class F>
void analyses::let(running& x, const moment& now, F f) {
  try {
    if (!x.what) {
      x.what = x.spec.make();
      if (const auto former = std::move(x.former)) x.what->inherit(*former);
    }
    f(*x.what);
  } catch (const std::exception& e) {
    x.what.reset();
    ++failures_[x.spec.name];
    if (trouble_.pass(x.spec.name, now.steady))
      runtime::log::error("the analysis {} failed ({}); starting it over{}", x.spec.name, e.what(),
                          trouble_.suffix());
  }
}

void analyses::observe(const messages::item_batch& batch, const moment& now) {
  auto& last = seen_[batch.id.source];
  if (batch.id.number <= last) {
    ++repeated_;
    return;
  }
  last = batch.id.number;
  for (auto& x : all_) let(x, now, [&](auto& a) { a.observe(*batch.items, now); });
}

analyses::findings analyses::tick(const moment& now) {
  findings all;
  for (auto& x : all_) {
    findings one; // of one that fails half-way nothing counts
    let(x, now, [&](auto& a) {
      a.tick(now, one);
      const auto append = [](auto& to, auto& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
      };
      append(all.insights, one.insights);
      append(all.alarms, one.alarms);
      append(all.counts, one.counts);
      for (auto& line : one.lines)
        if (said_.size() < most_lines && said_.insert(line).second) all.lines.push_back(std::move(line));
    });
  }
  if (const auto n = std::exchange(repeated_, 0); n > 0)
    all.add("insight_batches_repeated_total", {}, static_cast<double>(n));
  for (const auto& [name, n] : std::exchange(failures_, {}))
    all.add("insight_failures_total", {{"analysis", name}}, static_cast<double>(n));
  return all;
}

} // namespace senseflow::actors
