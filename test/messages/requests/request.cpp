#define CAF_SUITE messages.requests.request
#include "test/support/unit_test.hpp"

#include "messages/requests/request.hpp"

#include <nlohmann/json.hpp>

using namespace senseflow::messages;

namespace {

const request_topics topics{"x/senseflow/", "here", "x/senseflow/"};

} // namespace

CAF_TEST(every command is known by its name) {
  for (size_t i = 0; i < request_command_count; ++i) {
    const auto x = static_cast<request_command>(i);
    CAF_CHECK(command_of(to_string_view(x)) == x);
  }
  CAF_CHECK(!command_of("restart"));
  CAF_CHECK(!command_of(""));
}

CAF_TEST(a body is empty or the main argument or an object) {
  CAF_CHECK_EQUAL(read_request("ping", "").fault, "");
  CAF_CHECK_EQUAL(read_request("ping", "whatever").arguments.size(), 0u);
  auto x = read_request("log-level", " debug\n");
  CAF_CHECK_EQUAL(x["level"], "debug");
  CAF_CHECK_EQUAL(x.fault, "");
  x = read_request("log-level", R"({"level": "debug", "seconds": 60, "transaction": "a-1"})");
  CAF_CHECK_EQUAL(x.fault, "");
  CAF_CHECK_EQUAL(x["level"], "debug");
  CAF_CHECK(number_of(x, "seconds", 1, 3600, 600) == 60u);
  CAF_CHECK(number_of(x, "count", 1, 3600, 600) == 600u);
  CAF_CHECK_EQUAL(x.transaction, "\"a-1\"");
  CAF_CHECK_EQUAL(read_request("replay", R"({"class":"userevent","count":3})")["class"], "userevent");
}

CAF_TEST(what cannot be read is told and its transaction is echoed all the same) {
  const auto fault = [](const char* name, const std::string& body) { return read_request(name, body).fault; };
  CAF_CHECK_EQUAL(fault("restart", ""), "unknown command");
  CAF_CHECK_EQUAL(fault("ping", "{"), "the body is no valid JSON");
  CAF_CHECK_EQUAL(fault("ping", R"({"a":1})"), R"("a" is not known to ping)");
  CAF_CHECK_EQUAL(fault("ping", R"({"":1})"), R"("" is not known to ping)");
  CAF_CHECK_EQUAL(fault("poll-now", R"({"server":["a"]})"), R"("server" must be a text or a number)");
  CAF_CHECK_EQUAL(fault("ping", R"({"transaction":null})"), R"("transaction" must be a text or a number)");
  CAF_CHECK_EQUAL(fault("ping", R"({"transaction":")" + std::string(129, 'x') + "\"}"),
                  R"("transaction" is too long: at most 128 bytes)");
  CAF_CHECK_EQUAL(fault("ping", R"({"transaction":-1e999})"), R"("transaction" is too large a number)");
  CAF_CHECK_EQUAL(fault("poll-now", std::string(257, 'x')), "the body is too long: at most 256 bytes");
  CAF_CHECK_EQUAL(fault("poll-now", R"({"server":")" + std::string(257, 'x') + "\"}"),
                  R"("server" is too long: at most 256 bytes)");
  const auto x = read_request("ping", R"({"b":{"c":[1,{}]},"transaction":42,"d":true})");
  CAF_CHECK_EQUAL(x.fault, R"("b" must be a text or a number)");
  CAF_CHECK_EQUAL(x.transaction, "42");
}

CAF_TEST(a request is described with its arguments and no text of it ends early) {
  const auto said = [](const char* name, const std::string& body) {
    return described(read_request(name, body));
  };
  CAF_CHECK_EQUAL(said("ping", ""), "ping");
  CAF_CHECK_EQUAL(said("ping", R"({"transaction":5})"), "ping (transaction 5)");
  CAF_CHECK_EQUAL(said("log-level", R"({"transaction":"a","seconds":60,"level":"error"})"),
                  R"(log-level (level "error", seconds "60", transaction "a"))");
  CAF_CHECK_EQUAL(said("poll-now", "a\") over MQTT: ok"), R"(poll-now (server "a\") over MQTT: ok"))");
  CAF_CHECK(said("poll-now", std::string(256, 'x')).size() < 110);
}

CAF_TEST(numbers are whole and within their bounds) {
  for (const auto* bad : {"0", "3601", "-1", "1.5", "1e2", "1000000000000000000000000"}) {
    const auto x = read_request("log-level", std::string{R"({"seconds":)"} + bad + "}");
    CAF_CHECK(!number_of(x, "seconds", 1, 3600, 600));
  }
  CAF_CHECK(!number_of(read_request("log-level", R"({"seconds":"soon"})"), "seconds", 1, 3600, 600));
  CAF_CHECK(number_of(read_request("log-level", R"({"seconds":"60"})"), "seconds", 1, 3600, 600) == 60u);
}

CAF_TEST(a command from outside is a clean level of a topic) {
  CAF_CHECK_EQUAL(read_request("a\x01"
                               "b\xff",
                               "")
                      .command,
                  "ab\xef\xbf\xbd");
  CAF_CHECK_EQUAL(read_request("", "").command, "_");
  CAF_CHECK_EQUAL(read_request(std::string(1000, 'x'), "").command.size(), 64u);
}

CAF_TEST(answers go below the prefix and nowhere where others command or believe) {
  CAF_CHECK_EQUAL(topics.requests(), "x/senseflow/here/request/+");
  CAF_CHECK_EQUAL(topics.response("ping"), "x/senseflow/here/response/ping");
  for (const auto* good : {"x/senseflow/here/response/me", "x/senseflow/other/response/a/b"})
    CAF_CHECK(topics.accepts(good));
  for (const auto* bad :
       {"", "x", "x/senseflow", "x/senseflow/", "x/senseflow/here", "x/senseflow/here/response",
        "x/senseflow/here/response/", "x/senseflow/here/status", "x/senseflow/here/request/reload",
        "x/senseflow/here/response/+", "x/senseflow/here/response/#", "x/senseflow/cluster/response/a",
        "x/senseflow/cluster/c/digests/n", "x/senseflow//response/a", "x/health/sense1", "$SYS/a",
        "x/senseflow/here/response/a\nb", "/x/senseflow/here/response/a"})
    if (topics.accepts(bad)) CAF_ERROR("accepted: " << bad);
  CAF_CHECK(!topics.accepts("x/senseflow/here/response/" + std::string(1000, 'a')));
  CAF_CHECK(!topics.accepts(std::string("x/senseflow/here/response/\xff")));
  auto others = topics;
  others.prefix = "clients/";
  CAF_CHECK(others.accepts("clients/me/answers"));
  for (const auto* bad : {"clients", "clients/", "clientsX/me", "x/senseflow/here/response/me", "clients/+"})
    CAF_CHECK(!others.accepts(bad));
  others.prefix = "x/";
  CAF_CHECK(others.accepts("x/me"));
  CAF_CHECK(!others.accepts("x/senseflow/here/request/reload"));
}

CAF_TEST(a request is carried out or refused with a reason and there is a topic to say so) {
  const auto judged = [](const std::string& command, const std::string& body,
                         const std::string& response_topic = {}) {
    heard_message x;
    x.topic = "x/senseflow/here/request/" + command;
    x.payload = body;
    x.response_topic = response_topic;
    return judge(x, topics, {request_command::ping, request_command::log_level});
  };
  auto x = judged("log-level", "debug");
  CAF_CHECK(x.command == request_command::log_level);
  CAF_CHECK_EQUAL(x.refusal, "");
  CAF_CHECK_EQUAL(x.answer_to, "x/senseflow/here/response/log-level");
  x = judged("ping", "", "x/senseflow/me/response/a");
  CAF_CHECK(x.command == request_command::ping);
  CAF_CHECK_EQUAL(x.answer_to, "x/senseflow/me/response/a");
  x = judged("ping", "", "x/senseflow/me/status");
  CAF_CHECK(!x.command);
  CAF_CHECK_EQUAL(x.refusal, "the response topic is not allowed: see requests.responsePrefix");
  CAF_CHECK_EQUAL(x.answer_to, "x/senseflow/here/response/ping");
  x = judged("reload", "");
  CAF_CHECK(!x.command);
  CAF_CHECK_EQUAL(x.refusal, "not allowed: see requests.allow of the configuration");
  CAF_CHECK_EQUAL(judged("restart", "").refusal, "unknown command");
  CAF_CHECK_EQUAL(judged("ping", "{").refusal, "the body is no valid JSON");
  CAF_CHECK(!judged("ping", "{").command);
}

CAF_TEST(answers are JSON objects) {
  using nlohmann::json;
  const auto ok = json::parse(ok_answer(R"({"a":1})", "\"t\""));
  CAF_CHECK_EQUAL(ok, (json{{"status", "ok"}, {"data", {{"a", 1}}}, {"transaction", "t"}}));
  CAF_CHECK(!json::parse(ok_answer("{}", "")).contains("transaction"));
  const auto error = json::parse(error_answer("it \"broke\"\n", "7"));
  CAF_CHECK_EQUAL(
      error,
      (json{{"status", "error"}, {"data", json::object()}, {"error", "it \"broke\"\n"}, {"transaction", 7}}));
}
