#include "messages/encode/log_event.hpp"

#include "messages/encode/event_payload.hpp"
#include "messages/text/json_writer.hpp"
#include "messages/text/text.hpp"
#include "messages/text/topic.hpp"

#include <string_view>
#include <type_traits>

namespace senseflow::messages {

namespace {

void write(json_writer& out, const std::string& x) { out.text(x); }
void write(json_writer& out, double x) { out.number(x); }

struct payload_parts {
  std::string_view source;
  std::string_view app_name; ///< performance events only
  std::string_view category; ///< "" = none
  std::string_view tags;
};

template <class Shape>
std::string to_json(const Shape& shape, const payload_parts& parts) {
  json_writer out{1024};
  out.begin_object();
  out.key("source").text(parts.source);
  for (const auto& field : fields_of(shape)) {
    if (field.kind == field_kind::hidden) continue;
    out.key(field.name);
    std::visit([&](auto member) { write(out, shape.*member); }, field.member);
    if constexpr (std::is_same_v<Shape, qix_perf_log>)
      if (field.name == "app_id") out.key("app_name").text(parts.app_name);
  }
  if (!parts.category.empty()) out.key("category").raw(parts.category);
  out.key("tags").raw(parts.tags);
  return out.end_object().take();
}

struct destination {
  shared_text topic;
  bool documented = false;
};

std::vector<destination> destinations(const log_event& event, const log_event_options& options) {
  std::vector<destination> out;
  out.reserve(3);
  const auto& base = options.base;
  if (base.topic.size() > 0) out.push_back({base.topic, base.documented});
  const auto& subsystem = options.subsystem_base;
  if (subsystem.topic.size() > 0) {
    const auto levels = subsystem_levels(event.common().subsystem);
    if (!levels.empty()) {
      out.push_back({join_topic(subsystem.topic.view(), levels), subsystem.documented});
    } else if (subsystem.topic != base.topic) {
      out.push_back({subsystem.topic, subsystem.documented});
    }
  }
  const auto& source = options.source_topics[static_cast<size_t>(event.source)];
  if (source.topic.size() > 0) out.push_back({source.topic, source.documented});
  return out;
}

/// What the rules make of an event.
struct judgement {
  std::string_view against; ///< "" = it passes
  std::string app_name;     ///< performance events only
  category_rules::verdict category;
};

judgement judge(const log_event& event, const log_event_options& options, const app_names& apps) {
  judgement result;
  if (!options.sources[static_cast<size_t>(event.source)]) {
    result.against = "source_disabled";
    return result;
  }
  if (const auto* perf = std::get_if<qix_perf_log>(&event.body)) {
    result.app_name = app_name_of(perf->raw_app_id, options, apps);
    if (!options.performance.accepts(*perf, result.app_name)) {
      result.against = "performance_filter";
      return result;
    }
  }
  if (options.categorise) result.category = options.categorise->apply(event.common().level, event.message());
  if (result.category.drop) result.against = "categorise_drop";
  return result;
}

} // namespace

std::string app_name_of(const std::string& app_id, const log_event_options& options, const app_names& apps) {
  const auto* name = options.app_name_lookup ? apps.find_exact(app_id) : nullptr;
  return name ? cleaned(*name, 200) : std::string{};
}

bool accepts(const log_event_options& options, const log_event& event, const app_names& apps) {
  return judge(event, options, apps).against.empty();
}

encoded encode_log_event(const log_event& event, const log_event_options& options, const app_names& apps) {
  const auto judged = judge(event, options, apps);
  if (!judged.against.empty()) return filtered{judged.against};
  const auto to = destinations(event, options);
  if (to.empty()) return filtered{"no_topic"};
  const payload_parts parts{to_string_view(event.source), judged.app_name, judged.category.json,
                            options.tags_json};
  event_payload payload{std::visit([&](const auto& x) { return to_json(x, parts); }, event.body),
                        event.received, event.id};
  publication out;
  out.cls = item_class::log_event;
  out.origin = event.host();
  out.messages.reserve(to.size());
  for (const auto& x : to) out.messages.push_back(payload.for_topic(x.topic, options.delivery, x.documented));
  return out;
}

} // namespace senseflow::messages
