#include "test/fuzz/rich_options.hpp"

#include "messages/text/topic.hpp"

#include <string>

namespace senseflow::fuzz {

namespace {

using namespace messages;
using namespace std::string_literals;

const tag_list odd_tags{{"env", "prod"},
                        {"env", "test"},
                        {"__proto__", "x"},
                        {"", ""},
                        {"a\"b\\c", "1\n2\t3"},
                        {"nul\0nul"s, "\0"s},
                        {"\xff\xc3", "\xed\xa0\x80"},
                        {"emoji \xf0\x9f\x98\x80", "\xe2\x80\xa8"}};

app_match app(const char* id, const char* name) {
  return {id ? std::make_optional<std::string>(id) : std::nullopt,
          name ? std::make_optional<std::string>(name) : std::nullopt};
}

std::vector<category_rule> rules() {
  using m = text_match;
  return {{{"ERROR", "fatal"}, false, {{"severity", "high"}, {"odd\"", "\xff"}}, {{m::contains, "error"}}},
          {{"INFO", "WARN"}, false, {{"severity", "low"}}, {{m::starts_with, "Engine"}, {m::ends_with, "."}}},
          {{"INFO"}, true, {}, {{m::contains, "drop"}, {m::starts_with, "\xc3\xa5"}}},
          {{"warn", "error"}, false, {{"severity", "high"}, {"all", "yes"}}, {{m::contains, ""}}},
          {{}, true, {}, {{m::contains, ""}}}};
}

performance_filter everything() {
  performance_filter out;
  out.enable = true;
  out.all_apps.enable = true;
  out.all_apps.exclude = {app("2933711d-6638-41d4-a2d2-6dd2d965208b", "no such name"), app("X", nullptr)};
  out.all_apps.object_type.exclude = {"linechart", ""};
  out.all_apps.method.exclude = {"Global::OpenApp"};
  return out;
}

performance_filter a_little() {
  performance_filter out;
  out.enable = true;
  out.app_specific.enable = true;
  app_filter filter;
  filter.include = {app(nullptr, "Sales"), app("f42d6b16-8faf-45ca-a783-59f9da47db6e", nullptr)};
  filter.object_type = {false, {}, {"<Unknown>", "barchart"}};
  filter.object = {true, {"rwPjBk"}, {}};
  filter.method = {true, {"Foo::bar"}, {}};
  out.app_specific.filters = {filter, {{app(nullptr, nullptr)}, {false, {}, {"table"}}, {}, {}}};
  return out;
}

site all_of_it() {
  site out;
  auto& user = out.user_events;
  user.tags_json = to_json(odd_tags);
  const auto add = [&user](const char* topic, bool documented, const char* command) {
    user.topics.push_back({{topic, documented}, command});
  };
  add("all/user events", false, "");
  add("butler-sos/userevent", true, "");
  add("butler-sos/session/start", true, "Start session");
  add("stop", false, "Stop session");
  add("open", false, "Open connection");
  add("close", true, "Close connection");
  add("", false, "");
  user.delivery = {2, true, 60};
  auto& log = out.log_events;
  log.sources.fill(true);
  log.tags_json = to_json(odd_tags);
  log.categorise = category_rules{rules(), {{"kind", "other"}, {"kind", "other"}}};
  log.performance = everything();
  log.app_name_lookup = true;
  log.base = {"butler-sos/logevent", true};
  log.subsystem_base = {"logevents", false};
  for (auto x : {log_source::engine, log_source::proxy, log_source::repository, log_source::scheduler,
                 log_source::qix_perf})
    log.source_topics[static_cast<size_t>(x)] = {join_topic("butler-sos/logevent", topic_level(x)), true};
  log.delivery = {1, true, 0};
  out.health = {"butler-sos/", true, true, {1, true, 30}};
  out.sessions = {"butler-sos/", true, true, {}, {0, true, 0}};
  out.sessions.exclude.add("INTERNAL", "sa_repository");
  return out;
}

site choosy() {
  site out;
  out.user_events.exclude.add("LAB", "goran");
  out.user_events.exclude.add("", "");
  out.user_events.topics.push_back({{"start", false}, "Start session"});
  auto& log = out.log_events;
  log.sources = {true, false, true, true, true};
  log.categorise = category_rules{rules(), {}};
  log.performance = a_little();
  log.subsystem_base = {"l", true};
  out.health = {"", false, true, {}};
  out.sessions = {"", true, false, {}, {}};
  return out;
}

} // namespace

const std::vector<site>& sites() {
  static const std::vector<site> both{all_of_it(), choosy()};
  return both;
}

const app_names& apps() {
  static const app_names names = [] {
    app_names out;
    out.add("2933711d-6638-41d4-a2d2-6dd2d965208b", "Sales");
    out.add("f42d6b16-8faf-45ca-a783-59f9da47db6e", "\xf0\x9f\x98\x80 \"quoted\\\"\n");
    out.add("5b817efe-472d-43ce-8a31-6cce34af7de9", "");
    return out;
  }();
  return names;
}

} // namespace senseflow::fuzz
