#include "actors/cluster/cluster_report.hpp"

#include "actors/cluster/cluster_topics.hpp"
#include "messages/text/iso_time.hpp"
#include "messages/text/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace senseflow::actors {

namespace {

using json = nlohmann::ordered_json;
using runtime::place;

constexpr size_t max_text = 100;

std::string dumped(const json& x) { return x.dump(-1, ' ', false, json::error_handler_t::replace); }

json line_json(const runtime::ledger_line& x) {
  return {{"received", x.received},
          {"recovered", x.recovered},
          {"published", x.published},
          {"filtered", x.filtered_total()},
          {"dropped", x.dropped_total()},
          {"held", x.in(place::source) + x.in(place::memory) + x.in(place::flight) + x.in(place::disk)}};
}

void copy_count(const json& from, json& to, const char* name) {
  const auto i = from.find(name);
  if (i != from.end() && i->is_number_unsigned()) to[name] = *i;
}

void copy_text(const json& from, json& to, const char* name) {
  const auto i = from.find(name);
  if (i != from.end() && i->is_string())
    to[name] = messages::cleaned(messages::repaired_utf8(i->get_ref<const std::string&>()), max_text);
}

/// Only what a status has, in its form.
json known_fields(const json& x) {
  auto result = json::object();
  for (const auto* name : {"node", "version", "timestamp"}) copy_text(x, result, name);
  for (const auto* name : {"servers", "polls", "pollsSkipped", "pollFailures", "ledgerFaults"})
    copy_count(x, result, name);
  if (const auto i = x.find("pollLatenessMs"); i != x.end() && i->is_number() && i->get<double>() >= 0)
    result["pollLatenessMs"] = *i;
  const auto ledger = x.find("ledger");
  if (ledger == x.end() || !ledger->is_object()) return result;
  for (size_t c = 0; c < messages::item_class_count; ++c) {
    const std::string cls{messages::to_string_view(static_cast<messages::item_class>(c))};
    const auto line = ledger->find(cls);
    if (line == ledger->end() || !line->is_object()) continue;
    auto& to = result["ledger"][cls] = json::object();
    for (const auto* name : {"received", "recovered", "published", "filtered", "dropped", "held"})
      copy_count(*line, to, name);
  }
  return result;
}

json node_json(const node_entry& x, const cluster_state& state, const std::set<std::string>& servers,
               const node_statuses& statuses) {
  const auto& own = state.owned(x.node.lease);
  return {{"node", x.node.id},
          {"topicName", x.node.topic_name},
          {"version", x.node.version},
          {"protocol", x.node.protocol},
          {"digests", x.node.digests},
          {"weight", x.node.weight},
          {"draining", x.node.draining},
          {"drainWanted", state.drain_wanted(x.node.id)},
          {"sameServers", x.servers == server_list_mark(servers)},
          {"host", x.host},
          {"pid", x.pid},
          {"started", x.started},
          {"lease", fmt::format("{:x}", x.node.lease)},
          {"owns", std::vector<std::string>(own.begin(), own.end())},
          {"status", json::parse(statuses.of(x.node.id), nullptr, false)}};
}

} // namespace

std::string to_json(const node_status& x, caf::timestamp now) {
  json result{{"node", x.node},
              {"version", x.version},
              {"timestamp", messages::iso_time(now)},
              {"servers", x.servers},
              {"polls", x.polls},
              {"pollsSkipped", x.polls_skipped},
              {"pollFailures", x.poll_failures},
              {"pollLatenessMs", std::round(x.poll_lateness_ms * 10) / 10},
              {"ledgerFaults", x.ledger_faults}};
  for (size_t c = 0; c < x.ledger.size(); ++c)
    result["ledger"][std::string{messages::to_string_view(static_cast<messages::item_class>(c))}] =
        line_json(x.ledger[c]);
  return dumped(result);
}

std::string status_topic(const std::string& node) {
  return std::string{cluster_topics::nodes} + escaped_level(node);
}

bool node_statuses::take(std::string_view topic, std::string_view payload) {
  if (topic.substr(0, cluster_topics::nodes.size()) != cluster_topics::nodes) return false;
  const auto node = unescaped_level(topic.substr(cluster_topics::nodes.size()));
  if (!node) return false;
  if (payload.empty()) {
    known_.erase(*node);
    return true;
  }
  if (payload.size() > max_bytes || (known_.size() >= max_nodes && known_.count(*node) == 0)) return false;
  const auto x = json::parse(payload, nullptr, false);
  if (!x.is_object()) return false;
  known_[*node] = dumped(known_fields(x));
  return true;
}

std::string node_statuses::of(const std::string& node) const {
  const auto i = known_.find(node);
  return i == known_.end() ? "null" : i->second;
}

std::vector<std::string> node_statuses::take_leftovers(const cluster_state& state) {
  std::vector<std::string> result;
  for (auto i = known_.begin(); i != known_.end();) {
    if (state.node(i->first)) {
      ++i;
    } else {
      result.push_back(i->first);
      i = known_.erase(i);
    }
  }
  return result;
}

std::string to_json(const cluster_report& x, const cluster_state& state, const node_statuses& statuses,
                    caf::timestamp now) {
  auto nobodys = json::array();
  for (const auto& name : x.servers)
    if (!state.holder(state.server(name).lease)) nobodys.push_back(name);
  auto nodes = json::array();
  for (const auto& each : state.nodes()) nodes.push_back(node_json(each.second, state, x.servers, statuses));
  return dumped({{"cluster", x.cluster},
                 {"reporter", x.reporter},
                 {"timestamp", messages::iso_time(now)},
                 {"alarms", x.alarms},
                 {"configured", x.servers.size()},
                 {"unowned", std::move(nobodys)},
                 {"nodes", std::move(nodes)}});
}

} // namespace senseflow::actors
