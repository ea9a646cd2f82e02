#include "messages/text/tag.hpp"

#include "messages/text/json_writer.hpp"

#include <algorithm>

namespace senseflow::messages {

std::string to_json(const tag_list& tags) {
  json_writer out;
  out.begin_object();
  for (auto i = tags.begin(); i != tags.end(); ++i) {
    const auto same_name = [i](const tag& x) { return x.name == i->name; };
    if (std::any_of(tags.begin(), i, same_name)) continue;
    const auto last = std::find_if(tags.rbegin(), tags.rend(), same_name);
    out.key(i->name).text(last->value);
  }
  return out.end_object().take();
}

} // namespace senseflow::messages
