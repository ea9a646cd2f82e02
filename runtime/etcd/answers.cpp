#include "runtime/etcd/answers.hpp"

#include "messages/text/text.hpp"
#include "runtime/etcd/json_fields.hpp"
#include "runtime/etcd/refusals.hpp"

#include <algorithm>

namespace senseflow::runtime {
namespace {

using namespace json_fields;

constexpr size_t longest_token = 8192;
constexpr size_t longest_plain_words = 300;
constexpr size_t longest_alarm = 40;
constexpr size_t most_alarms = 16;

// Either form, at any place where one may stand.
struct refusal_reader {
  etcd_refusal refusal;
  bool there = false;

  /// Whether the field is one of those that make up a refusal; `good` when it could be read.
  bool take(json_reader& in, const std::string& name, json_token first, bool& good) {
    if (name == "error")
      good = first == json_token::begin_object
                 ? each(in, first, [&](const auto& n, auto t) { return part(in, n, t); })
                 : text(in, first, refusal.message);
    else if (name == "code" || name == "message")
      good = part(in, name, first);
    else
      return false;
    there = true;
    return true;
  }

private:
  bool part(json_reader& in, const std::string& name, json_token first) {
    if (name == "grpc_code" || name == "code") return integer(in, first, refusal.code);
    if (name == "message") return text(in, first, refusal.message);
    return skip(in, first);
  }
};

bool read_header(json_reader& in, json_token first, int64_t& revision) {
  return each(in, first, [&](const auto& name, auto token) {
    return name == "revision" ? integer(in, token, revision) : skip(in, token);
  });
}

bool read_key(json_reader& in, json_token first, etcd_key& out) {
  const auto read = each(in, first, [&](const auto& name, auto token) {
    if (name == "key") return bytes(in, token, out.key);
    if (name == "value") return bytes(in, token, out.value);
    if (name == "create_revision") return integer(in, token, out.create_revision);
    if (name == "mod_revision") return integer(in, token, out.mod_revision);
    if (name == "lease") return integer(in, token, out.lease);
    return skip(in, token);
  });
  return read && !out.key.empty() && out.mod_revision > 0 && out.create_revision >= 0;
}

bool read_keys(json_reader& in, json_token first, std::vector<etcd_key>& out) {
  return items(in, first, [&](auto token) { return read_key(in, token, out.emplace_back()); });
}

// Of a transaction's responses only those of reads hold keys.
bool read_responses(json_reader& in, json_token first, std::vector<etcd_key>& out) {
  return items(in, first, [&](auto response) {
    return each(in, response, [&](const auto& kind, auto body) {
      if (kind != "response_range") return skip(in, body);
      return each(in, body, [&](const auto& name, auto token) {
        return name == "kvs" ? read_keys(in, token, out) : skip(in, token);
      });
    });
  });
}

// One for each member that has raised it.
bool read_alarms(json_reader& in, json_token first, std::vector<std::string>& out) {
  return items(in, first, [&](auto alarm) {
    return each(in, alarm, [&](const auto& name, auto token) {
      if (name != "alarm") return skip(in, token);
      std::string x;
      if (!text(in, token, x)) return false;
      x = messages::cleaned(x, longest_alarm);
      if (out.size() < most_alarms && std::find(out.begin(), out.end(), x) == out.end()) out.push_back(x);
      return true;
    });
  });
}

// It will be a header's value.
bool read_token(json_reader& in, json_token first, std::string& out) {
  return text(in, first, out) && out.size() <= longest_token &&
         std::all_of(out.begin(), out.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool read_fields(json_reader& in, json_token first, etcd_reading& out, refusal_reader& refused) {
  return each(in, first, [&](const auto& name, auto token) {
    bool good = true;
    if (refused.take(in, name, token, good)) return good;
    if (name == "result") return read_fields(in, token, out, refused); // of a stream
    if (name == "header") return read_header(in, token, out.revision);
    if (name == "ID") return integer(in, token, out.lease);
    if (name == "succeeded") return boolean(in, token, out.succeeded);
    if (name == "kvs") return read_keys(in, token, out.keys);
    if (name == "responses") return read_responses(in, token, out.keys);
    if (name == "alarms") return read_alarms(in, token, out.alarms);
    if (name == "token") return read_token(in, token, out.token);
    if (name != "TTL") return skip(in, token);
    int64_t seconds = 0;
    const auto read = integer(in, token, seconds) && seconds <= INT32_MAX;
    out.ttl = std::chrono::seconds(seconds);
    return read;
  });
}

template <class Answer>
Answer failed(etcd_error error, std::string words) {
  Answer result;
  result.error = error;
  result.detail = std::move(words);
  return result;
}

template <class Answer>
Answer unusable() {
  return failed<Answer>(etcd_error::unusable, "an answer that can't be read; is this etcd's client port?");
}

etcd_reading refusal(const etcd_refusal& x, etcd_call_kind kind, int32_t http_status) {
  // The end that the caller wanted.
  if (kind == etcd_call_kind::revoke && meaning_of(x, http_status) == etcd_error::lease_lost) return {};
  if (kind == etcd_call_kind::authenticate && x.message.find("not enabled") != std::string::npos) {
    etcd_reading none;
    none.no_authentication = true;
    return none;
  }
  auto result = failed<etcd_reading>(meaning_of(x, http_status), words_of(x, http_status));
  result.token_refused = refuses_token(x);
  return result;
}

// What stands in front of the gateway answers without JSON.
etcd_refusal plain_refusal(std::string_view body) {
  return {-1, messages::repaired_utf8(body.substr(0, longest_plain_words))};
}

bool complete(etcd_call_kind kind, const etcd_reading& x) {
  switch (kind) {
  case etcd_call_kind::grant:
    return x.lease != 0 && x.ttl.count() > 0;
  case etcd_call_kind::keep_alive:
    return x.lease != 0;
  case etcd_call_kind::range:
  case etcd_call_kind::commit:
    return x.revision > 0;
  case etcd_call_kind::authenticate:
    return !x.token.empty();
  default:
    return true;
  }
}

bool read_change(json_reader& in, json_token first, etcd_change& out) {
  return each(in, first, [&](const auto& name, auto token) {
    if (name == "kv") return read_key(in, token, out.now);
    if (name == "type") {
      std::string type;
      const auto read = text(in, token, type);
      out.erased = type == "DELETE";
      return read && (out.erased || type == "PUT");
    }
    return skip(in, token);
  });
}

struct watch_fields {
  bool canceled = false;
  int64_t compact_revision = 0;
  int64_t id = 0;
  std::string reason;
};

bool read_watch_fields(json_reader& in, json_token first, etcd_watch_line& out, watch_fields& more) {
  return each(in, first, [&](const auto& name, auto token) {
    if (name == "header") return read_header(in, token, out.revision);
    if (name == "created") return boolean(in, token, out.created);
    if (name == "canceled") return boolean(in, token, more.canceled);
    if (name == "compact_revision") return integer(in, token, more.compact_revision);
    if (name == "watch_id") return integer(in, token, more.id);
    if (name == "cancel_reason") return text(in, token, more.reason);
    if (name == "events")
      return items(in, token, [&](auto t) {
        auto& change = out.changes.emplace_back();
        return read_change(in, t, change) && change.now.mod_revision > 0;
      });
    return skip(in, token);
  });
}

// Cancelled with no code, and with the stream left open.
etcd_watch_line cancelled(const watch_fields& x) {
  if (x.compact_revision > 0)
    return failed<etcd_watch_line>(etcd_error::compacted, "the revision to watch from has been compacted");
  const etcd_refusal why{-1, x.reason};
  const auto denied = x.reason.find("permission denied") != std::string::npos || refuses_token(why);
  return failed<etcd_watch_line>(denied ? etcd_error::denied : etcd_error::unavailable,
                                 x.reason.empty() ? "etcd has cancelled the watch" : words_of(why, 0));
}

} // namespace

etcd_reading read_answer(etcd_call_kind kind, int32_t http_status, std::string_view body) {
  if (kind == etcd_call_kind::keep_alive) body = body.substr(0, body.find('\n')); // a stream of one
  json_reader in(body);
  etcd_reading result;
  refusal_reader refused;
  const auto read = read_fields(in, in.next(), result, refused);
  if (http_status != 200 || (read && refused.there))
    return refusal(read ? refused.refusal : plain_refusal(body), kind, http_status);
  if (!read || !complete(kind, result)) return unusable<etcd_reading>();
  if (kind == etcd_call_kind::keep_alive && result.ttl.count() <= 0) // that is how etcd says it
    return failed<etcd_reading>(etcd_error::lease_lost, "the lease is gone");
  return result;
}

etcd_watch_line read_watch_line(std::string_view line) {
  json_reader in(line);
  etcd_watch_line result;
  watch_fields more;
  refusal_reader refused;
  bool any = false;
  const auto read = each(in, in.next(), [&](const auto& name, auto token) {
    bool good = true;
    if (refused.take(in, name, token, good)) return good;
    any = any || name == "result";
    return name == "result" ? read_watch_fields(in, token, result, more) : skip(in, token);
  });
  if (read && refused.there)
    return failed<etcd_watch_line>(meaning_of(refused.refusal, 0), words_of(refused.refusal, 0));
  if (!read || !any) return unusable<etcd_watch_line>();
  if (more.canceled) return cancelled(more);
  result.progress = more.id == -1 && !result.created && result.changes.empty();
  return result;
}

etcd_watch_line read_watch_refusal(int32_t http_status, std::string_view body) {
  const auto x = read_answer(etcd_call_kind::range, http_status, body.substr(0, body.find('\n')));
  if (x.error == etcd_error::none) return unusable<etcd_watch_line>();
  return failed<etcd_watch_line>(x.token_refused ? etcd_error::denied : x.error, x.detail);
}

} // namespace senseflow::runtime
