#include "messages/insights/tracked_sessions.hpp"

#include "messages/text/text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace senseflow::messages::insights {

tracked_sessions::place tracked_sessions::add(tracked_session x) {
  all_.push_back(std::move(x));
  const auto p = std::prev(all_.end());
  by_user_.emplace(p->user, p);
  ++unlisted_;
  return p;
}

void tracked_sessions::list_as(place p, std::string id, std::string virtual_proxy) {
  by_id_.emplace(ascii_lower(id), p);
  p->what.id = std::move(id);
  p->what.virtual_proxy = std::move(virtual_proxy);
  p->not_listed.clear();
  --unlisted_;
}

tracked_sessions::place tracked_sessions::erase(place p) {
  if (p->listed())
    by_id_.erase(ascii_lower(p->what.id));
  else
    --unlisted_;
  const auto [first, last] = by_user_.equal_range(p->user);
  by_user_.erase(std::find_if(first, last, [&](const auto& x) { return x.second == p; }));
  return all_.erase(p);
}

tracked_sessions::place tracked_sessions::by_id(std::string_view id) {
  const auto i = by_id_.find(ascii_lower(id));
  return i == by_id_.end() ? all_.end() : i->second;
}

std::vector<tracked_sessions::place> tracked_sessions::of_user(const std::string& user, bool left) {
  std::vector<place> result;
  const auto [first, last] = by_user_.equal_range(user);
  for (auto i = first; i != last; ++i)
    if (i->second->left.has_value() == left) result.push_back(i->second);
  std::sort(result.begin(), result.end(), [](place a, place b) { return a->what.start < b->what.start; });
  return result;
}

} // namespace senseflow::messages::insights
