#include "messages/folding/storm_folder.hpp"

#include "messages/folding/message_shape.hpp"
#include "messages/text/iso_time.hpp"
#include "messages/text/json_writer.hpp"
#include "messages/text/topic.hpp"

#include <string_view>
#include <utility>
#include <variant>

namespace senseflow::messages {

namespace {

void write(json_writer& out, const std::string& x) { out.text(x); }
void write(json_writer& out, double x) { out.number(x); }

/// Its fields as its own message has them.
void write_sample(json_writer& out, const log_event& event) {
  out.begin_object();
  const auto fields = [&](const auto& shape) {
    for (const auto& field : fields_of(shape)) {
      if (field.kind == field_kind::hidden) continue;
      out.key(field.name);
      std::visit([&](auto member) { write(out, shape.*member); }, field.member);
    }
  };
  std::visit(fields, event.body);
  out.end_object();
}

} // namespace

bool storm_folder::folds(const log_event& x, time_point now, const permission& may_be) {
  const auto* const message = x.message();
  if (message == nullptr || message->empty()) return false;
  key_.clear();
  key_ += static_cast<char>(x.source);
  for (const auto* part : {&x.host(), &x.common().subsystem}) {
    key_ += *part;
    key_ += '\0';
  }
  const auto shape_at = key_.size();
  append_shape(key_, *message);
  const auto hash = std::hash<std::string_view>{}(key_);
  switch (paces_.arrived(hash, options_.rate, now)) {
  case pace_table::pace::slow:
    return false;
  case pace_table::pace::unknown:
    ++left_out_;
    return false;
  case pace_table::pace::fast:
    return may_be(x) && add(hash, shape_at, x, now);
  }
  return false;
}

/// Two keys of one hash: only the first one has a storm.
bool storm_folder::add(uint64_t hash, size_t shape_at, const log_event& x, time_point now) {
  auto i = storms_.find(hash);
  if (i == storms_.end() ? storms_.size() >= most_storms : i->second.key != key_) {
    ++left_out_;
    return false;
  }
  if (i == storms_.end())
    i = storms_.emplace(hash, storm{key_, shape_at, x, 0, x.received, x.received, now}).first;
  ++i->second.count;
  i->second.last = x.received;
  return true;
}

insight storm_folder::summary(const storm& x, caf::timestamp utc) {
  const auto& common = x.sample.common();
  json_writer out{1024};
  out.begin_object();
  out.key("host").text(common.host);
  out.key("source").text(to_string_view(x.sample.source));
  out.key("timestamp").text(iso_time(utc));
  out.key("subsystem").text(common.subsystem);
  out.key("message").text(readable(std::string_view{x.key}.substr(x.shape_at)));
  out.key("count").integer(static_cast<int64_t>(x.count));
  out.key("first").text(iso_time(x.first));
  out.key("last").text(iso_time(x.last));
  out.key("sample");
  write_sample(out, x.sample);
  out.end_object();
  insight result;
  result.kind = insight_kind::storm;
  result.event = true;
  result.origin = common.host;
  const auto host = safe_level(common.host);
  result.topic = "storms/" + (host.empty() ? "unknown" : host) + '/';
  result.topic += topic_level(x.sample.source);
  result.payload = out.take();
  return result;
}

std::vector<insight> storm_folder::tick(time_point now, caf::timestamp utc) {
  std::vector<insight> result;
  for (auto i = storms_.begin(); i != storms_.end();) {
    if (now - i->second.opened < options_.window) {
      ++i;
      continue;
    }
    result.push_back(summary(i->second, utc));
    i = storms_.erase(i);
  }
  return result;
}

std::vector<insight> storm_folder::close(caf::timestamp utc) {
  std::vector<insight> result;
  for (const auto& [hash, x] : storms_) result.push_back(summary(x, utc));
  storms_.clear();
  return result;
}

} // namespace senseflow::messages
