// The names of the apps of a Sense site, from the repository's app list.
#pragma once

#include "messages/text/parsed.hpp"

#include <caf/meta/type_name.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace senseflow::messages {

class app_names {
public:
  /// The name given first counts.
  void add(std::string id, std::string name) { names_.emplace(std::move(id), std::move(name)); }

  /// Null if there is none. An id in upper case finds its app as well (lists have them in lower case).
  const std::string* find(std::string_view id) const;

  /// The same for an id that must be spelt as in the list.
  const std::string* find_exact(std::string_view id) const;

  size_t size() const { return names_.size(); }

  friend bool operator==(const app_names& a, const app_names& b) { return a.names_ == b.names_; }

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, app_names& x) {
    return f(caf::meta::type_name("app_names"), x.names_);
  }

private:
  std::map<std::string, std::string, std::less<>> names_; ///< by id as in the list
};

/// Reads the body of GET /qrs/app. Entries without a text for `id` and for `name` are left out. Rejects with
/// `invalid_json` or `not_an_array`.
parsed<app_names> parse_app_list(std::string_view body);

} // namespace senseflow::messages
