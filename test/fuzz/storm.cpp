// Log events of any kind and pace through the folder of storms: only what comes too fast is folded, nothing
// gets lost, and the summaries are sound.
#include "messages/folding/message_shape.hpp"
#include "messages/folding/storm_folder.hpp"
#include "test/fuzz/documents.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/invariants.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using namespace senseflow;
using namespace std::chrono_literals;

namespace {

using messages::log_event;
using messages::storm_folder;

std::string shape_of(std::string_view text) {
  std::string out;
  messages::append_shape(out, text);
  return out;
}

/// Each digit but 0 becomes another one: 0x is no number but a mark.
std::string with_other_digits(std::string text) {
  for (auto& c : text)
    if (c >= '1' && c <= '9') c = c == '9' ? '1' : static_cast<char>(c + 1);
  return text;
}

void check_shape(const std::string& text) {
  const auto shape = shape_of(text);
  fuzz::require(shape.find_first_of("0123456789") == shape.npos, "a shape has no digits", shape);
  fuzz::require(shape.size() <= text.size() && shape.empty() == text.empty(),
                "a shape is no longer than its text", shape);
  auto at = text.begin();
  for (const char c : shape) {
    if (c == '\x01') continue;
    at = std::find(at, text.end(), c);
    fuzz::require(at != text.end(), "what is left of a text stands in it in this order", shape);
    ++at;
  }
  fuzz::require(shape_of(with_other_digits(text)) == shape, "other numbers have the same shape", text);
  std::string behind = "\x01.";
  messages::append_shape(behind, text);
  fuzz::require(behind == "\x01." + shape, "a shape does not depend on what stands before it", behind);
  // Without them there is no GUID, of which a number before it may have hidden the first letters.
  fuzz::require(shape.find('-') != shape.npos || shape_of(shape) == shape, "a shape is its own shape", shape);
}

/// What is known of events that are equal.
struct pace {
  using nanoseconds = std::chrono::nanoseconds;
  struct arrival {
    storm_folder::time_point at;
    nanoseconds step; ///< a second by the rate
    bool let_through;
  };

  std::vector<arrival> all;

  /// More than a second's worth has come in some stretch of time that ends with the last one.
  bool exceeded(bool let_through_only) const {
    nanoseconds sum{0};
    for (auto i = all.rbegin(); i != all.rend(); ++i) {
      if (let_through_only && !i->let_through) continue;
      sum += i->step;
      if (sum > all.back().at - i->at + 1s) return true;
    }
    return false;
  }
};

using place = std::pair<std::string, std::string>; ///< host and source

class model {
public:
  explicit model(fuzz::input& in)
      : options_(options(in)), folder_(options_, in.flag() ? size_t{8} : size_t{512}) {}

  void hear(std::string_view datagram) {
    auto x = messages::parse_log_event(datagram);
    if (!x.value) return;
    if (const auto* message = x->message()) check_shape(*message);
    fold(*x);
    remembered_.push_back(std::move(*x));
    if (remembered_.size() > 8) remembered_.erase(remembered_.begin());
  }

  /// The same again, some times: with other numbers, or from other hosts.
  void repeat(fuzz::input& in) {
    const auto which = in.below(8), times = in.below(64);
    const auto apart = in.span();
    const auto how = in.below(4);
    if (which >= remembered_.size()) return;
    auto x = remembered_[which];
    for (size_t i = 0; i < times; ++i) {
      pass(apart);
      if (how == 1) change([](auto& body) { body.message = with_other_digits(body.message); }, x);
      if (how == 2)
        std::visit([&](messages::log_common& body) { body.host = "host" + std::to_string(i); }, x.body);
      fold(x);
    }
  }

  void pass(std::chrono::nanoseconds t) {
    if (now_ - storm_folder::time_point{} > 10 * 365 * 24h) t = 1s;
    now_ += t;
    wall_ += t;
  }
  /// Somebody sets the clock.
  void set_clock(fuzz::input& in) {
    const bool back = in.flag();
    const auto t = in.span();
    if (back ? wall_ - t < caf::timestamp{} : wall_ + t > caf::timestamp{} + 200 * 365 * 24h) return;
    wall_ += back ? -t : t;
    was_set_ = was_set_ || back;
  }
  void permit(bool x) { permitted_ = x; }
  void use(fuzz::input& in) { folder_.use(options_ = options(in)); }
  void tick() { take(folder_.tick(now_, wall_)); }

  void end() {
    take(folder_.close(wall_));
    fuzz::require(folder_.storms() == 0, "nothing is open at the end");
    for (const auto& [where, n] : folded_)
      fuzz::require(n == told_[where], "what was folded is told of", where.first + " " + where.second);
  }

private:
  static messages::storm_options options(fuzz::input& in) {
    messages::storm_options out;
    out.rate = static_cast<uint32_t>(in.below(8)) + 1;
    out.window = 1s * (in.below(20) + 1);
    return out;
  }

  template <class F>
  static void change(F f, log_event& x) {
    if (auto* a = std::get_if<messages::engine_log>(&x.body)) f(*a);
    if (auto* a = std::get_if<messages::service_log>(&x.body)) f(*a);
    if (auto* a = std::get_if<messages::scheduler_log>(&x.body)) f(*a);
  }

  void fold(log_event& x) {
    x.received = wall_;
    bool asked = false;
    const bool folded = folder_.folds(x, now_, [&](const log_event&) {
      asked = true;
      return permitted_;
    });
    const auto left_out = folder_.take_left_out();
    fuzz::require(left_out <= 1 && !(folded && left_out > 0), "an event is folded or left out");
    fuzz::require(folder_.storms() <= storm_folder::most_storms, "the number of storms is bounded");
    fuzz::require(!folded || (asked && permitted_), "only what may be folded is");
    const auto* message = x.message();
    if (!message || message->empty())
      return fuzz::require(!folded && left_out == 0, "what says nothing is not folded");
    auto& known = paces_[{x.source, x.host(), x.common().subsystem, shape_of(*message)}];
    // Of what there was no room for nothing is known.
    const bool counts = permitted_ && left_out == 0;
    known.all.push_back({now_, std::chrono::nanoseconds(1s) / options_.rate, !folded && counts});
    fuzz::require(!asked || known.exceeded(false), "nothing is folded below the rate", *message);
    fuzz::require(folded || !counts || !known.exceeded(true), "what comes too fast is folded", *message);
    if (folded) ++folded_[{x.host(), std::string{to_string_view(x.source)}}];
  }

  void take(const std::vector<messages::insight>& all) {
    for (const auto& x : all) {
      constexpr size_t max_bytes = 64 << 10;
      const auto json = fuzz::check_insight(x, max_bytes);
      fuzz::require(x.topic.compare(0, 7, "storms/") == 0, "a storm has its topic", x.topic);
      const auto host = json.at("host").get<std::string>();
      fuzz::require(x.origin == host, "a storm comes from its host", host);
      told_[{host, json.at("source").get<std::string>()}] += json.at("count").get<uint64_t>();
      fuzz::require(was_set_ || json.at("first") <= json.at("last"), "the first is not after the last",
                    x.payload);
      const auto sample = json.at("sample").at("message").get<std::string>();
      fuzz::require(json.at("message") == messages::readable(shape_of(sample)),
                    "a storm has its sample's message", x.payload);
      fuzz::require(json.at("sample").at("host") == host, "a storm has its sample's host", x.payload);
    }
  }

  messages::storm_options options_;
  storm_folder folder_;
  storm_folder::time_point now_{1000h};
  caf::timestamp wall_{std::chrono::seconds(1'795'000'000)};
  bool permitted_ = true, was_set_ = false;
  std::vector<log_event> remembered_;
  std::map<std::tuple<messages::log_source, std::string, std::string, std::string>, pace> paces_;
  std::map<place, uint64_t> folded_, told_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{fuzz::to_text(data, size)};
  model site{in};
  constexpr int most_steps = 60; // an event is compared with all equal ones before it
  for (int i = 0; i < most_steps && !in.empty(); ++i) switch (in.step("LRTsauo+")) {
    case 'L':
      site.hear(in.text());
      break;
    case 'R':
      site.repeat(in);
      break;
    case 'T':
      site.tick();
      break;
    case 's':
      site.set_clock(in);
      break;
    case 'a':
      site.permit(true);
      break;
    case 'u':
      site.permit(false);
      break;
    case 'o':
      site.use(in);
      break;
    case '+':
      site.pass(in.span());
      break;
    }
  site.end();
  return 0;
}
