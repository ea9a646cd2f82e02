#include "messages/encode/health.hpp"

#include "messages/text/iso_time.hpp"
#include "messages/text/json_writer.hpp"
#include "messages/text/state_topics.hpp"
#include "messages/text/text.hpp"
#include "messages/text/topic.hpp"

#include <algorithm>
#include <cmath>

namespace senseflow::messages {

namespace {

/// As JavaScript's Number(x); an absent one is no number.
double to_number(const json_scalar& x) {
  switch (x.kind) {
  case scalar_kind::absent:
    return std::nan("");
  case scalar_kind::boolean:
    return x.text == "true" ? 1 : 0;
  case scalar_kind::text:
  case scalar_kind::number:
    break;
  }
  return whole_number(x.text);
}

/// The part of a topic behind the host. One name is misspelt by the reference; its subscribers know it so.
std::string topic_of(health_place place) {
  if (place.group == "mem" && place.key == "committed") return "mem/comitted";
  return join_topic(place.group, place.key);
}

std::string joined(const scalar_list& list) {
  std::string out;
  for (size_t i = 0; i < list.items.size(); ++i) {
    if (i > 0) out += ',';
    out += list.items[i].text;
  }
  return out;
}

measure measure_of(health_value x) {
  const auto place = place_of(x);
  if (place.group == "mem") return measure::memory;
  if (place.group == "cpu") return measure::cpu;
  if (place.group == "cache" || x == health_value::apps_calls || x == health_value::apps_selections)
    return measure::counter;
  return measure::text;
}

void add_values(publication& out, const health_sample& sample, const health_options& options) {
  const auto base = options.base_topic + with_slash(safe_levels(sample.host));
  const auto add = [&](const std::string& topic, std::string payload, measure compared) {
    out.messages.push_back(
        make_message(base + topic, std::move(payload), options.delivery, false, false, compared));
  };
  for (size_t i = 0; i < health_value_count; ++i) {
    const auto& value = sample.values[i];
    if (value.kind == scalar_kind::absent) continue;
    const auto which = static_cast<health_value>(i);
    add(topic_of(place_of(which)), value.text,
        value.kind == scalar_kind::number ? measure_of(which) : measure::text);
  }
  for (size_t i = 0; i < health_list_count; ++i) {
    const auto& list = sample.lists[i];
    if (list.present) add(topic_of(place_of(static_cast<health_list>(i))), joined(list), measure::text);
  }
  if (auto ratio = hit_ratio(sample); !ratio.empty())
    add("cache/hit_ratio", std::move(ratio), measure::counter);
}

// --- documented and flat layout -------------------------------------------------------------------

/// Too large for those who read it.
bool is_beyond_numbers(const json_scalar& x) {
  return x.kind == scalar_kind::number && !std::isfinite(whole_number(x.text));
}

/// Numbers keep their digits; one that is too large is null.
void write(json_writer& out, const json_scalar& x) {
  switch (x.kind) {
  case scalar_kind::absent:
    out.null();
    break;
  case scalar_kind::text:
    out.text(x.text);
    break;
  case scalar_kind::boolean:
    out.raw(x.text);
    break;
  case scalar_kind::number:
    if (is_beyond_numbers(x)) {
      out.null();
    } else {
      out.raw(x.text);
    }
  }
}

class health_writer {
public:
  /// `flat`: instead of an object within, its members follow with its name before theirs.
  health_writer(const health_sample& sample, bool flat) : sample_(sample), flat_(flat) {}

  std::string write_all() {
    out_.begin_object();
    out_.key("server").text(sample_.server);
    out_.key("host").text(sample_.host);
    out_.key("timestamp").text(iso_time(sample_.timestamp));
    add_poller(out_, sample_.by);
    value("version", health_value::version, scalar_kind::text);
    value("started", health_value::started, scalar_kind::text);
    value("cpu", health_value::cpu_total);
    begin("memory");
    bytes(health_value::mem_committed);
    bytes(health_value::mem_allocated);
    bytes(health_value::mem_free);
    end();
    begin("sessions");
    value(health_value::session_active);
    value(health_value::session_total);
    end();
    begin("users");
    value(health_value::users_active);
    value(health_value::users_total);
    end();
    begin("apps");
    list(health_list::active_docs);
    list(health_list::loaded_docs);
    list(health_list::in_memory_docs);
    value(health_value::apps_calls);
    value(health_value::apps_selections);
    end();
    begin("cache");
    value(health_value::cache_hits);
    value(health_value::cache_lookups);
    value(health_value::cache_added);
    value(health_value::cache_replaced);
    value(health_value::cache_bytes_added);
    if (const auto ratio = hit_ratio(sample_); !ratio.empty() && std::isfinite(whole_number(ratio)))
      key("hit_ratio").raw(ratio);
    end();
    value("saturated", health_value::saturated, scalar_kind::boolean);
    tags();
    return out_.end_object().take();
  }

private:
  void begin(std::string_view group) {
    if (flat_)
      prefix_ = std::string{group} + '_';
    else
      out_.key(group).begin_object();
  }
  void end() {
    prefix_.clear();
    if (!flat_) out_.end_object();
  }
  json_writer& key(std::string_view name) {
    return prefix_.empty() ? out_.key(name) : out_.key(prefix_ + std::string{name});
  }

  /// Readers of the document rely on its types: what is of another kind has no key.
  void value(std::string_view name, health_value x, scalar_kind expected = scalar_kind::number) {
    if (sample_[x].kind == expected && !is_beyond_numbers(sample_[x])) write(key(name), sample_[x]);
  }
  void value(health_value x) { value(place_of(x).key, x); }

  void bytes(health_value x) {
    constexpr double bytes_of_mb = 1024 * 1024;
    if (sample_[x].kind != scalar_kind::number) return;
    const auto bytes = std::round(to_number(sample_[x]) * bytes_of_mb);
    if (std::isfinite(bytes)) key(place_of(x).key).number(bytes);
  }

  void list(health_list x) {
    if (!sample_[x].present) return;
    auto& out = key(place_of(x).key);
    if (flat_) {
      out.integer(static_cast<int64_t>(sample_[x].items.size()));
      return;
    }
    out.begin_array();
    for (const auto& item : sample_[x].items) write(out_, item);
    out_.end_array();
  }

  void tags() {
    if (!flat_) {
      out_.key("tags").raw(to_json(sample_.tags));
      return;
    }
    begin("tag");
    for (auto i = sample_.tags.begin(); i != sample_.tags.end(); ++i)
      if (std::none_of(i + 1, sample_.tags.end(), [&](const tag& later) { return later.name == i->name; }))
        key(i->name).text(i->value);
    end();
  }

  const health_sample& sample_;
  bool flat_;
  std::string prefix_; ///< of keys
  json_writer out_{2048};
};

} // namespace

std::string hit_ratio(const health_sample& sample) {
  const auto lookups = to_number(sample[health_value::cache_lookups]);
  if (!(lookups > 0) || sample[health_value::cache_hits].kind == scalar_kind::absent) return {};
  return number_text(std::floor(to_number(sample[health_value::cache_hits]) / lookups * 100));
}

encoded encode_health(const health_sample& sample, const health_options& options) {
  publication out;
  out.cls = item_class::health;
  out.origin = sample.server;
  out.from = provenance_of(sample.by);
  out.replaces = "health/" + sample.server;
  if (options.butler_sos) add_values(out, sample, options);
  const auto add_document = [&](std::string topic, bool flat) {
    out.messages.push_back(make_message(std::move(topic), health_writer{sample, flat}.write_all(),
                                        options.delivery, true, true, measure::health));
  };
  if (options.documented) add_document(health_topic(options.base_topic, sample.server), false);
  if (options.flat) add_document(flat_health_topic(options.base_topic, sample.server), true);
  if (out.messages.empty()) return filtered{"no_topic"};
  return out;
}

} // namespace senseflow::messages
