// Sessions that are followed, found by their id and by their user.
#pragma once

#include "messages/insights/live_session.hpp"

#include <caf/timestamp.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace senseflow::messages::insights {

/// A session that seems to have ended.
struct departure {
  caf::timestamp end{};
  session_end how = session_end::stopped;
  bool missed = false; ///< a list did not have it, and no event has told its end
  bool told = false;   ///< its end is published
};

struct tracked_session {
  live_session what;
  std::string user;            ///< as `user_key`
  caf::timestamp not_before{}; ///< it began later: the list before did not have it
  caf::timestamp first_listed{};
  uint64_t list = 0;                ///< the last one that had it
  std::set<std::string> not_listed; ///< by which virtual proxies; as long as it is listed nowhere
  std::optional<departure> left;

  bool listed() const { return !what.id.empty(); }
};

/// Not thread-safe.
class tracked_sessions {
public:
  using list = std::list<tracked_session>;
  using place = list::iterator;

  /// It is not listed yet.
  place add(tracked_session x);
  /// By this id, which nobody else has.
  void list_as(place p, std::string id, std::string virtual_proxy);
  /// Returns the next one.
  place erase(place p);
  /// When it has begun is known.
  void began(place p, caf::timestamp when);
  /// It seems to have ended; not so.
  void leave(place p, departure d);
  void come_back(place p);

  place begin() { return all_.begin(); }
  place end() { return all_.end(); }
  list::const_iterator begin() const { return all_.begin(); }
  list::const_iterator end() const { return all_.end(); }

  /// `end()` if there is none. In any case.
  place by_id(std::string_view id);
  /// Those that seem to be alive, or that seem to have ended; in order of their start. Until the next change.
  const std::vector<place>& of_user(const std::string& user, bool left) const;

  size_t size() const { return all_.size(); }
  size_t unlisted() const { return unlisted_; }

private:
  /// Kept in order: one user may have a thousand, and events come by the thousand.
  using places = std::array<std::vector<place>, 2>; ///< alive, left

  std::vector<place>& among(place p) { return by_user_[p->user][p->left.has_value()]; }
  void put_in_order(place p);
  void take_out(place p);

  list all_;
  std::unordered_map<std::string, place> by_id_; ///< in lower case
  std::unordered_map<std::string, places> by_user_;
  size_t unlisted_ = 0;
};

} // namespace senseflow::messages::insights
