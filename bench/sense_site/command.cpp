#include "bench/sense_site/command.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <numeric>
#include <stdexcept>

namespace senseflow::bench {

namespace {

using json = nlohmann::json;

constexpr int64_t longest_latency = 600'000; // ms
constexpr int64_t most_skew = 86'400;        // s

[[noreturn]] void fail(const std::string& why) { throw std::invalid_argument(why); }

size_t server_number(std::string_view text, size_t servers) {
  size_t result = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size() || result < 1 || result > servers)
    fail("no server " + std::string{text} + ": they are 1 to " + std::to_string(servers));
  return result;
}

server_set ranges(std::string_view text, size_t servers) {
  server_set result;
  for (size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto part = text.substr(begin, end - begin);
    const auto dash = part.find('-');
    const auto first = server_number(part.substr(0, dash), servers);
    const auto last = dash == std::string_view::npos ? first : server_number(part.substr(dash + 1), servers);
    if (first > last) fail("range " + std::string{part} + " runs backwards");
    for (auto i = first; i <= last; ++i) result.push_back(i);
    begin = end + 1;
  }
  return result;
}

server_set read_servers(const json& value, size_t servers) {
  if (value == "all") {
    server_set result(servers);
    std::iota(result.begin(), result.end(), size_t{1});
    return result;
  }
  if (value.is_string()) return ranges(value.get<std::string>(), servers);
  if (!value.is_array()) fail("servers must be \"all\", \"1-20\" or a list of numbers");
  server_set result;
  for (const auto& one : value) result.push_back(server_number(one.dump(), servers));
  return result;
}

bool read_bool(const std::string& name, const json& value) {
  if (!value.is_boolean()) fail(name + " must be true or false");
  return value.get<bool>();
}

int64_t read_number(const std::string& name, const json& value, int64_t least, int64_t most) {
  if (!value.is_number_integer() || value < least || value > most)
    fail(name + " must be " + std::to_string(least) + " to " + std::to_string(most));
  return value.get<int64_t>();
}

std::chrono::milliseconds read_milliseconds(const std::string& name, const json& value) {
  return std::chrono::milliseconds{read_number(name, value, 0, longest_latency)};
}

unsigned read_status(const json& value) {
  const auto result = static_cast<unsigned>(read_number("status", value, 200, 599));
  if (result == 204 || result == 205 || result == 304) fail("status must be one that may have a body");
  return result;
}

body_kind read_body(const json& value) {
  const auto kind = value.is_string() ? body_kind_from(value.get<std::string>()) : std::nullopt;
  if (!kind) fail("body must be normal, negative, garbage, html or huge");
  return *kind;
}

behaviour_change read_change(const json& command) {
  behaviour_change result;
  for (const auto& [name, value] : command.items()) {
    if (name == "hang")
      result.hang = read_bool(name, value);
    else if (name == "close")
      result.close = read_bool(name, value);
    else if (name == "latency")
      result.latency = read_milliseconds(name, value);
    else if (name == "jitter")
      result.jitter = read_milliseconds(name, value);
    else if (name == "handshake")
      result.handshake = read_milliseconds(name, value);
    else if (name == "clock")
      result.clock = std::chrono::seconds{read_number(name, value, -most_skew, most_skew)};
    else if (name == "status")
      result.status = read_status(value);
    else if (name == "body")
      result.body = read_body(value);
    else if (name != "servers")
      fail("unknown key " + name);
  }
  return result;
}

json carry_out(const std::string& line, const command_target& target) {
  const auto command = json::parse(line, nullptr, false);
  if (!command.is_object()) fail("a command must be a JSON object on one line");
  if (command.contains("stats")) {
    for (const auto& [name, value] : command.items())
      if (name != "stats" && name != "reset") fail("unknown key " + name + " beside stats");
    if (!read_bool("stats", command["stats"])) fail("stats must be true");
    const bool reset = command.contains("reset") && read_bool("reset", command["reset"]);
    return json::parse(to_json(target.statistics(reset)));
  }
  if (!command.contains("servers") || command.size() < 2)
    fail("name servers and at least one change, or stats");
  const auto servers = read_servers(command["servers"], target.servers);
  target.change(servers, read_change(command));
  return {{"servers", servers.size()}};
}

} // namespace

std::string run_command(const std::string& line, const command_target& target) {
  json answer;
  try {
    answer = carry_out(line, target);
    answer["ok"] = true;
  } catch (const std::exception& e) {
    answer = {{"ok", false}, {"error", e.what()}};
  }
  // What came in may be no UTF-8, and an error may quote it.
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace senseflow::bench
