// The names of the apps of a Sense site, from the repository's app list.
#pragma once

#include "messages/parsed.hpp"

#include <caf/meta/type_name.hpp>

#include <string>
#include <string_view>
#include <unordered_map>

namespace senseflow::messages {

class app_names {
public:
  /// The name given first counts.
  void add(std::string_view id, std::string name);

  /// Null if there is none. Ids compare without case.
  const std::string* find(std::string_view id) const;

  /// The same for an id that must be spelt as in the list.
  const std::string* find_exact(std::string_view id) const;

  size_t size() const { return apps_.size(); }

  friend bool operator==(const app_names& a, const app_names& b) { return a.apps_ == b.apps_; }

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, app_names& x) {
    return f(caf::meta::type_name("app_names"), x.apps_);
  }

private:
  struct app {
    std::string id; ///< as in the list
    std::string name;

    friend bool operator==(const app& a, const app& b) { return a.id == b.id && a.name == b.name; }
    template <class Inspector>
    friend typename Inspector::result_type inspect(Inspector& f, app& x) {
      return f(caf::meta::type_name("app"), x.id, x.name);
    }
  };

  const app* look_up(std::string_view id) const;

  std::unordered_map<std::string, app> apps_; ///< by lower-case id
};

/// Reads the body of GET /qrs/app. Entries without a text `id` and `name` are left out. Rejects with
/// `invalid_json` or `not_an_array`.
parsed<app_names> parse_app_list(std::string_view body);

} // namespace senseflow::messages
