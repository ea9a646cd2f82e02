#include "actors/ingest/event_folding.hpp"

#include <caf/timestamp.hpp>

#include <utility>

namespace senseflow::actors {

void event_folding::use(context_ptr env, event_folding_lookups x) {
  env_ = std::move(env);
  lookups_ = std::move(x);
  if (lookups_.rules) follow(*lookups_.rules->load(), false);
}

void event_folding::follow(const event_folding_options& rules, bool stop) {
  const auto apply = [stop](auto& running, const auto& options) {
    if (options && running)
      running->use(*options);
    else if (options)
      running.emplace(*options);
    else if (stop)
      running.reset();
  };
  apply(storms_, rules.storms);
  apply(performance_, rules.performance);
}

std::string_view event_folding::take(const messages::log_event& x, time_point now) {
  if (x.source == messages::log_source::qix_perf)
    return performance_ && digests_ && lookups_.accepted(x) && performance_->digests(x, now) ? "digested"
                                                                                             : "";
  return storms_ && folds_ && storms_->folds(x, now, lookups_.accepted) ? "folded" : "";
}

size_t event_folding::push(outlet& to, std::vector<messages::insight> all) {
  for (auto& x : all) {
    env_->book.received(class_of(x), origin_of(x));
    to.push(std::move(x));
  }
  return all.size();
}

void event_folding::count_left_out() {
  const auto count = [this](const char* name, auto& of) {
    const auto n = of ? of->take_left_out() : 0;
    if (n > 0) env_->counters.count(name, {}, static_cast<double>(n));
  };
  count("insights_storm_left_out_total", storms_);
  count("insights_performance_left_out_total", performance_);
}

size_t event_folding::push_due(outlet& to, time_point now, bool full) {
  if (!lookups_.rules) return 0;
  count_left_out();
  const auto utc = caf::make_timestamp();
  const auto rules = lookups_.rules->load();
  folds_ = rules->storms.has_value();
  digests_ = rules->performance.has_value();
  if (full) return 0;
  size_t n = 0;
  if (storms_) n += push(to, rules->storms ? storms_->tick(now, utc) : storms_->close(utc));
  if (performance_)
    n += push(to, rules->performance ? performance_->tick(now, utc, lookups_.app_name)
                                     : performance_->close(utc, lookups_.app_name));
  follow(*rules, true);
  return n;
}

size_t event_folding::push_all(outlet& to) {
  if (!storms_ && !performance_) return 0;
  count_left_out();
  const auto utc = caf::make_timestamp();
  size_t n = 0;
  if (storms_) n += push(to, storms_->close(utc));
  if (performance_) n += push(to, performance_->close(utc, lookups_.app_name));
  return n;
}

} // namespace senseflow::actors
