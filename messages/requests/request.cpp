#include "messages/requests/request.hpp"

#include "messages/text/json_reader.hpp"
#include "messages/text/json_writer.hpp"
#include "messages/text/text.hpp"
#include "messages/text/topic.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace senseflow::messages {

namespace {

struct command_row {
  std::string_view name;
  std::string_view main; ///< the argument that a plain text is; "" = none
  std::array<std::string_view, 2> arguments;
};

constexpr std::array<command_row, request_command_count> commands{
    {{"ping", "", {}},
     {"status", "", {}},
     {"reload", "", {}},
     {"log-level", "level", {"level", "seconds"}},
     {"poll-now", "server", {"server", ""}},
     {"snapshot", "", {}},
     {"rediscover", "", {}},
     {"replay", "class", {"class", "count"}}}};

constexpr size_t longest_command = 64, longest_argument = 256, longest_transaction = 128;
constexpr size_t longest_response_topic = 1024;

const command_row* row_of(std::string_view name) {
  const auto* const i =
      std::find_if(commands.begin(), commands.end(), [&](const auto& x) { return x.name == name; });
  return i == commands.end() ? nullptr : i;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string quoted(std::string_view text) {
  std::string result;
  append_quoted(result, text);
  return result;
}

/// "" if all is well.
std::string take(request& to, const command_row* row, const std::string& key, json_token kind,
                 const std::string& value) {
  const bool is_text = kind == json_token::text;
  if (!is_text && kind != json_token::number) return quoted(cleaned(key, 40)) + " must be a text or a number";
  if (key == "transaction") {
    if (value.size() > longest_transaction) return "\"transaction\" is too long: at most 128 bytes";
    // Most readers of JSON would refuse the whole answer.
    if (!is_text && !std::isfinite(whole_number(value))) return "\"transaction\" is too large a number";
    to.transaction = is_text ? quoted(value) : value;
    return {};
  }
  if (row == nullptr) return {}; // told otherwise
  if (key.empty() || std::find(row->arguments.begin(), row->arguments.end(), key) == row->arguments.end())
    return quoted(cleaned(key, 40)) + " is not known to " + std::string{row->name};
  if (value.size() > longest_argument) return quoted(key) + " is too long: at most 256 bytes";
  to.arguments[key] = value;
  return {};
}

void read_object(request& to, const command_row* row, std::string_view body) {
  json_reader in{body};
  auto token = in.next();
  if (token != json_token::begin_object) {
    to.fault = "the body is no valid JSON";
    return;
  }
  std::string fault;
  while ((token = in.next()) == json_token::key) {
    const auto key = in.content();
    token = in.next();
    auto wrong = take(to, row, key, token, in.content());
    in.skip(token);
    if (fault.empty()) fault = std::move(wrong);
  }
  to.fault = std::move(fault);
}

std::string_view first_level(std::string_view topic) { return topic.substr(0, topic.find('/')); }

} // namespace

std::string_view to_string_view(request_command x) { return commands[static_cast<size_t>(x)].name; }

std::optional<request_command> command_of(std::string_view name) {
  const auto* const row = row_of(name);
  if (row == nullptr) return std::nullopt;
  return static_cast<request_command>(row - commands.data());
}

request read_request(std::string_view name, std::string_view body) {
  request result;
  result.command = safe_level(cleaned(repaired_utf8(name), longest_command));
  if (result.command.empty()) result.command = "_";
  const auto* const row = row_of(name);
  const auto text = trimmed(body);
  if (text.substr(0, 1) == "{") {
    read_object(result, row, text);
  } else if (row != nullptr && !row->main.empty() && !is_blank(text)) {
    if (text.size() > longest_argument)
      result.fault = "the body is too long: at most 256 bytes";
    else
      result.arguments[std::string{row->main}] = repaired_utf8(text);
  }
  if (row == nullptr) result.fault = "unknown command";
  return result;
}

std::string described(const request& x) {
  constexpr size_t longest = 80; // of what a line in the log has
  std::string with;
  const auto add = [&](std::string_view name, const std::string& value) {
    with.append(with.empty() ? "" : ", ").append(name).append(" ").append(value);
  };
  for (const auto& [name, value] : x.arguments) add(name, quoted(cleaned(value, longest)));
  if (!x.transaction.empty()) add("transaction", x.transaction);
  return with.empty() ? x.command : x.command + " (" + with + ")";
}

std::optional<uint64_t> number_of(const request& x, std::string_view name, uint64_t least, uint64_t most,
                                  uint64_t otherwise) {
  const auto text = x[name];
  if (text.empty()) return otherwise;
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || n < least || n > most) return std::nullopt;
  return n;
}

std::string request_topics::response(std::string_view command) const {
  return (own + node + "/response/").append(command);
}

bool request_topics::accepts(std::string_view response_topic) const {
  if (response_topic.empty() || response_topic.size() > longest_response_topic) return false;
  if (response_topic.front() == '$' || safe_levels(response_topic) != response_topic) return false;
  const auto below = [&](std::string_view start) {
    return response_topic.size() > start.size() && response_topic.substr(0, start.size()) == start;
  };
  if (!below(prefix)) return false;
  if (!below(own)) return true;
  auto rest = response_topic.substr(own.size());
  rest.remove_prefix(std::min(first_level(rest).size() + 1, rest.size()));
  constexpr std::string_view answers = "response/";
  return first_level(response_topic.substr(own.size())) != "cluster" && rest.size() > answers.size() &&
         rest.substr(0, answers.size()) == answers;
}

judged_request judge(const heard_message& x, const request_topics& topics,
                     const std::set<request_command>& allow) {
  judged_request result;
  result.what = read_request(x.topic.substr(x.topic.rfind('/') + 1), x.payload.view());
  result.answer_to = topics.response(result.what.command);
  if (!x.response_topic.empty() && !topics.accepts(x.response_topic)) {
    result.refusal = "the response topic is not allowed: see requests.responsePrefix";
    return result;
  }
  if (!x.response_topic.empty()) result.answer_to = x.response_topic;
  const auto command = command_of(result.what.command);
  if (command && allow.count(*command) == 0)
    result.refusal = "not allowed: see requests.allow of the configuration";
  else if (!command || !result.what.fault.empty())
    result.refusal = result.what.fault;
  else
    result.command = command;
  return result;
}

std::string ok_answer(std::string_view data, std::string_view transaction) {
  json_writer out{data.size() + 64};
  out.begin_object().key("status").text("ok").key("data").raw(data);
  if (!transaction.empty()) out.key("transaction").raw(transaction);
  return out.end_object().take();
}

std::string error_answer(std::string_view why, std::string_view transaction) {
  json_writer out;
  out.begin_object().key("status").text("error").key("data").raw("{}").key("error").text(why);
  if (!transaction.empty()) out.key("transaction").raw(transaction);
  return out.end_object().take();
}

} // namespace senseflow::messages
