#include "test/fuzz/discovery_model.hpp"

#include "messages/text/text.hpp"
#include "test/fuzz/documents.hpp"
#include "test/fuzz/invariants.hpp"

#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <unordered_set>

namespace senseflow::fuzz {

namespace {

namespace ha = messages::home_assistant;
using nlohmann::json;

/// Of the document and all in it.
void check_topics(const json& x) {
  for (const auto& [key, value] : x.items()) {
    const bool named = key == "topic" || key == "state_topic";
    if (named && value.is_string()) check_topic(value.get_ref<const std::string&>());
    if (value.is_structured()) check_topics(value);
  }
}

/// To check a document takes more time than all the rest, and most are as before.
bool was_sound(const std::string& topic, const std::string& payload) {
  constexpr size_t most = 100'000;
  static std::unordered_set<size_t> known;
  if (known.size() >= most) known.clear();
  return !known.insert(std::hash<std::string>{}(topic + ' ' + payload)).second;
}

void check_payload(const std::string& topic, const std::string& payload) {
  if (was_sound(topic, payload)) return;
  const auto x = check_document("home-assistant-device", payload);
  const auto id = x.at("device").at("identifiers").at(0).get<std::string>();
  require(topic == "homeassistant/device/" + id + "/config", "a document is at its device's topic", topic);
  check_topics(x);
  std::set<std::string> ids;
  for (const auto& [key, entity] : x.at("components").items()) {
    if (!entity.contains("unique_id")) continue; // it is to be removed
    const auto own = entity.at("unique_id").get<std::string>();
    require(ids.insert(own).second && own == id + '_' + key, "an entity's id is its own", own);
    const auto wish = entity.at("default_entity_id").get<std::string>();
    const auto name = wish.substr(wish.find('.') + 1);
    require(!name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == name.npos,
            "an entity has a name that Home Assistant takes", wish);
  }
}

std::string name_in(std::string_view text) { return messages::cleaned(messages::repaired_utf8(text), 100); }

} // namespace

discovery_model::discovery_model(input& in) {
  constexpr const char* bases[] = {"base/", "", "a/b/"};
  options_.at = {"homeassistant", bases[in.below(std::size(bases))], "n1", "1"};
  for (const char* otherwise : {"a", "b/+ \xc3\xa5"}) {
    auto name = name_in(in.text());
    if (name.empty() || (!names_.empty() && name == names_.front())) name = otherwise;
    names_.push_back(std::move(name));
  }
  if (names_.front() == names_.back()) names_.back() += '2';
  configure(in);
}

std::string discovery_model::topic(input& in) const {
  const auto n = in.below(known_.size() + 1);
  return n == known_.size() ? "homeassistant/device/another/config"
                            : std::next(known_.begin(), static_cast<std::ptrdiff_t>(n))->first;
}

void discovery_model::hear(input& in, const std::string& payload) { hear(topic(in), payload); }

void discovery_model::hear_own(input& in) {
  const bool before = in.flag();
  const auto where = topic(in);
  const auto i = known_.find(where);
  if (i == known_.end()) return;
  if (const auto& x = before ? i->second.removing : i->second.published; !x.empty()) hear(where, x);
}

void discovery_model::hear(const std::string& topic, const std::string& payload) {
  const bool removed = devices_.heard(topic, payload, now_);
  const auto i = known_.find(topic);
  require(!removed || (i != known_.end() && payload.empty()), "only our own devices can be removed", topic);
  if (i == known_.end()) return;
  auto& x = i->second;
  if (removed) {
    require(!x.published.empty() && !x.removed, "a device is removed once", topic);
    require(now_ >= x.dispute_over && !(x.by && x.by->surely), "who gives way removes nothing", topic);
    x.removed = true;
    x.may_come = x.must_come = false;
    x.cleared = known::doubt::no;
    x.by.reset();
  } else if (payload == x.published) {
    if (x.by && x.may_come)
      x.by->surely = false; // by now another document may be the right one
    else
      x.by.reset();
  } else if (payload.empty() && !x.published.empty() && !x.removed && (x.by || now_ < x.dispute_over)) {
    const bool surely = x.by && x.by->surely && !x.may_come;
    x.cleared = surely || x.cleared == known::doubt::surely ? known::doubt::surely : known::doubt::maybe;
    cleared_until_ = now_ + options_.clean_up;
    x.may_come = true;
    if (surely) x.by.reset();
  } else if (!x.published.empty() && !x.removed && !(x.by && x.by->surely)) {
    const bool ignored = payload.empty() || payload == x.removing;
    if (!ignored || x.may_come) x.by = dispute{now_, !x.may_come};
  }
}

void discovery_model::see_version(input& in) {
  const auto& server = names_[in.below(names_.size())];
  const auto version = name_in(in.text());
  devices_.seen(server, version);
  const auto i = known_.find(ha::device_topic(options_.at.prefix, ha::server_id(options_.at, server)));
  if (i == known_.end() || version.empty() || version == i->second.version) return;
  auto& x = i->second;
  x.version = version;
  x.not_before = {};
  if (x.removed) return;
  x.may_come = true;
  x.must_come = !x.by && x.cleared == known::doubt::no;
}

void discovery_model::ask_again() {
  require(devices_.again() == known_.size(), "all devices are asked for");
  for (auto& [topic, x] : known_) {
    x.may_come = true;
    x.must_come = !x.published.empty() && !x.by && x.cleared == known::doubt::no;
    x.not_before = {}; // who asks does not wait for a version
  }
}

void discovery_model::configure(input& in) {
  const auto what = in.byte();
  options_.servers.clear();
  for (size_t i = 0; i < names_.size(); ++i)
    if ((what >> i & 1) == 0) {
      ha::server x;
      x.name = names_[i];
      x.silence = (what & 4) != 0;
      options_.servers.push_back(std::move(x));
    }
  options_.node.ledger = (what & 8) != 0;
  options_.node.user_events = (what & 16) != 0 ? "users/events" : "";
  if ((what & 32) != 0) {
    ++options_.generation;
    known_.clear();
  }
  devices_.configured(options_, now_);
  std::map<std::string, known> next;
  const auto put = [&](const std::string& id, std::chrono::nanoseconds patience) {
    const auto topic = ha::device_topic(options_.at.prefix, id);
    auto& x = next[topic];
    if (const auto i = known_.find(topic); i != known_.end())
      x = i->second;
    else
      x.not_before = now_ + patience;
    x.may_come = true;
  };
  put(ha::node_id(options_.at), std::chrono::nanoseconds(0));
  for (const auto& x : options_.servers) put(ha::server_id(options_.at, x.name), options_.patience);
  require(next.size() == options_.servers.size() + 1, "each device has a topic of its own");
  known_ = std::move(next);
}

void discovery_model::take(const actors::devices::due& x, known& of) const {
  const bool over = of.by && now_ - of.by->since >= options_.dispute;
  require(of.may_come || (over && x.disputed), "a document is published again for a reason", x.topic);
  require(now_ >= of.not_before, "a server is told of when its version is known, or did not come", x.topic);
  require(!x.was_let_go || of.removed, "only what was removed was let go", x.topic);
  require(!x.payloads.empty() && x.payloads.size() <= 2, "a document comes with at most one before it");
  for (const auto& payload : x.payloads) check_payload(x.topic, payload);
  if (x.payloads.size() == 2)
    of.removing = x.payloads.front();
  else if (x.payloads.back() != of.published)
    of.removing.clear(); // there is another one, which was not needed
  if (x.disputed) of.dispute_over = now_ + options_.dispute_lasts;
  require(!x.cleared || of.cleared != known::doubt::no, "only what was in dispute was cleared", x.topic);
  of.cleared = known::doubt::no;
  of.published = x.payloads.back();
  of.may_come = of.must_come = of.removed = false;
  of.by.reset();
}

/// It was not due.
void discovery_model::check_left(known& x) const {
  require(!x.must_come, "what was asked for is published");
  if (x.published.empty()) return require(now_ < x.not_before, "each device is told of in the end");
  const bool over = x.by && now_ - x.by->since >= options_.dispute;
  require(!over || !x.by->surely, "what others have replaced is published again");
  if (over) x.by.reset();
  require(x.cleared != known::doubt::surely || now_ < cleared_until_, "what others have cleared is, too");
  if (!x.by && x.cleared == known::doubt::no) x.may_come = false;
}

void discovery_model::publish() {
  std::set<std::string> due;
  while (const auto x = devices_.next(now_)) {
    const auto i = known_.find(x->topic);
    require(i != known_.end() && due.insert(x->topic).second, "a document is published once", x->topic);
    take(*x, i->second);
  }
  require(devices_.idle(now_), "nothing is due when all is published");
  for (auto& [topic, x] : known_)
    if (due.count(topic) == 0) check_left(x);
}

} // namespace senseflow::fuzz
