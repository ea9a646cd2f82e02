#include "messages/insights/tracked_sessions.hpp"

#include "messages/text/text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace senseflow::messages::insights {

tracked_sessions::place tracked_sessions::add(tracked_session x) {
  all_.push_back(std::move(x));
  const auto p = std::prev(all_.end());
  put_in_order(p);
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
  take_out(p);
  if (const auto i = by_user_.find(p->user); i->second[0].empty() && i->second[1].empty()) by_user_.erase(i);
  return all_.erase(p);
}

void tracked_sessions::put_in_order(place p) {
  auto& to = among(p);
  to.insert(std::upper_bound(to.begin(), to.end(), p,
                             [](place a, place b) { return a->what.start < b->what.start; }),
            p);
}

void tracked_sessions::take_out(place p) {
  auto& from = among(p);
  from.erase(std::find(from.begin(), from.end(), p));
}

void tracked_sessions::began(place p, caf::timestamp when) {
  take_out(p);
  p->what.start = when;
  put_in_order(p);
}

void tracked_sessions::leave(place p, departure d) {
  take_out(p);
  p->left = d;
  put_in_order(p);
}

void tracked_sessions::come_back(place p) {
  take_out(p);
  p->left.reset();
  put_in_order(p);
}

tracked_sessions::place tracked_sessions::by_id(std::string_view id) {
  const auto i = by_id_.find(ascii_lower(id));
  return i == by_id_.end() ? all_.end() : i->second;
}

const std::vector<tracked_sessions::place>& tracked_sessions::of_user(const std::string& user,
                                                                      bool left) const {
  static const std::vector<place> none;
  const auto i = by_user_.find(user);
  return i == by_user_.end() ? none : i->second[left];
}

} // namespace senseflow::messages::insights
