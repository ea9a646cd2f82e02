#define CAF_SUITE messages.items.log_event

#include "test/support/unit_test.hpp"

#include "messages/items/log_event.hpp"
#include "messages/text/text.hpp"

#include <cmath>
#include <random>
#include <string>

using namespace senseflow::messages;

namespace {

const std::string uuid = "2933711d-6638-41d4-a2d2-6dd2d965208b";
const std::string head = ";14;20211109T153726.028+0200;2021-11-09 15:37:26,028;WARN;h;System.X;LAB\\svc;";

log_event parsed_event(const std::string& datagram) {
  auto event = parse_log_event(datagram);
  if (!event) CAF_FAIL("rejected: " << datagram);
  return *event;
}

// Copies, because the checks keep references longer than a temporary lives.
log_common common(const std::string& datagram) { return parsed_event(datagram).common(); }

const engine_log& engine(const log_event& x) { return std::get<engine_log>(x.body); }
const scheduler_log& scheduler(const log_event& x) { return std::get<scheduler_log>(x.body); }
const qix_perf_log& perf(const log_event& x) { return std::get<qix_perf_log>(x.body); }

log_event scheduler_event(const std::string& directory, const std::string& id, const std::string& full) {
  return parsed_event("/qseow-scheduler/" + head + "m;e;" + directory + ";" + id + ";" + full + ";t;a;;;");
}

log_event perf_event(const std::string& proxy_session, const std::string& app, const std::string& numbers) {
  return parsed_event("/qseow-qix-perf/" + head + proxy_session + ";LAB;me;ts;;" + app + ";" + numbers);
}

} // namespace

CAF_TEST(each source has its body and its names) {
  const std::string sources[] = {"engine", "proxy", "repository", "scheduler", "qix-perf"};
  for (size_t i = 0; i < log_source_count; ++i) {
    const auto event = parsed_event("/QSEOW-" + sources[i] + "/" + head);
    CAF_CHECK(event.source == static_cast<log_source>(i));
    CAF_CHECK_EQUAL(event.body.index(), empty_body(event.source).index());
    CAF_CHECK_EQUAL(std::string{to_string_view(event.source)}, "qseow-" + sources[i]);
    CAF_CHECK_EQUAL(std::string{topic_level(event.source)}, sources[i]);
    CAF_CHECK_EQUAL(event.host(), "h");
    CAF_CHECK_EQUAL(event.common().row, 14);
    CAF_CHECK_EQUAL(event.message() == nullptr, event.source == log_source::qix_perf);
  }
}

CAF_TEST(unknown sources are rejected) {
  for (const auto* x : {"", ";;;", "garbage", "qseow-engine/;1", "/qseow-engine;1", " /qseow-engine/;1",
                        "/qseow-proxy-session/;h", "{\"a\":1}"})
    CAF_CHECK_EQUAL(std::string{parse_log_event(x).reason}, "unknown_source");
}

CAF_TEST(fields stand by their position) {
  const auto event = parsed_event("/qseow-engine/" + head + "text;" + uuid + ";LAB;me;ets;" + uuid +
                                  ";12.1;start;type;" + uuid + ";" + uuid);
  CAF_CHECK_EQUAL(event.common().ts_iso, "20211109T153726.028+0200");
  CAF_CHECK_EQUAL(event.common().ts_local, "2021-11-09 15:37:26,028");
  CAF_CHECK_EQUAL(event.common().subsystem, "System.X");
  CAF_CHECK_EQUAL(event.common().user_full, "LAB\\me");
  CAF_CHECK_EQUAL(engine(event).message, "text");
  CAF_CHECK_EQUAL(engine(event).proxy_session_id, uuid);
  CAF_CHECK_EQUAL(engine(event).engine_ts, "ets");
  CAF_CHECK_EQUAL(engine(event).entry_type, "type");
  CAF_CHECK_EQUAL(engine(event).app_id, uuid);
}

CAF_TEST(missing fields are empty) {
  const auto event = parsed_event("/qseow-engine/;7");
  CAF_CHECK_EQUAL(event.common().row, 7);
  CAF_CHECK_EQUAL(event.common().level, "");
  CAF_CHECK_EQUAL(event.common().user_full, "");
  CAF_CHECK_EQUAL(engine(event).message, "");
  CAF_CHECK_EQUAL(common("/qseow-engine/").row, -1);
}

CAF_TEST(surplus semicolons belong to the message) {
  const auto event = parsed_event("/qseow-engine/" + head + "a;b;;c;" + uuid + ";LAB;me;ets;" + uuid +
                                  ";12.1;start;type;" + uuid + ";" + uuid);
  CAF_CHECK_EQUAL(engine(event).message, "a;b;;c");
  CAF_CHECK_EQUAL(engine(event).proxy_session_id, uuid);
  CAF_CHECK_EQUAL(engine(event).app_id, uuid);
  // Performance events have no message: what is too much is left out.
  const auto numbers = perf_event("0", uuid, "1;m;1;2;3;4;5;6;o;7;8;type;surplus");
  CAF_CHECK_EQUAL(perf(numbers).object_type, "type");
}

CAF_TEST(what comes behind the last field moves no other) {
  const auto datagram = "/qseow-engine/" + head + "text;" + uuid +
                        ";LAB;me;20211109T153726.000+0200;1234;12.1;" + "20211109T080000.000+0200;type;" +
                        uuid + ";" + uuid;
  const auto right = parsed_event(datagram);
  CAF_CHECK_EQUAL(engine(right).app_id, uuid);
  for (const auto& end :
       {std::string{";"}, std::string{";an added field"}, std::string{";a;b;c;d"}, std::string{"\r\n"},
        std::string{"\n"}, std::string{"\0", 1}, std::string{"  "}, std::string{";\r\n\0", 4}})
    CAF_CHECK(parsed_event(datagram + end) == right);
  const auto numbers = perf_event("0", uuid, "1;m;1;2;3;4;5;6;o;7;8;type\r\n");
  CAF_CHECK_EQUAL(perf(numbers).object_type, "type");
}

CAF_TEST(a message with separators and an added field are both seen) {
  const auto event =
      parsed_event("/qseow-engine/" + head + "a;b; c;" + uuid +
                   ";LAB;me;20211109T153726.000+0200;1234;12.1;20211109T080000.000+0200;type;" + uuid + ";" +
                   uuid + ";added");
  CAF_CHECK_EQUAL(engine(event).message, "a;b; c");
  CAF_CHECK_EQUAL(engine(event).app_id, uuid);
  const auto proxy = parsed_event("/qseow-proxy/" + head + "text;none;LAB;me;Login;500;origin;context;added");
  CAF_CHECK_EQUAL(std::get<service_log>(proxy.body).message, "text");
  CAF_CHECK_EQUAL(std::get<service_log>(proxy.body).result_code, "500");
  CAF_CHECK_EQUAL(std::get<service_log>(proxy.body).context, "context");
}

CAF_TEST(names of tasks and apps may hold separators) {
  const auto ids = ";" + uuid + ";" + uuid + ";" + uuid;
  const auto check = [&](const std::string& names, const std::string& task, const std::string& app) {
    const auto event = parsed_event("/qseow-scheduler/" + head + "m;e;LAB;anna;LAB\\anna;" + names + ids);
    CAF_CHECK_EQUAL(scheduler(event).message, "m");
    CAF_CHECK_EQUAL(event.common().user_full, "LAB\\anna");
    CAF_CHECK_EQUAL(scheduler(event).task_name, task);
    CAF_CHECK_EQUAL(scheduler(event).app_name, app);
    CAF_CHECK_EQUAL(scheduler(event).task_id, uuid);
    CAF_CHECK_EQUAL(scheduler(event).execution_id, uuid);
  };
  check("Task;App", "Task", "App");
  check("Task; part two;App", "Task; part two", "App");
  check("Task;App; part two", "Task", "App; part two");
  check("Task;part two;App", "Task;part two", "App"); // nothing tells: the task has it
}

CAF_TEST(numbers beyond the integers are as JavaScript reads them) {
  const auto handle = [](const std::string& text) {
    const auto event = perf_event("0", uuid, "1;m;1;2;3;4;5;" + text + ";o;7;8;type");
    return number_text(perf(event).handle);
  };
  CAF_CHECK_EQUAL(handle("-99999999999999999999"), "-100000000000000000000");
  CAF_CHECK_EQUAL(handle("99999999999999999999"), "100000000000000000000");
  CAF_CHECK_EQUAL(handle("x"), "-99");
  const auto row = common("/qseow-proxy/;-99999999999999999999").row;
  CAF_CHECK_EQUAL(number_text(row), "-100000000000000000000");
}

CAF_TEST(rows below the first one count only elsewhere than in the engine) {
  CAF_CHECK_EQUAL(common("/qseow-engine/;0").row, -1);
  CAF_CHECK_EQUAL(common("/qseow-engine/;-5").row, -1);
  CAF_CHECK_EQUAL(common("/qseow-proxy/;-5").row, -5);
  CAF_CHECK_EQUAL(common("/qseow-proxy/;x").row, -1);
}

CAF_TEST(a full user name and its parts complete each other) {
  const auto both = scheduler_event("D", "I", "X\\Y");
  CAF_CHECK_EQUAL(both.common().user_full, "D\\I");
  const auto only_full = scheduler_event("", "", "X\\Y\\Z");
  CAF_CHECK_EQUAL(only_full.common().user_directory, "X");
  CAF_CHECK_EQUAL(only_full.common().user_id, "Y");
  CAF_CHECK_EQUAL(only_full.common().user_full, "X\\Y\\Z");
  CAF_CHECK(scheduler_event("", "", "me").common().user_full.empty());
  CAF_CHECK(scheduler_event("D", "", "X\\Y").common().user_full.empty());
  CAF_CHECK_EQUAL(scheduler(both).task_name, "t");
}

CAF_TEST(performance numbers have their own defaults) {
  const auto good = perf_event("0", uuid, "42;m;1.5;2;0;-1;5e-1;-7;o;10;20;type");
  CAF_CHECK_EQUAL(perf(good).request_id, 42);
  CAF_CHECK_EQUAL(perf(good).process_time, 1.5);
  CAF_CHECK_EQUAL(perf(good).validate_time, -1);
  CAF_CHECK_EQUAL(perf(good).handle, -7);
  CAF_CHECK_EQUAL(perf(good).peak_ram, 20);
  CAF_CHECK_EQUAL(perf(good).event_activity_source, "non-user");
  const auto bad = perf_event("x", "A", "-1;m;x;;NaN;1e999;Infinity;x;o;-1;x;type");
  CAF_CHECK_EQUAL(perf(bad).request_id, -99);
  CAF_CHECK(std::isnan(perf(bad).process_time));
  CAF_CHECK(std::isnan(perf(bad).validate_time));
  CAF_CHECK_EQUAL(perf(bad).handle, -99);
  CAF_CHECK_EQUAL(perf(bad).net_ram, -1);
  CAF_CHECK_EQUAL(perf(bad).event_activity_source, "user");
  CAF_CHECK_EQUAL(perf(bad).app_id, "");
  CAF_CHECK_EQUAL(perf(bad).raw_app_id, "A");
  CAF_CHECK(bad == bad); // no time equals no time
}

CAF_TEST(any bytes give valid text or a rejection) {
  std::mt19937 random{12};
  for (int round = 0; round < 5000; ++round) {
    std::string datagram = round % 2 == 0 ? "/qseow-qix-perf/;" : "/qseow-scheduler/;";
    for (auto n = random() % 300; n > 0; --n)
      datagram += static_cast<char>(random() % 4 == 0 ? ';' : random());
    auto event = parse_log_event(datagram);
    CAF_REQUIRE(event);
    CAF_REQUIRE(is_utf8(event->common().level + event->common().subsystem + event->common().user_full));
    if (event->message()) CAF_REQUIRE(is_utf8(*event->message()));
  }
}
