// Requests of others over MQTT: each is carried out as it was meant or refused with a reason, and answered
// where answers may go, as the schema says.
#include "messages/requests/request.hpp"
#include "test/fuzz/documents.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/invariants.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace senseflow;
using messages::request_command;

namespace {

const std::map<std::string, std::vector<std::string>>& commands() {
  static const std::map<std::string, std::vector<std::string>> all{
      {"ping", {}},     {"status", {}},           {"reload", {}},     {"log-level", {"level", "seconds"}},
      {"snapshot", {}}, {"poll-now", {"server"}}, {"rediscover", {}}, {"replay", {"class", "count"}}};
  return all;
}

/// The body as nlohmann reads it. None where that can't say: names that come twice, numbers that no double
/// holds, bytes that are no UTF-8.
std::optional<nlohmann::json> object_in(std::string_view body) {
  auto value = fuzz::read_json(body);
  const auto colons = static_cast<size_t>(std::count(body.begin(), body.end(), ':'));
  if (body.find('\0') != body.npos || !value.is_object() || colons != value.size()) return std::nullopt;
  return value;
}

bool is_sound(const nlohmann::json& body, const std::vector<std::string>& arguments) {
  for (const auto& [key, value] : body.items()) {
    if (!value.is_string() && !value.is_number()) return false;
    const bool known = std::find(arguments.begin(), arguments.end(), key) != arguments.end();
    if (key != "transaction" && !known) return false;
    const size_t longest = key == "transaction" ? 128 : 256;
    if (value.is_string() && value.get_ref<const std::string&>().size() > longest) return false;
  }
  return true;
}

/// The rule of request.hpp, written anew: a topic that brokers take, below the prefix, and in the program's
/// own part only where answers go.
bool may_be_answered(const std::string& topic, const messages::request_topics& to) {
  if (topic.empty() || topic.size() > 1024 || !fuzz::is_topic(topic) || topic[0] == '$') return false;
  if (topic.size() <= to.prefix.size() || topic.compare(0, to.prefix.size(), to.prefix) != 0) return false;
  if (topic.compare(0, to.own.size(), to.own) != 0) return true;
  const auto rest = topic.substr(to.own.size());
  const auto first = rest.find('/');
  return first != rest.npos && rest.substr(0, first) != "cluster" &&
         rest.compare(first, 10, "/response/") == 0;
}

void check_refusal(const std::string& why) {
  fuzz::check_utf8(why, "a refusal");
  fuzz::require(!why.empty() && why.size() < 1000, "a refusal has words, and not many", why);
  fuzz::require(fuzz::is_one_line(why), "a refusal is one line", why);
}

void check_answers(const messages::judged_request& x, std::string_view body) {
  fuzz::check_topic(x.answer_to);
  const auto& transaction = x.what.transaction;
  const auto ok = fuzz::check_document("response", messages::ok_answer(R"({"node":"here"})", transaction));
  const auto error = fuzz::check_document(
      "response", messages::error_answer(x.refusal.empty() ? "it broke" : x.refusal, transaction));
  fuzz::require(transaction.empty() != ok.contains("transaction"), "a transaction is echoed", transaction);
  const auto asked = object_in(body);
  if (!asked || transaction.empty()) return;
  for (const auto* answer : {&ok, &error})
    fuzz::require(answer->at("transaction") == asked->at("transaction"), "the transaction is the request's",
                  answer->dump());
}

void check_numbers(const messages::request& x) {
  for (const auto& [name, text] : x.arguments) {
    fuzz::check_utf8(text, "an argument");
    fuzz::require(text.size() <= 3 * 256, "an argument is bounded", text);
    const auto n = messages::number_of(x, name, 1, 3600, 600);
    const bool digits =
        !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string::npos;
    const auto value = digits ? std::stoull(text) : 0;
    const bool usable = value >= 1 && value <= 3600;
    if (text.size() < 19)
      fuzz::require(text.empty() ? n == 600u : n == (usable ? std::optional<uint64_t>{value} : std::nullopt),
                    "a number is the text's", text);
    fuzz::require(!n || (*n >= 1 && *n <= 3600), "a number is within its bounds", text);
  }
}

void check(const messages::heard_message& x, const std::string& name, const messages::request_topics& topics,
           const std::set<request_command>& allow) {
  const auto judged = messages::judge(x, topics, allow);
  const auto body = x.payload.view();
  check_answers(judged, body);
  check_numbers(judged.what);
  const bool answerable = x.response_topic.empty() || may_be_answered(x.response_topic, topics);
  fuzz::require(
      judged.answer_to ==
          (answerable && !x.response_topic.empty() ? x.response_topic : topics.response(judged.what.command)),
      "the answer goes where it was asked for, if it may", judged.answer_to);
  const auto known = commands().find(name);
  const auto command = messages::command_of(name);
  fuzz::require(command.has_value() == (known != commands().end()), "the commands are known", name);
  if (!judged.command) return check_refusal(judged.refusal);
  fuzz::require(judged.refusal.empty() && judged.what.fault.empty(), "what is carried out has no fault");
  fuzz::require(answerable && command && judged.command == command && allow.count(*command) == 1,
                "only what is allowed is carried out", name);
  for (const auto& [argument, text] : judged.what.arguments)
    fuzz::require(std::find(known->second.begin(), known->second.end(), argument) != known->second.end(),
                  "the arguments are the command's", argument);
  if (const auto object = object_in(body))
    fuzz::require(is_sound(*object, known->second), "what is not sound is refused", body);
}

/// What must not be refused.
void check_acceptance(const messages::heard_message& x, const std::string& name,
                      const messages::request_topics& topics, const std::set<request_command>& allow) {
  const auto known = commands().find(name);
  const auto command = messages::command_of(name);
  if (known == commands().end() || !command || allow.count(*command) == 0) return;
  if (!x.response_topic.empty() && !may_be_answered(x.response_topic, topics)) return;
  const auto body = x.payload.view();
  const auto object = object_in(body);
  if (body.empty() || (object && body.size() <= 128 && is_sound(*object, known->second)))
    fuzz::require(messages::judge(x, topics, allow).command == command, "what is sound is carried out", body);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{fuzz::to_text(data, size)};
  const bool mqtt5 = in.flag();
  const auto allowed = in.byte();
  constexpr const char* prefixes[] = {"x/senseflow/", "x/", "clients/", "x/senseflow/here/"};
  const messages::request_topics topics{"x/senseflow/", "here", prefixes[in.below(std::size(prefixes))]};
  std::set<request_command> allow;
  for (size_t i = 0; i < messages::request_command_count; ++i)
    if ((allowed >> i & 1) != 0) allow.insert(static_cast<request_command>(i));
  auto name = std::string{in.text()};
  messages::heard_message x;
  x.topic = "x/senseflow/here/request/" + name;
  name.erase(0, name.rfind('/') + 1); // a broker leaves one level there
  const std::string response_topic{in.text()};
  if (mqtt5) x.response_topic = response_topic;
  x.payload = std::string{in.rest()};
  check(x, name, topics, allow);
  check_acceptance(x, name, topics, allow);
  return 0;
}
