// Answers of etcd's gateway: to each kind of call, and as lines of a watch. Whatever they hold, what is read is
// an error with words that may be logged, or what the call promises.
#include "runtime/etcd/answers.hpp"
#include "runtime/etcd/watch_stream.hpp"
#include "test/fuzz/invariants.hpp"

#include <array>

using namespace senseflow;
using runtime::etcd_call_kind;
using runtime::etcd_error;

namespace {

void check_words(const std::string& x) {
  fuzz::check_utf8(x, "words about an error");
  fuzz::require(!x.empty() && x.size() < 1000, "an error has words, and not many", x);
  fuzz::require(fuzz::is_one_line(x), "words about an error are one line", x);
}

void check_answer(etcd_call_kind kind, const runtime::etcd_reading& x) {
  if (x.error != etcd_error::none) return check_words(x.detail);
  const auto lives = kind == etcd_call_kind::grant || kind == etcd_call_kind::keep_alive;
  fuzz::require(!lives || (x.ttl.count() > 0 && x.lease != 0), "a lease has a time to live");
  for (const auto& key : x.keys) fuzz::require(!key.key.empty() && key.mod_revision > 0, "keys are keys");
}

void check_stream(std::string_view text) {
  const runtime::etcd_watch_stream::clock::time_point now{};
  runtime::etcd_watch_stream stream("/", 5, std::chrono::seconds(1), now);
  runtime::etcd_watch_stream::events events;
  stream.take(text, now, events);
  int64_t last = 0;
  for (const auto& x : events) {
    fuzz::require(x.revision >= last, "revisions do not go back");
    last = x.revision;
    for (const auto& c : x.changes) fuzz::require(c.now.mod_revision >= 5, "no change of before");
    if (x.what == runtime::etcd_watch_event::kind::ended) check_words(x.detail);
  }
  fuzz::require(stream.over() ==
                    (!events.empty() && events.back().what == runtime::etcd_watch_event::kind::ended),
                "an end is told, and last");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = fuzz::to_text(data, size);
  constexpr std::array kinds{etcd_call_kind::grant,       etcd_call_kind::keep_alive, etcd_call_kind::revoke,
                             etcd_call_kind::range,       etcd_call_kind::commit,     etcd_call_kind::alarms,
                             etcd_call_kind::authenticate};
  for (const auto kind : kinds)
    for (const auto status : {200, 400, 503}) check_answer(kind, runtime::read_answer(kind, status, text));
  const auto refused = runtime::read_watch_refusal(200, text);
  fuzz::require(refused.error != etcd_error::none, "a watch that is no stream is refused");
  check_words(refused.detail);
  check_stream(text);
  check_stream(std::string(text) + "\n");
  return 0;
}
