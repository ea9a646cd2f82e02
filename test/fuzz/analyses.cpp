// Whatever comes from a site, in any order: events, answers, lists, certificates, under clocks that are set
// at any time. It goes through all analyses; what they find is sound, within its bounds, and adds up.
#include "messages/insights/certificates.hpp"
#include "messages/insights/clocks.hpp"
#include "messages/insights/live_sessions.hpp"
#include "messages/insights/losses.hpp"
#include "messages/insights/memory_runaway.hpp"
#include "messages/insights/silence.hpp"
#include "messages/text/text.hpp"
#include "test/fuzz/digest_model.hpp"
#include "test/fuzz/finding_model.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/invariants.hpp"
#include "test/fuzz/lost_rows.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace senseflow;
using namespace std::chrono_literals;
using namespace messages::insights;

namespace {

constexpr const char* servers[] = {"sense1", "a/b+"};
constexpr const char* proxies[] = {"/", "/hdr", "/not/polled"};
constexpr const char* machines[] = {"pro2-win1", "QLIK2", "elsewhere"};
constexpr const char* apps[] = {"2933711d-6638-41d4-a2d2-6dd2d965208b",
                                "f42d6b16-8faf-45ca-a783-59f9da47db6e"};

std::string app_name(std::string_view id) { return id == apps[0] ? "Sales\n\"\xc3\xa5\"" : ""; }

messages::json_scalar number(double x) { return {messages::scalar_kind::number, messages::number_text(x)}; }

constexpr size_t most_arrivals = 2; ///< of each kind

/// What the analyses are shown, and when.
struct world {
  moment now{caf::timestamp{1'795'000'000s}, std::chrono::steady_clock::time_point{1000h}};
  messages::polled_by by;
  arrivals arrived{most_arrivals};
  uint64_t datagrams = 0, not_followed = 0;
  bool forgets = false; ///< so much time has passed that services may be forgotten
  clocks_view clock;
  std::vector<seen_certificate> certificates;
  arrivals_view::port users, logs;
  std::shared_ptr<const server_of_host> hosts = std::make_shared<server_of_host>(
      std::vector<named_server>{{servers[0], {"pro2-win1"}}, {servers[1], {"qlik2.example.com", "10.0.0.2"}}},
      std::vector<std::pair<std::string, std::string>>{{"14", servers[1]}});

  void pass(std::chrono::nanoseconds t) {
    if (now.steady - std::chrono::steady_clock::time_point{} > 10 * 365 * 24h)
      t = std::min<decltype(t)>(t, 1s);
    now.steady += t;
    now.wall += t;
    forgets = now.steady - std::chrono::steady_clock::time_point{} >= 1000h + arrivals::forgotten_after;
  }
  void set_clock(bool back, std::chrono::nanoseconds t) {
    if (back ? now.wall - t < caf::timestamp{} : now.wall + t > caf::timestamp{} + 200 * 365 * 24h) return;
    now.wall += back ? -t : t;
  }
  arrival_list all() { return arrived.all(now.steady); }
};

struct settings {
  live_sessions_options sessions;
  memory_runaway_options memory;
  silence_options silence;
  std::chrono::milliseconds clock_limit{5000};

  explicit settings(fuzz::input& in) {
    for (const auto* x : servers)
      sessions.servers[x] = {{proxies[0], proxies[1]}, in.below(12) + 1, 1s * (in.below(60) + 1), 30min};
    sessions.exclude.add("INTERNAL", "user0");
    sessions.interval = 100ms * (in.below(100) + 1);
    sessions.max_bytes = 1024 + size_t{16} * in.byte();
    sessions.app_name = memory.app_name = app_name;
    memory.servers = {std::begin(servers), std::end(servers)};
    memory.limit = in.flag() ? 65536 : 0;
    memory.interval = sessions.interval;
    silence.after = 1s * (in.below(100) + 5);
    if (in.flag()) silence.expect = {"engine", "sense1/user-events"};
    silence.fresh = 1min;
  }
  fuzz::finding_limits limits() const {
    size_t most = 0;
    for (const auto& [name, x] : sessions.servers) most = std::max(most, x.max_sessions);
    return {sessions.max_bytes, most, sessions.interval};
  }
};

class site {
public:
  explicit site(fuzz::input& in) : options_(in), digests_(in), model_(options_.limits()) {
    options_.sessions.hosts = *x_.hosts;
    x_.arrived.know(x_.hosts);
    x_.clock.hosts = x_.hosts;
    make();
  }

  void step(char what, fuzz::input& in);
  void end() {
    for (int i = 0; i < 3; ++i) {
      x_.pass(10s);
      tick();
    }
    digests_.end(x_.now.wall);
  }

private:
  void make() {
    std::vector<std::unique_ptr<analysis>> next;
    next.push_back(std::make_unique<live_sessions>(options_.sessions));
    next.push_back(std::make_unique<memory_runaway>(options_.memory));
    next.push_back(std::make_unique<silence>(options_.silence, [this] {
      return arrivals_view{x_.all(), x_.users, x_.logs, x_.hosts};
    }));
    next.push_back(std::make_unique<losses>([this] { return x_.all(); }));
    next.push_back(std::make_unique<clocks>(clock_options{options_.clock_limit,
                                                          [this] {
                                                            x_.clock.arrivals = x_.all();
                                                            return x_.clock;
                                                          },
                                                          [](const auto& ahead) {
                                                            for (const auto& [server, seconds] : ahead)
                                                              fuzz::require(std::isfinite(seconds),
                                                                            "a skew is a number", server);
                                                          }}));
    next.push_back(
        std::make_unique<certificates>(certificate_options{"node1", [this] { return x_.certificates; }}));
    for (size_t i = 0; i < all_.size(); ++i) next[i]->inherit(*all_[i]);
    all_ = std::move(next);
    model_.began_anew();
  }

  void show(const messages::item_list& items) {
    for (auto& a : all_) a->observe(items, x_.now);
  }
  void tick() {
    findings found;
    model_.certificates(x_.certificates);
    for (auto& a : all_) a->tick(x_.now, found);
    model_.check(found, x_.now);
    digests_.tick(x_.now.steady, x_.now.wall);
    check_arrivals();
  }
  void check_arrivals() {
    x_.not_followed += x_.arrived.not_followed().all();
    uint64_t followed = 0;
    const auto all = x_.all();
    for (const auto& a : all) followed += a.datagrams;
    fuzz::require(all.size() <= 2 * most_arrivals, "not more services are followed than may be");
    fuzz::require(followed + x_.not_followed <= x_.datagrams &&
                      (x_.forgets || followed + x_.not_followed == x_.datagrams),
                  "all datagrams are counted");
  }

  void hear(messages::user_event x) {
    x.received = x_.now.wall;
    x_.arrived.note(x, x_.now.steady);
    ++x_.datagrams;
    messages::item_list items;
    items.user_events.push_back(std::move(x));
    show(items);
  }
  void hear(messages::log_event x) {
    x.received = x_.now.wall;
    x_.arrived.note(x, x_.now.steady);
    ++x_.datagrams;
    digests_.hear(x, x_.now.steady);
    last_ = x;
    messages::item_list items;
    items.log_events.push_back(std::move(x));
    show(items);
  }
  void answer(messages::health_sample x, const char* server) {
    x.server = server;
    x.timestamp = x_.now.wall;
    x.by = x_.by;
    messages::item_list items;
    items.health.push_back(std::move(x));
    show(items);
  }
  void answer(messages::session_sample x, fuzz::input& in) {
    x.server = servers[in.below(std::size(servers))];
    x.virtual_proxy = proxies[in.below(std::size(proxies))];
    x.timestamp = x_.now.wall;
    x.duration = std::min<std::chrono::nanoseconds>(in.span(), 1min);
    x.by = x_.by;
    model_.listed(x);
    messages::item_list items;
    items.sessions.push_back(std::move(x));
    show(items);
  }

  void repeat(fuzz::input& in);
  void list(fuzz::input& in);
  void use(fuzz::input& in);
  void grow(fuzz::input& in);
  void tell_time(fuzz::input& in);
  void show_certificate(fuzz::input& in);

  world x_;
  settings options_;
  std::vector<std::unique_ptr<analysis>> all_;
  fuzz::digest_model digests_;
  fuzz::finding_model model_;
  std::optional<messages::log_event> last_;
};

/// The last log event again, with the rows that follow or some of them.
void site::repeat(fuzz::input& in) {
  const auto times = in.below(32), apart = in.below(4);
  const auto pause = in.span();
  if (!last_) return;
  for (size_t i = 0; i < times; ++i) {
    auto x = *last_;
    x_.pass(pause);
    std::visit([&](messages::log_common& body) { body.row += static_cast<double>(apart); }, x.body);
    hear(std::move(x));
  }
}

/// Some of eight sessions of three users.
void site::list(fuzz::input& in) {
  const auto which = in.byte();
  messages::session_sample x;
  for (size_t i = 0; i < 8; ++i)
    if ((which >> i & 1) != 0)
      x.sessions.push_back({"LAB", "user" + std::to_string(i % 3), "{}",
                            "0000000" + std::to_string(i) + "-0000-4000-8000-000000000000"});
  answer(std::move(x), in);
}

/// One of these users does something.
void site::use(fuzz::input& in) {
  constexpr const char* commands[] = {"Start session", "Stop session", "Open connection", "Close connection"};
  messages::user_event x;
  x.type = "qseow-proxy-session";
  x.command = commands[in.below(std::size(commands))];
  x.host = machines[in.below(std::size(machines))];
  x.user_directory = "lab";
  x.user_id = "user" + std::to_string(in.below(3));
  const auto how = in.byte();
  if ((how & 1) != 0) x.context = "/app/" + std::string{apps[how >> 1 & 1]};
  if ((how & 4) != 0)
    x.message = "Session 0000000" + std::to_string(how >> 3 & 7) + "-0000-4000-8000-000000000000";
  if ((how & 64) != 0) x.message += " timed out";
  if ((how & 128) != 0)
    x.message += " UserAgent: 'Mozilla/5.0 (Windows NT 10.0) Chrome/120.0.0.0 Safari/537.36'";
  hear(std::move(x));
}

/// An engine takes more and more memory, or less.
void site::grow(fuzz::input& in) {
  const auto* server = servers[in.below(std::size(servers))];
  const auto times = in.below(24);
  double committed = 100.0 * in.byte();
  const auto more = 10.0 * (in.byte() - 64), all = 200.0 * in.byte();
  const auto pause = in.span();
  for (size_t i = 0; i < times; ++i) {
    messages::health_sample x;
    x[messages::health_value::mem_committed] = number(committed);
    x[messages::health_value::mem_free] = number(all - committed);
    x[messages::health_value::session_total] = number(static_cast<double>(i % 3));
    x[messages::health_list::in_memory_docs] = {true, {{messages::scalar_kind::text, apps[i / 8 % 2]}}};
    answer(std::move(x), server);
    x_.pass(pause);
    tick();
    committed += more;
  }
}

/// A server's Date, as curl reads it: any second of the years up to 9999; and our own times of the question.
void site::tell_time(fuzz::input& in) {
  auto& to = x_.clock.answers[servers[in.below(std::size(servers))]];
  const auto how = in.below(8);
  const auto t = in.span();
  using std::chrono::seconds;
  const auto now = std::chrono::duration_cast<seconds>(x_.now.wall.time_since_epoch());
  to.by = x_.by;
  to.date = how == 0 ? seconds(253'402'300'799) : how == 1 ? seconds(1) : now;
  if (how == 2) to.date += std::chrono::duration_cast<seconds>(t);
  if (how == 3) to.date -= std::chrono::duration_cast<seconds>(t);
  to.answered = x_.now.wall;
  to.asked = x_.now.wall - std::min<std::chrono::nanoseconds>(in.span(), 1min);
  if (how == 4) to.asked = x_.now.wall + t; // the clock was set back meanwhile
}

void site::show_certificate(fuzz::input& in) {
  seen_certificate x;
  x.of = "Sense server " + std::to_string(in.below(200));
  if (in.flag()) {
    x.of = "file client.pem";
    x.use = "client certificate for Qlik Sense";
  }
  const auto how = in.below(4);
  const auto t = std::chrono::duration_cast<std::chrono::seconds>(in.span());
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(x_.now.wall.time_since_epoch());
  // ASN.1 knows the years 0 to 9999.
  x.not_after = end_of_validity(how == 0   ? -62'167'219'200
                                : how == 1 ? 253'402'300'799
                                           : (now + (how == 2 ? t : -t)).count());
  x.subject = in.text().substr(0, 200);
  x.issuer = in.text().substr(0, 200);
  const auto copies = in.below(120) == 119 ? 110 : 1;
  for (int i = 0; i < copies && x_.certificates.size() < 150; ++i) x_.certificates.push_back(x);
}

void site::step(char what, fuzz::input& in) {
  switch (what) {
  case 'U':
    if (auto x = messages::parse_user_event(in.text())) hear(std::move(*x));
    break;
  case 'L':
    if (auto x = messages::parse_log_event(in.text())) hear(std::move(*x));
    break;
  case 'H': {
    const auto* server = servers[in.below(std::size(servers))];
    if (auto x = messages::parse_health(in.text())) answer(std::move(*x), server);
    break;
  }
  case 'S':
    if (auto x = messages::parse_sessions(in.text())) answer(std::move(*x), in);
    break;
  case 'R':
    return repeat(in);
  case 'l':
    return list(in);
  case 'u':
    return use(in);
  case 'g':
    return grow(in);
  case 'd':
    return tell_time(in);
  case 'c':
    return show_certificate(in);
  case 'e':
    x_.certificates.clear();
    break;
  case 'k':
    x_.arrived.skip();
    break;
  case 'o': // another node owns the servers
    x_.by = {"node" + std::to_string(in.below(2)), x_.by.epoch + 1};
    break;
  case 'p': {
    auto& port = in.flag() ? x_.users : x_.logs;
    port = {in.flag(), x_.now.steady};
    break;
  }
  case 'n': // other settings
    return make();
  case 's': {
    const bool back = in.flag();
    return x_.set_clock(back, in.span());
  }
  case 'T':
    return tick();
  case '+':
    x_.pass(in.span());
    return tick();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{fuzz::to_text(data, size)};
  if (in.step("as") == 's') {
    fuzz::check_lost_rows(in);
    return 0;
  }
  site x{in};
  constexpr int most_steps = 50; // of which each may be some dozens of polls
  for (int i = 0; i < most_steps && !in.empty(); ++i) x.step(in.step("ULHSRlugdcekopnsT+"), in);
  x.end();
  return 0;
}
