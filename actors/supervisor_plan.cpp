#include "actors/supervisor_plan.hpp"

#include <unordered_map>

namespace senseflow::actors {

supervised_child planned_child(const supervisor_options& options, child_spec spec) {
  supervised_child result;
  result.path = options.path.empty() ? spec.name : options.path + "/" + spec.name;
  result.spec = std::move(spec);
  result.delay = runtime::backoff{options.backoff};
  return result;
}

void leave(supervised_child& c) {
  c.planned = false;
  if (c.phase == child_phase::running) c.phase = child_phase::queued;
}

plan_changes merge(child_list& children, const supervisor_plan& plan) {
  std::vector<child_list::iterator> before;
  std::unordered_map<std::string, child_list::iterator> known;
  for (auto i = children.begin(); i != children.end(); ++i) {
    before.push_back(i);
    known.emplace(i->spec.name, i);
  }
  child_list after;
  plan_changes result;
  for (const auto& spec : plan.children) {
    auto old = known.find(spec.name);
    if (old == known.end()) {
      after.push_back(planned_child(plan.options, spec));
      result.added.push_back(&after.back());
      continue;
    }
    after.splice(after.end(), children, old->second);
    known.erase(old);
    auto& c = after.back();
    result.kept.emplace_back(&c, c.spec.version != spec.version);
    c.spec = spec;
    c.planned = true;
    c.delay = runtime::backoff{plan.options.backoff};
  }
  for (auto& c : children) leave(c);
  // Who leaves keeps its place before its next sibling: its turn to stop depends on it.
  auto place = after.end();
  for (auto i = before.rbegin(); i != before.rend(); ++i) {
    if (!(*i)->planned) after.splice(place, children, *i);
    place = *i;
  }
  children.swap(after);
  return result;
}

} // namespace senseflow::actors
