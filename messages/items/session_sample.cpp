#include "messages/items/session_sample.hpp"

#include "messages/text/json_reader.hpp"
#include "messages/text/json_writer.hpp"
#include "messages/text/text.hpp"

#include <cmath>
#include <utility>

namespace senseflow::messages {

namespace {

/// Reads the names of user and session on its way through the top level of a session.
class entry_reader {
public:
  explicit entry_reader(json_reader& in) : in_(in) {}

  /// False on an error.
  bool read(json_token first) {
    size_t depth = 0;
    std::string key;
    for (auto token = first;; token = in_.next()) {
      switch (token) {
      case json_token::begin_object:
        out_.begin_object();
        break;
      case json_token::end_object:
        out_.end_object();
        break;
      case json_token::begin_array:
        out_.begin_array();
        break;
      case json_token::end_array:
        out_.end_array();
        break;
      case json_token::key:
        out_.key(in_.content());
        if (depth == 1) key = in_.content();
        break;
      case json_token::text:
        out_.text(in_.content());
        if (depth == 1 && key == "UserDirectory") entry_.user_directory = in_.content();
        if (depth == 1 && key == "UserId") entry_.user_id = in_.content();
        if (depth == 1 && key == "SessionId") entry_.session_id = in_.content();
        break;
      case json_token::number:
        number();
        break;
      case json_token::boolean:
      case json_token::null:
        out_.raw(in_.content());
        break;
      case json_token::end:
      case json_token::error:
        return false;
      }
      if (token == json_token::begin_object || token == json_token::begin_array) ++depth;
      if (token == json_token::end_object || token == json_token::end_array) --depth;
      if (depth == 0) return true;
    }
  }

  session_entry take() {
    entry_.json = out_.take();
    return std::move(entry_);
  }

private:
  /// Keeps the digits, unless most readers of JSON would refuse the whole list for them.
  void number() {
    if (std::isfinite(whole_number(in_.content()))) {
      out_.raw(in_.content());
    } else {
      out_.null();
    }
  }

  json_reader& in_;
  json_writer out_{512};
  session_entry entry_;
};

} // namespace

bool operator==(const session_sample& a, const session_sample& b) {
  return a.server == b.server && a.host == b.host && a.virtual_proxy == b.virtual_proxy &&
         a.timestamp == b.timestamp && a.duration == b.duration && a.sessions == b.sessions && a.by == b.by;
}

parsed<session_sample> parse_sessions(std::string_view body) {
  using result = parsed<session_sample>;
  json_reader in{body};
  session_sample sample;
  const auto first = in.next();
  if (first != json_token::begin_array) {
    in.skip(first);
    return result::rejected(in.next() == json_token::end ? "not_an_array" : "invalid_json");
  }
  for (auto token = in.next(); token != json_token::end_array; token = in.next()) {
    entry_reader entry{in};
    if (!entry.read(token)) return result::rejected("invalid_json");
    sample.sessions.push_back(entry.take());
  }
  if (in.next() != json_token::end) return result::rejected("invalid_json");
  return result::ok(std::move(sample));
}

} // namespace senseflow::messages
