#include "messages/flow.hpp"

#include <algorithm>

namespace senseflow::messages {

uint32_t encoded_batch::items() const {
  auto n = publications.size();
  for (const auto& e : ended) n += e.count;
  return static_cast<uint32_t>(n);
}

void add_ended(std::vector<ended_items>& to, item_class cls, std::string_view source, bool by_rule,
               std::string_view reason) {
  auto i = std::find_if(to.begin(), to.end(), [&](const auto& e) {
    return e.cls == cls && e.by_rule == by_rule && e.reason == reason && e.source.view() == source;
  });
  if (i == to.end())
    to.push_back({cls, std::string{source}, by_rule, std::string{reason}, 1});
  else
    ++i->count;
}

} // namespace senseflow::messages
