#include "test/support/topic_table.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace senseflow::test {
namespace {

std::string text_of(const YAML::Node& node, const char* key) {
  return node.IsMap() && node[key] && node[key].IsScalar() ? node[key].as<std::string>() : std::string{};
}

/// `words` to `all`, unless it says so already; sentences are kept apart.
void add_sentence(std::string& all, std::string words) {
  while (!words.empty() && std::isspace(static_cast<unsigned char>(words.back())) != 0) words.pop_back();
  if (words.empty() || all.find(words) != std::string::npos) return;
  if (words.back() != '.') words += '.';
  all += (all.empty() ? "" : " ") + words;
}

/// Whatever comes with a channel on its row, and where the row belongs.
struct row {
  std::string topic, payload, what, qos, retained;
  bool received = false;   ///< senseflow listens to it
  bool butler_sos = false; ///< of the other layout
};

class page {
public:
  explicit page(const YAML::Node& document) : document_(document) {
    base_ = document["components"]["parameters"]["base"]["default"].as<std::string>();
    for (const auto& x : document["channels"])
      if (!text_of(x.second, "address").empty()) add(x.first.as<std::string>(), x.second);
  }

  std::string text() const {
    std::ostringstream out;
    out << "# All topics\n\n"
           "Made from [asyncapi.yaml](asyncapi.yaml) by the test `messages.topics`. QoS and retained are "
           "what "
           "`mqttConfig.qos` and\n`mqttConfig.retain` have where the file does not set them; `<name>` is "
           "explained [below](#names).\n";
    section(out, "Published", [](const row& x) { return !x.received && !x.butler_sos; });
    section(out, "Listened to", [](const row& x) { return x.received; });
    section(out, "In the layout of Butler SOS", [](const row& x) { return !x.received && x.butler_sos; });
    names(out);
    return out.str();
  }

private:
  /// Follows references within the document.
  YAML::Node resolved(const YAML::Node& node) const {
    const auto reference = text_of(node, "$ref");
    if (reference.rfind("#/", 0) != 0) return node;
    std::istringstream path{reference.substr(2)};
    YAML::Node at = document_;
    for (std::string step; std::getline(path, step, '/');) {
      const YAML::Node& here = at; // reading from what is not const would add to it
      const auto next = here[step];
      if (!next) throw std::runtime_error("asyncapi.yaml has nothing at " + path.str());
      at.reset(next);
    }
    return resolved(at);
  }

  void add(const std::string& name, const YAML::Node& channel) {
    row r;
    const auto address = channel["address"].as<std::string>();
    r.topic = named(address);
    r.butler_sos = address.rfind("{base}{host}/", 0) == 0;
    std::string summaries;
    size_t messages = 0;
    for (const auto& x : channel["messages"]) {
      const auto message = resolved(x.second);
      add_sentence(summaries, text_of(message, "summary"));
      add_payload(r.payload, message["payload"]);
      ++messages;
    }
    const auto description = text_of(channel, "description");
    if (messages == 1 || description.empty()) add_sentence(r.what, summaries);
    add_sentence(r.what, description);
    if (r.what.empty())
      throw std::runtime_error("asyncapi.yaml does not say what the channel " + name + " is");
    bool sent = false, received = false;
    for (const auto& x : document_["operations"]) {
      if (text_of(x.second["channel"], "$ref") != "#/channels/" + name) continue;
      (text_of(x.second, "action") == "receive" ? received : sent) = true;
      add_delivery(r, x.second);
    }
    r.received = received && !sent;
    rows_.push_back(r);
  }

  void add_delivery(row& r, const YAML::Node& operation) const {
    std::vector<YAML::Node> sources{operation};
    for (const auto& x : operation["traits"]) sources.push_back(resolved(x));
    for (const auto& x : sources) {
      if (!x["bindings"] || !x["bindings"]["mqtt"]) continue;
      const auto mqtt = x["bindings"]["mqtt"];
      if (r.qos.empty()) r.qos = text_of(mqtt, "qos");
      if (r.retained.empty() && mqtt["retain"]) r.retained = mqtt["retain"].as<bool>() ? "yes" : "no";
    }
  }

  static void add_payload(std::string& all, const YAML::Node& payload) {
    std::string one = "JSON";
    if (!payload || text_of(payload, "type") == "null") {
      one = "empty";
    } else if (const auto file = text_of(payload, "$ref"); !file.empty()) {
      const auto at = file.rfind('/') + 1;
      one = "[" + file.substr(at, file.rfind('.') - at) + "](" + file + ")";
    } else if (payload["enum"]) {
      one.clear();
      for (const auto& x : payload["enum"]) one += (one.empty() ? "`" : ", `") + x.as<std::string>() + "`";
    } else if (text_of(payload, "type") == "string") {
      one = "text";
    }
    if (all.find(one) == std::string::npos) all += (all.empty() ? "" : ", ") + one;
  }

  /// The topic that it stands for where its setting names none; "" if it stands for something else.
  std::string replaceable(const std::string& name, const YAML::Node& parameter) const {
    const auto usual = text_of(parameter, "default");
    const bool is_topic = name != "base" && parameter["x-setting"] && usual.rfind(base_, 0) == 0;
    return is_topic ? "<base>" + usual.substr(base_.size()) : "";
  }

  /// With `<name>` for `{name}`; topics that a setting names as they are without it.
  std::string named(const std::string& address) {
    std::string result;
    for (size_t at = 0; at < address.size();) {
      const auto end = address[at] == '{' ? address.find('}', at) : std::string::npos;
      if (end == std::string::npos) {
        result += address[at++];
        continue;
      }
      const auto name = address.substr(at + 1, end - at - 1);
      const auto parameter = document_["components"]["parameters"][name];
      if (!parameter) throw std::runtime_error("asyncapi.yaml explains no parameter " + name);
      const auto topic = replaceable(name, parameter);
      result += topic.empty() ? "<" + name + ">" : topic;
      used_.insert(name);
      at = end + 1;
    }
    return result;
  }

  /// As a cell of a table: `{name}` outside of code is made code.
  static std::string cell(const std::string& text) {
    std::string result;
    bool code = false;
    for (size_t at = 0; at < text.size(); ++at) {
      const auto c = text[at];
      const auto end = c == '{' ? text.find('}', at) : std::string::npos;
      if (c == '`') code = !code;
      if (end != std::string::npos) {
        const auto name = "<" + text.substr(at + 1, end - at - 1) + ">";
        result += code ? name : "`" + name + "`";
        at = end;
      } else if (c == '|') {
        result += "\\|";
      } else if (c == '\n') {
        result += ' ';
      } else {
        result += c;
      }
    }
    return result;
  }

  template <class Belongs>
  void section(std::ostream& out, const char* title, Belongs belongs) const {
    if (std::none_of(rows_.begin(), rows_.end(), belongs)) return;
    out << "\n## " << title
        << "\n\n| topic | payload | QoS | retained | what, when |\n|---|---|---|---|---|\n";
    for (const auto& r : rows_)
      if (belongs(r))
        out << "| `" << r.topic << "` | " << cell(r.payload) << " | " << (r.qos.empty() ? "–" : r.qos)
            << " | " << (r.retained.empty() ? "–" : r.retained) << " | " << cell(r.what) << " |\n";
  }

  void names(std::ostream& out) const {
    std::string topics;
    out << "\n## Names\n\n| name | stands for | without a setting | setting |\n|---|---|---|---|\n";
    for (const auto& x : document_["components"]["parameters"]) {
      const auto name = x.first.as<std::string>();
      if (used_.count(name) == 0) continue;
      const auto setting = code(text_of(x.second, "x-setting"));
      if (const auto topic = replaceable(name, x.second); !topic.empty()) {
        topics += "| `" + topic + "` | " + setting + " |\n";
        continue;
      }
      std::string what;
      add_sentence(what, text_of(x.second, "description"));
      if (x.second["x-levels"]) add_sentence(what, "Any number of levels.");
      out << "| `<" << name << ">` | " << cell(what) << " | " << code(text_of(x.second, "default")) << " | "
          << setting << " |\n";
    }
    if (!topics.empty())
      out << "\nSettings can name other topics in the place of these:\n\n| topic | setting |\n|---|---|\n"
          << topics;
  }

  static std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

  const YAML::Node document_;
  std::string base_;
  std::set<std::string> used_;
  std::vector<row> rows_;
};

} // namespace

std::string topic_page(const std::string& asyncapi_file) {
  return page{YAML::LoadFile(asyncapi_file)}.text();
}

} // namespace senseflow::test
