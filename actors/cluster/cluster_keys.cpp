#include "actors/cluster/cluster_keys.hpp"

#include "messages/text/text.hpp"
#include "messages/text/topic.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace senseflow::actors {

namespace {

using json = nlohmann::ordered_json;

constexpr size_t max_name = 500;
constexpr size_t max_value = 16 * 1024;
constexpr size_t max_text = 100;
constexpr size_t max_topic_name = 200; ///< an id of 64 bytes, each of them escaped
constexpr int64_t max_weight = 1000000;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string dumped(const json& x) { return x.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string text_in(const json& x, const char* name, size_t limit = max_text) {
  const auto i = x.find(name);
  return i != x.end() && i->is_string()
             ? messages::cleaned(messages::repaired_utf8(i->get_ref<const std::string&>()), limit)
             : std::string{};
}

/// 0 for what is no such number, or a negative one.
int64_t number_in(const json& x, const char* name, int64_t limit) {
  const auto i = x.find(name);
  if (i == x.end() || !i->is_number_unsigned()) return 0;
  return static_cast<int64_t>(std::min(i->get<uint64_t>(), static_cast<uint64_t>(limit)));
}

} // namespace

std::string escaped_level(std::string_view name) {
  std::string result;
  for (char c : name) {
    if (is_plain(c))
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

std::optional<std::string> unescaped_level(std::string_view level) {
  std::string result;
  for (size_t i = 0; i < level.size(); ++i) {
    if (is_plain(level[i])) {
      result += level[i];
      continue;
    }
    if (level[i] != '%' || i + 2 >= level.size()) return std::nullopt;
    const auto high = digit(level[i + 1]), low = digit(level[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    const auto c = static_cast<char>(high * 16 + low);
    if (is_plain(c)) return std::nullopt; // a second key for one name
    result += c;
    i += 2;
  }
  if (result.empty() || result.size() > max_name || !messages::is_utf8(result)) return std::nullopt;
  return result;
}

cluster_keys::cluster_keys(std::string_view cluster)
    : prefix_("/senseflow/" + escaped_level(cluster) + "/") {}

std::string cluster_keys::node(std::string_view id) const { return prefix_ + "nodes/" + escaped_level(id); }
std::string cluster_keys::server(std::string_view name) const {
  return prefix_ + "servers/" + escaped_level(name);
}
std::string cluster_keys::drain(std::string_view id) const { return prefix_ + "drain/" + escaped_level(id); }
std::string cluster_keys::reporter() const { return prefix_ + "reporter"; }

std::optional<cluster_keys::place> cluster_keys::read(std::string_view key) const {
  if (key.substr(0, prefix_.size()) != prefix_) return std::nullopt;
  key.remove_prefix(prefix_.size());
  if (key == "reporter") return place{kind::reporter, {}};
  const auto slash = key.find('/');
  if (slash == key.npos) return std::nullopt;
  auto name = unescaped_level(key.substr(slash + 1));
  if (!name) return std::nullopt;
  const auto level = key.substr(0, slash);
  if (level == "nodes") return place{kind::node, std::move(*name)};
  if (level == "servers") return place{kind::server, std::move(*name)};
  if (level == "drain") return place{kind::drain, std::move(*name)};
  return std::nullopt;
}

bool same_content(const node_entry& a, const node_entry& b) { return to_json(a) == to_json(b); }

std::string to_json(const node_entry& x) {
  return dumped({{"version", x.node.version},
                 {"protocol", x.node.protocol},
                 {"digests", x.node.digests},
                 {"weight", x.node.weight},
                 {"draining", x.node.draining},
                 {"topicName", x.node.topic_name},
                 {"servers", x.servers},
                 {"host", x.host},
                 {"pid", x.pid},
                 {"started", x.started},
                 {"instance", x.instance}});
}

std::string ownership_json(const std::string& node, const std::string& instance) {
  return dumped({{"node", node}, {"instance", instance}});
}

std::optional<node_entry> read_node_entry(const std::string& id, const runtime::etcd_key& x) {
  if (x.lease == 0 || x.value.size() > max_value) return std::nullopt; // what has no lease does not live
  const auto value = json::parse(x.value, nullptr, false);
  if (!value.is_object()) return std::nullopt;
  node_entry result;
  auto& node = result.node;
  node.id = id;
  node.lease = x.lease;
  node.version = text_in(value, "version");
  node.protocol = static_cast<uint32_t>(number_in(value, "protocol", UINT32_MAX));
  node.digests = static_cast<uint32_t>(number_in(value, "digests", UINT32_MAX));
  node.weight = static_cast<uint32_t>(std::max<int64_t>(number_in(value, "weight", max_weight), 1));
  node.topic_name = messages::safe_level(text_in(value, "topicName", max_topic_name));
  if (const auto i = value.find("draining"); i != value.end() && i->is_boolean())
    node.draining = i->get<bool>();
  result.servers = text_in(value, "servers");
  result.host = text_in(value, "host");
  result.pid = number_in(value, "pid", INT64_MAX);
  result.started = text_in(value, "started");
  result.instance = text_in(value, "instance");
  result.mod_revision = x.mod_revision;
  if (node.protocol == 0 || result.instance.empty()) return std::nullopt;
  return result;
}

std::string server_list_mark(const std::set<std::string>& servers) {
  uint64_t hash = 0xcbf29ce484222325; // FNV-1a
  const auto add = [&](char c) { hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3; };
  for (const auto& x : servers) {
    for (char c : x) add(c);
    add('\0');
  }
  return fmt::format("{:016x}", hash);
}

} // namespace senseflow::actors
