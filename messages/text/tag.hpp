// A name with a value that the configuration attaches to what is published.
#pragma once

#include <caf/meta/type_name.hpp>

#include <string>
#include <vector>

namespace senseflow::messages {

struct tag {
  std::string name;
  std::string value;
};

inline bool operator==(const tag& a, const tag& b) { return a.name == b.name && a.value == b.value; }

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, tag& x) {
  return f(caf::meta::type_name("tag"), x.name, x.value);
}

using tag_list = std::vector<tag>;

/// One JSON object, `{"name":"value",...}`. A name that comes twice keeps its first place and its last value.
std::string to_json(const tag_list& tags);

} // namespace senseflow::messages
