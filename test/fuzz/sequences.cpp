#include "test/fuzz/sequences.hpp"

#include "test/fuzz/seed_files.hpp"

#include <initializer_list>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::fuzz {

namespace {

namespace fs = std::filesystem;

/// Numbers as `input::byte` reads them.
std::string bytes(std::initializer_list<int> xs) {
  std::string out;
  for (const auto x : xs) out += static_cast<char>(x);
  return out;
}

/// As `input::text` reads it.
std::string text(const std::string& x) { return x + '\0'; }

/// As `input::span` reads them.
constexpr int one_ms = 30, hundred_ms = 50, one_s = 70, ten_s = 100, one_min = 120, one_h = 150;

/// Each `step`-th of those that can be a text.
std::vector<std::string> some(const std::vector<std::string>& all, size_t step) {
  std::vector<std::string> result;
  for (size_t i = 0; i < all.size(); i += step)
    if (!all[i].empty() && all[i].size() < 4000 && all[i].find('\0') == std::string::npos)
      result.push_back(all[i]);
  return result;
}

void add_requests(seed_folder& out) {
  constexpr int all = 0xff, own = 0, base = 1, clients = 2;
  const auto add = [&](int prefix, const char* name, const char* response_topic, const char* body) {
    for (const int mqtt5 : {0, 1})
      out.add(bytes({mqtt5, all, prefix}) + text(name) + text(response_topic) + body);
  };
  add(own, "ping", "", "");
  add(own, "status", "x/senseflow/me/response/status", R"({"transaction":"a-1"})");
  add(base, "reload", "x/me/answers", R"({"transaction": 42})");
  add(own, "log-level", "", R"({"level":"debug","seconds":60,"transaction":"1"})");
  add(own, "log-level", "x/senseflow/here/status", "debug");
  add(clients, "poll-now", "clients/me/answers", "sense1");
  add(clients, "poll-now", "clients/+/#", R"({"server":"sense1"})");
  add(own, "snapshot", "x/senseflow/cluster/response/a", " ");
  add(own, "rediscover", "$SYS/broker", "{}");
  add(own, "replay", "", R"({"class":"userevent","count":3,"transaction":1.5e3})");
  add(own, "replay", "", R"({"class":["userevent"],"count":null,"count":3})");
  add(base, "restart", "x/a", "{");
}

void add_heard(seed_folder& out) {
  const auto begin = "d" + bytes({0}) + text("sense1") + text("b/+ \xc3\xa5") + bytes({0});
  const auto told = begin + "v" + bytes({0}) + text("12.2015.3") + "+" + bytes({ten_s + 5}) + "p";
  out.add(told);
  for (int where = 0; where < 4; ++where) {
    const auto foreign = told + "h" + text("{}") + bytes({where});
    out.add(foreign + "+" + bytes({one_min + 1}) + "p");
    out.add(foreign + "o" + bytes({0, where}) + "+" + bytes({one_min + 1}) + "p");
    out.add(foreign + "a" + "p" + "+" + bytes({one_min + 1}) + "p");
    out.add(told + "r" + bytes({where}) + "p" + "c" + bytes({4}) + "p" + "a" + "p");
    out.add(foreign + "v" + bytes({0}) + text("13") + "p" + "o" + bytes({1, where}) + "p");
    out.add(told + "c" + bytes({32}) + "r" + bytes({where}) + "+" + bytes({one_min}) + "p");
  }
  const std::vector<std::pair<std::string, std::string>> filters{
      {"x/senseflow/here/request/+", "x/senseflow/here/request/ping"},
      {"x/#", "x"},
      {"+/+", "$SYS/a"},
      {"homeassistant/device/+/config", "homeassistant/device/a/config"},
      {"#", "a//b"}};
  for (const auto& [filter, topic] : filters) out.add("tf" + text(filter) + text(topic));
  out.add("ti" + text("Sense 1 - pro2-win1.example.com") + "i" + text("\xc3\xa5_/+#"));
  out.add("tn" + bytes({2 | 4}) + text("online") + "n" + bytes({2}) + text("other") + text("online") + "n" +
          bytes({0}) + text("online") + "n" + bytes({1}) + text("") + "n" + bytes({8}));
}

void add_storms(seed_folder& out, const std::vector<std::string>& log_events) {
  for (const auto& x : some(log_events, 7)) {
    const auto heard = bytes({3, 1, 0}) + "L" + text(x);
    for (const int how : {0, 1, 2})
      out.add(heard + "R" + bytes({0, 60, one_ms, how}) + "+" + bytes({one_s}) + "T" + "R" +
              bytes({0, 9, hundred_ms, how}));
    out.add(heard + "u" + "R" + bytes({0, 60, one_ms, 0}) + "a" + "o" + bytes({0, 0}) + "R" +
            bytes({0, 60, one_ms, 1}) + "s" + bytes({1, one_h}) + "T");
  }
}

/// Topics and instances by number as leftovers.cpp has them.
void add_leftovers(seed_folder& out) {
  constexpr int none = 0, foreign = 3, ours = 5, former = 6, live = 0, retained = 1;
  const auto heard = [](int topic, int instance, int how = retained, const std::string& payload = "{}") {
    return "m" + bytes({topic, 8 * instance + how}) + text(payload);
  };
  const auto named = [&](int topic, const std::string& name) {
    return "m" + bytes({topic}) + text(name) + bytes({8 * ours + retained}) + text("{}");
  };
  const auto deep = "m" + bytes({13, 255, 8 * ours + retained}) + text("{}");
  const auto configure = [](int all, int elsewhere, int presence) {
    return "c" + bytes({all, elsewhere, presence});
  };
  const auto connect = [](int slot) { return "b" + bytes({slot, 0}); };
  const auto sent = "s" + bytes({0}) + "d" + bytes({0, 2}), lost = "s" + bytes({0}) + "d" + bytes({0, 0});
  const auto late = "s" + bytes({0}), settled = "d" + bytes({0, 2});
  const auto found = heard(0, ours) + heard(1, foreign) + heard(2, former) + heard(4, none) + heard(7, ours);
  for (int base = 0; base < 4; ++base) {
    const auto begin = bytes({base, 0});
    out.add(begin + found + "t" + configure(1, 0, 1) + "t" + connect(0) + "n" + sent + sent + "t");
    out.add(begin + configure(8, 0, 1) + found + "t" + connect(0) + "n" + configure(255, 0, 2) + sent + sent);
    out.add(begin + configure(8, 0, 0) + heard(0, ours) + heard(2, ours) + heard(0, foreign, live) +
            heard(2, none, live, "") + "t" + "n");
    out.add(begin + configure(0, 0, 0) + deep + named(8, "x/health/+") + named(9, "#") + named(10, "\xff") +
            named(11, "a/b") + named(12, "a") + named(14, "/") + "t" + "n");
    std::string many;
    for (int i = 0; i < 8; ++i) many += named(14, std::to_string(i));
    out.add(begin + configure(0, 0, 0) + many + "t" + "l" + many + "t" + connect(0) + "n" + lost + late +
            sent + settled);
    out.add(bytes({base, 255}) + connect(0) + connect(1) + configure(15, 3, 2) + "n" + sent + lost + "p" +
            bytes({0, 1}) + sent + configure(12, 4, 1) + "a" + "n" + "e" + bytes({0}) + connect(0) + "n" +
            sent);
  }
}

/// Settings of `analyses`, then of its digests.
const std::string site = "a" + bytes({5, 29, 5, 29, 1, 10, 0, 14, 1}) + bytes({9, 2, 3});

void add_recorded(seed_folder& out, const fs::path& golden) {
  const auto tick = "+" + bytes({one_s}), minute = "+" + bytes({one_min});
  for (const auto& x : some(recorded(golden / "user-events.jsonl"), 7))
    out.add(site + "U" + text(x) + tick + "U" + text(x) + minute);
  for (const auto& x : some(recorded(golden / "log-events.jsonl"), 17))
    out.add(site + "L" + text(x) + "R" + bytes({20, 1, hundred_ms}) + tick + "R" + bytes({20, 3, one_s}) +
            minute);
  for (const auto& x : some(recorded(golden / "health.jsonl"), 7))
    out.add(site + "H" + bytes({0}) + text(x) + tick + "H" + bytes({0}) + text(x) + minute);
  for (const auto& x : some(recorded(golden / "sessions.jsonl"), 3))
    out.add(site + "S" + text(x) + bytes({0, 0, hundred_ms}) + tick + "S" + text("[]") + bytes({0, 0, 0}) +
            minute + tick);
}

void add_made(seed_folder& out) {
  const auto tick = "+" + bytes({one_s}), minute = "+" + bytes({one_min}), hour = "+" + bytes({one_h});
  const auto list = [](int which, int server = 0) { return "l" + bytes({which, server, 0, hundred_ms}); };
  const auto use = [](int command, int user, int how) { return "u" + bytes({command, 0, user, how}); };
  out.add(site + list(0xff) + tick + minute + list(0x0f) + tick + minute + list(0) + tick + minute);
  out.add(site + list(1) + use(0, 0, 0) + use(2, 0, 0x81) + tick + use(3, 0, 1) + use(1, 0, 0x40) + tick +
          list(0) + tick + "+" + bytes({ten_s}));
  out.add(site + use(0, 1, 4 | 8) + use(2, 1, 3) + list(2) + tick + use(1, 1, 4 | 8) + "o" + bytes({1}) +
          list(3) + tick + "n" + tick + "s" + bytes({1, one_h}) + list(7) + tick + minute);
  out.add(site + list(0x55, 1) + tick + "s" + bytes({0, one_h}) + minute + list(0, 1) + tick + minute);
  for (const int more : {60, 90, 160})
    out.add(site + "g" + bytes({0, 23, 60, more, 50, one_min}) + "n" + "g" +
            bytes({0, 9, 70, 64, 50, one_min}));
  for (int how = 0; how < 8; ++how)
    out.add(site + "d" + bytes({0, how, one_h, hundred_ms}) + tick + "d" +
            bytes({1, how, one_h, hundred_ms}) + minute + "s" + bytes({1, one_min}) + "d" +
            bytes({0, how, one_s, one_s}) + tick + hour);
  for (int how = 0; how < 4; ++how)
    out.add(site + "c" + bytes({7, how & 1, how, one_h}) + text("CN = sense1") + text("CN = root") +
            bytes({119}) + minute + "e" + minute);
  out.add(site + list(1) + use(0, 0, 0) + "p" + bytes({1, 1}) + minute + hour + "g" +
          bytes({0, 5, 1, 64, 9, one_s}) + minute + hour);
}

/// The engine was updated, and its events come no more.
void add_silence(seed_folder& out) {
  const auto health = [](const std::string& version) {
    return "H" + bytes({0}) + text(R"({"version":")" + version + R"(","session":{"total":5}})");
  };
  const auto used = "u" + bytes({2, 0, 1, 0}), ten_seconds = "+" + bytes({ten_s});
  const std::string engine =
      "/qseow-engine/;14;20211109T153726.028+0200;;INFO;pro2-win1;System.Engine;LAB\\q;Said";
  auto x = site + "p" + bytes({0, 1}) + "p" + bytes({1, 1}) + health("12.1") + "L" + text(engine) + used +
           ten_seconds;
  for (int i = 0; i < 6; ++i)
    x += used + health("13\\n") + "L" + text("/qseow-proxy" + engine.substr(13)) + ten_seconds;
  out.add(x + "L" + text(engine) + ten_seconds);
}

void add_rows(seed_folder& out) {
  for (int start = 0; start < 100; start += 33) {
    out.add("s" + bytes({start}) + "d" + bytes({30}) + "l" + bytes({3}) + "d" + bytes({30}) + "h" + "d" +
            bytes({9}));
    out.add("s" + bytes({start}) + "d" + bytes({30}) + "l" + bytes({150}) + "d" + bytes({30}) + "k");
    out.add("s" + bytes({start}) + "d" + bytes({30}) + "r" + "d" + bytes({30}) + "s" + bytes({9}) + "d" +
            bytes({20}) + "t" + "+" + bytes({one_s}) + "l" + bytes({60}) + "d" + bytes({20}));
  }
}

} // namespace

void write_sequences(const fs::path& golden, const fs::path& out) {
  seed_folder requests{out / "request"}, heard{out / "heard"}, storms{out / "storm"},
      analyses{out / "analyses"}, leftovers{out / "leftovers"};
  add_requests(requests);
  add_heard(heard);
  add_leftovers(leftovers);
  add_storms(storms, recorded(golden / "log-events.jsonl"));
  add_recorded(analyses, golden);
  add_made(analyses);
  add_silence(analyses);
  add_rows(analyses);
  write_dictionary(out / "request.dict",
                   {"ping",       "status",      "reload",       "log-level",  "poll-now", "snapshot",
                    "rediscover", "replay",      "level",        "seconds",    "server",   "class",
                    "count",      "transaction", "x/senseflow/", "/response/", "cluster",  "clients/",
                    "{\"",        "\":",         "1e999"});
  write_dictionary(out / "leftovers.dict", {"health/", "sessions/", "senseflow/here/", "x/", "a/b c/",
                                            "0123456789abcdef", "-00000001"});
  write_dictionary(out / "analyses.dict",
                   {"Start session", "Stop session", "Open connection", "Close connection", "UserAgent: '",
                    "pro2-win1", "/app/", "\"committed\":", "\"free\":", "\"version\":\"", "\"started\":\"",
                    "\"SessionId\":\"", "\"UserDirectory\":\"", "\"UserId\":\"", "1e300", "\\u0001"});
}

} // namespace senseflow::fuzz
