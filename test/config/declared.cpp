#define CAF_SUITE config.declared
#include "test/support/unit_test.hpp"

#include "config/catalogue.hpp"
#include "config/effective.hpp"
#include "config/print.hpp"
#include "config/schema/describe.hpp"
#include "faults.hpp"
#include "fields.hpp"

#include <map>
#include <set>

// Visitors know what is declared to them (config/schema): printing, reading and the examples agree with each
// other about the rest too, since none of them knows it. These tests know it.

namespace senseflow::test {

template <>
inline constexpr size_t field_count<config::user_event_settings> = 5;
template <>
inline constexpr size_t field_count<config::log_event_settings> = 6;

} // namespace senseflow::test

using namespace senseflow;

namespace {

/// Declared settings by their address; each list gets two items.
class declarations : public config::schema::visitor {
public:
  using entry = config::schema::entry;

  std::set<const void*> known;

  void flag(const entry& e, bool& x) override { declared(e, &x); }
  void text(const entry& e, std::string& x, config::schema::format) override { declared(e, &x); }
  void text(const entry& e, std::optional<std::string>& x) override { declared(e, &x); }
  void hidden(const entry& e, config::secret& x) override { declared(e, &x); }
  void texts(const entry& e, std::vector<std::string>& xs, config::schema::format,
             std::string_view) override {
    declared(e, &xs);
  }

protected:
  void whole_number(const entry& e, const void* id, uint64_t&, config::schema::bounds,
                    std::string_view) override {
    declared(e, id);
  }
  void one_of(const entry& e, const void* id, size_t&, const config::schema::choices&) override {
    declared(e, id);
  }
  void pairs(const entry& e, const void* id, std::vector<config::schema::named_value>&,
             config::schema::format, bool) override {
    declared(e, id);
  }
  void begin_section(const entry&) override {}
  void end_section() override {}
  size_t begin_list(const entry& e, const void* id, size_t) override {
    declared(e, id);
    return 2;
  }
  void begin_item(size_t) override {}
  void end_item() override {}
  void end_list() override {}

private:
  void declared(const entry&, const void* id) { known.insert(id); }
};

template <class T>
struct is_list : std::false_type {};
template <class T>
struct is_list<std::vector<T>> : std::true_type {};

template <class T>
constexpr bool is_value =
    !std::is_class_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, config::secret> ||
    std::is_same_v<T, std::optional<std::string>> || std::is_same_v<T, std::chrono::milliseconds> ||
    std::is_same_v<T, std::chrono::seconds>;

template <class T>
constexpr bool is_pair = false;
template <class A, class B>
constexpr bool is_pair<std::pair<A, B>> = true;

/// Members that nothing was declared of, by their place: "7.3" is the third of the seventh.
template <class T>
void find_undeclared(T& x, const declarations& by, const std::string& path, std::vector<std::string>& to) {
  if constexpr (is_value<T>) {
    if (by.known.count(&x) == 0) to.push_back(path);
  } else if constexpr (is_list<T>::value) {
    if (by.known.count(&x) == 0) to.push_back(path);
    using item = typename T::value_type;
    if constexpr (!is_value<item> && !is_pair<item>)
      if (!x.empty()) find_undeclared(x.front(), by, path + "[]", to);
  } else {
    size_t n = 0;
    std::apply([&](auto&... xs) { (find_undeclared(xs, by, path + "." + std::to_string(++n), to), ...); },
               test::fields_of(x));
  }
}

/// Gives every setting another value, one that a file may hold.
class changer : public config::schema::visitor {
public:
  using entry = config::schema::entry;
  using format = config::schema::format;

  void flag(const entry&, bool& x) override { x = !x; }
  void text(const entry& e, std::string& x, format f) override {
    if (!e.derived) x = sample(f);
  }
  void text(const entry&, std::optional<std::string>& x) override { x = sample(format::free); }
  void hidden(const entry&, config::secret&) override {} // never printed
  void texts(const entry&, std::vector<std::string>& xs, format f, std::string_view) override {
    xs = {sample(f), sample(f)};
  }

private:
  void whole_number(const entry&, const void*, uint64_t& x, config::schema::bounds b,
                    std::string_view) override {
    x = x == b.max ? b.min : x + 1;
  }
  void one_of(const entry&, const void*, size_t& index, const config::schema::choices& names) override {
    index = (index + 1) % names.size();
  }
  void pairs(const entry&, const void*, std::vector<config::schema::named_value>& xs, format f,
             bool) override {
    xs = {{sample(f), sample(f)}, {sample(f), sample(f)}};
  }
  void begin_section(const entry&) override {}
  void end_section() override {}
  size_t begin_list(const entry&, const void*, size_t) override { return 2; }
  void begin_item(size_t) override {}
  void end_item() override {}
  void end_list() override {}

  std::string sample(format f) {
    const auto n = std::to_string(++made_);
    switch (f) {
    case format::host_port:
      return "host" + n + ":1" + n;
    case format::topic:
      return "topic" + n + "/";
    case format::url_path:
      return "/path" + n;
    case format::endpoint:
      return "http://etcd" + n + ":2379";
    case format::proxy:
      return "http://proxy" + n + ":3128";
    case format::request:
      return made_ % 2 == 0 ? "reload" : "replay";
    case format::log_level:
      return made_ % 2 == 0 ? "WARN" : "error";
    case format::free:
      return "/text " + n; // with the slash of a virtual proxy
    default:
      return "name" + n;
    }
  }

  size_t made_ = 0;
};

/// Whether a topic follows from other settings, because the file does not name it.
std::vector<bool*> named_by_nobody(config::settings& s) {
  std::vector<bool*> result{&s.log_events.send_to_mqtt.documented};
  auto& user = s.user_events.send_to_mqtt.post_to;
  for (auto* x : {&user.everything, &user.session_start, &user.session_stop, &user.connection_open,
                  &user.connection_close})
    result.push_back(&x->documented);
  return result;
}

std::map<std::string, std::string> values(const config::settings& x) {
  std::map<std::string, std::string> result;
  for (auto& s : config::effective(x)) result[s.path] = s.value;
  return result;
}

} // namespace

CAF_TEST(every member of the settings is declared or follows from declared ones) {
  config::settings s;
  declarations all;
  config::schema::describe(all, s);
  for (auto* x : named_by_nobody(s)) all.known.insert(x);
  all.known.insert(&s.delivery.spool.path_given);
  for (const void* x :
       {static_cast<const void*>(&s.admin.token), static_cast<const void*>(&s.admin.tls.certificate),
        static_cast<const void*>(&s.admin.tls.key)})
    all.known.insert(x); // what the files hold
  std::vector<std::string> undeclared;
  find_undeclared(s, all, "settings", undeclared);
  for (const auto& path : undeclared) CAF_ERROR(path << " is not declared in config/schema");
  CAF_CHECK(all.known.size() > 150);
}

CAF_TEST(a change of any setting comes through printing and reading) {
  config::settings s;
  for (auto* x : named_by_nobody(s)) *x = false;
  changer c;
  config::schema::describe(c, s);
  const auto text = config::print(s);
  const auto again = test::load_text(text).value; // faults are about what fits together
  const auto before = values(config::settings{});
  auto expected = values(s), found = values(again);
  CAF_CHECK(expected.size() > 200);
  for (const auto& [path, value] : expected) {
    if (found[path] != value) CAF_ERROR(path << " is " << value << ", but read as " << found[path]);
    const auto old = before.find(path);
    const bool secret = path.find("assword") != path.npos || path.find("assphrase") != path.npos;
    if (old != before.end() && old->second == value && !secret)
      CAF_ERROR("the test does not change " << path);
  }
}

CAF_TEST(what a file leaves out has the default of the catalogue) {
  const auto empty = values(test::load_text("Butler-SOS:\n").value);
  std::string wrong;
  size_t compared = 0;
  for (const auto& x : config::catalogue()) {
    const auto i = empty.find(x.path.substr(std::string{"Butler-SOS."}.size()));
    if (i == empty.end() || x.default_value == "[]" || x.default_value == "{}") continue;
    ++compared;
    if (x.default_value.empty() || i->second == x.default_value) continue;
    if (x.default_value == "''") continue; // of a secret: the hash of nothing
    wrong += x.path + " is " + i->second + " and not " + x.default_value + "\n";
  }
  CAF_CHECK_EQUAL(wrong, "");
  CAF_CHECK(compared > 120);
}

CAF_TEST(the defaults are those that the documentation promises) {
  const std::map<std::string, std::string> promised{
      {"mqttConfig.brokerPort", "1883"},
      {"mqttConfig.baseTopic", "butler-sos/"},
      {"mqttConfig.protocolVersion", "auto"},
      {"mqttConfig.transport", "tcp"},
      {"mqttConfig.keepAlive", "30"},
      {"mqttConfig.sessionExpiry", "300"},
      {"mqttConfig.presence", "true"},
      {"mqttConfig.qos.events", "1"},
      {"mqttConfig.qos.state", "0"},
      {"mqttConfig.retain.events", "false"},
      {"mqttConfig.retain.state", "true"},
      {"mqttConfig.expiry.events", "0"},
      {"mqttConfig.expiry.state", "0"},
      {"mqttConfig.onChange.values", "false"},
      {"mqttConfig.onChange.documented", "false"},
      {"mqttConfig.onChange.refreshEvery", "600000"},
      {"mqttConfig.tls.verify", "true"},
      {"userEvents.udpServerConfig.portUserActivityEvents", "9997"},
      {"userEvents.udpServerConfig.receiveBuffer", "8388608"},
      {"logEvents.udpServerConfig.portLogEvents", "9996"},
      {"logEvents.udpServerConfig.receiveBuffer", "8388608"},
      {"serversToMonitor.pollingInterval", "30000"},
      {"serversToMonitor.rejectUnauthorized", "true"},
      {"layouts.butlerSos", "true"},
      {"layouts.documented", "true"},
      {"layouts.flat", "false"},
      {"shutdown.drainTimeout", "10000"},
      {"admin.enable", "false"},
      {"admin.host", "127.0.0.1"},
      {"admin.port", "9843"},
      {"delivery.mode", "overflow"},
      {"delivery.memory.maxBytes", "67108864"},
      {"delivery.spool.maxBytes", "1073741824"},
      {"delivery.spool.minFreeBytes", "268435456"},
      {"delivery.journal.maxDelay", "10"},
      {"delivery.journal.sync", "true"},
      {"delivery.replay.delay", "2000"},
      {"delivery.replay.rate", "5000"},
      {"ledger.interval", "60000"},
      {"actors.publishers.window", "64"},
      {"actors.publishers.ackTimeout", "30000"},
      {"actors.pollers.timeout", "5000"},
      {"actors.reconnect.initialDelay", "500"},
      {"actors.reconnect.maxDelay", "30000"},
      {"actors.supervision.maxRestarts", "10"},
      {"actors.supervision.period", "60000"},
      {"actors.supervision.initialDelay", "100"},
      {"actors.supervision.maxDelay", "30000"},
      {"actors.supervision.stableAfter", "60000"}};
  auto all = values(config::settings{});
  for (const auto& [path, value] : promised)
    if (all[path] != value) CAF_ERROR(path << " is " << all[path] << ", promised is " << value);
  CAF_CHECK(!all.empty());
}
