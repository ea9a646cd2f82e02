#include "actors/inbound/requests.hpp"

#include "actors/supervised.hpp"
#include "messages/text/iso_time.hpp"
#include "messages/text/json_writer.hpp"
#include "runtime/log_levels.hpp"
#include "runtime/status/status_json.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
namespace log = runtime::log;
using messages::item_class;
using messages::json_writer;
using messages::request;
using messages::request_command;
using self_pointer = requests_actor::stateful_pointer<requests_state>;

constexpr auto look_interval = 1s;

// --- answers --------------------------------------------------------------------------------------

/// Goes by the configured level, too: requests to be silent about requests do not count.
void record(self_pointer self, log::level l, const std::string& text) {
  if (l <= self->state.options.level || log::enabled(l)) log::write(l, text);
}

void answer(self_pointer self, const requester& to, const std::string& payload, bool ok,
            const std::string& outcome) {
  auto& st = self->state;
  const bool known = messages::command_of(to.command).has_value();
  st.env->counters.count("requests_total",
                         {{"command", known ? to.command : "(unknown)"}, {"result", ok ? "ok" : "error"}});
  record(self, ok ? log::level::info : log::level::warn,
         fmt::format("request {} over MQTT: {}", to.asked, outcome));
  const auto listener = st.env->names.find_as<listener_actor>(names::listener);
  if (!listener) return; // and nobody who could have asked
  self->send(listener,
             messages::spoken_message{
                 to.topic, payload, to.correlation,
                 messages::error_answer("the answer is larger than the broker takes", to.transaction)});
}

/// `done`: in the log.
void succeed(self_pointer self, const requester& to, const std::string& data, const std::string& done = {}) {
  answer(self, to, messages::ok_answer(data, to.transaction), true, done.empty() ? "ok" : "ok, " + done);
}

void fail(self_pointer self, const requester& to, const std::string& why) {
  answer(self, to, messages::error_answer(why, to.transaction), false, why);
}

// --- commands -------------------------------------------------------------------------------------

void ping(self_pointer self, const requester& from) {
  const auto& o = self->state.options;
  const auto now = caf::make_timestamp();
  json_writer out;
  out.begin_object().key("node").text(o.topics.node).key("version").text(o.version);
  out.key("timestamp").text(messages::iso_time(now)).key("started").text(messages::iso_time(o.started));
  succeed(self, from, out.end_object().take());
}

void look(self_pointer self) {
  auto& st = self->state;
  if (st.options.look) st.newest = st.options.look();
}

void status(self_pointer self, const requester& from) {
  auto& st = self->state;
  if (!st.newest) look(self);
  if (!st.newest) return fail(self, from, "the status is not known");
  succeed(self, from, runtime::status_json(*st.newest));
}

/// Tells what came of a reload, also of one that never began because another one has taken its place.
class reload_ticket {
public:
  reload_ticket(context_ptr env, std::shared_ptr<open_requests::reload_outcome> outcome)
      : env_(std::move(env)), outcome_(std::move(outcome)) {}
  ~reload_ticket() { tell({{}, "faulty", "another reload has taken its place"}); }
  reload_ticket(const reload_ticket&) = delete;
  reload_ticket& operator=(const reload_ticket&) = delete;

  void tell(const runtime::reload_fact& x) {
    if (std::exchange(told_, true)) return;
    outcome_->store(x);
    if (auto whoever = env_->names.find_as<requests_actor>(names::requests))
      caf::anon_send(whoever, wake_atom_v);
  }

private:
  context_ptr env_;
  std::shared_ptr<open_requests::reload_outcome> outcome_;
  bool told_ = false; // by one thread
};

void reload(self_pointer self, const requester& from) {
  auto& st = self->state;
  if (!st.options.reload) return fail(self, from, "the configuration can't be reloaded");
  const auto now = self->clock().now();
  const auto outcome = std::make_shared<open_requests::reload_outcome>();
  const bool begins = st.own.with([&](open_requests& x) {
    if (x.reloading) return false;
    x.reloading = outcome;
    x.reload = from;
    x.reload_until = now + st.options.patience;
    return true;
  });
  if (!begins) return fail(self, from, "another reload is under way");
  st.options.reload([ticket = std::make_shared<reload_ticket>(st.env, outcome)](
                        const runtime::reload_fact& x) { ticket->tell(x); });
}

std::optional<requester> take_reload(self_pointer self) {
  return self->state.own.with([](open_requests& x) { return std::exchange(x.reload, std::nullopt); });
}

void look_at_reload(self_pointer self) {
  const auto x = self->state.own.with([](open_requests& o) {
    auto outcome = o.reloading ? *o.reloading->load() : std::nullopt;
    if (outcome) o.reloading.reset();
    return outcome;
  });
  if (!x) return;
  const auto from = take_reload(self);
  if (!from) return; // it was told that it takes long
  if (x->result == "faulty") return fail(self, *from, x->text);
  json_writer out;
  out.begin_object().key("result").text(x->result).key("text").text(x->text);
  succeed(self, *from, out.end_object().take());
}

void log_level(self_pointer self, const request& r, const requester& from) {
  auto& st = self->state;
  const auto level = log::level_from_name(r["level"]);
  if (!level) return fail(self, from, R"("level" must be error, warn, info, verbose, debug or silly)");
  const auto seconds = number_of(r, "seconds", 1, 3600, 600);
  if (!seconds) return fail(self, from, R"("seconds" must be a whole number from 1 to 3600)");
  const std::chrono::seconds time{*seconds};
  st.own.with([&, now = self->clock().now()](open_requests& x) { x.log_level = {*level, now + time}; });
  json_writer out;
  out.begin_object().key("level").text(r["level"]).key("seconds").integer(static_cast<int64_t>(*seconds));
  out.key("until").text(messages::iso_time(caf::make_timestamp() + time));
  if (!log::enabled(*level)) log::set_threshold(*level); // of two levels the one that tells more has its line
  succeed(self, from, out.end_object().take(), fmt::format("level {} for {} s", r["level"], *seconds));
  log::set_threshold(*level);
}

void poll_now(self_pointer self, const request& r, const requester& from) {
  constexpr std::string_view polling = "polling/";
  constexpr auto apart = 5ms; // a handshake takes the processor 2
  auto& st = self->state;
  const auto& registry = st.env->names;
  std::vector<std::string> servers;
  for (auto& x : registry.names())
    if (x.compare(0, polling.size(), polling) == 0) {
      auto server = x.substr(polling.size());
      if (r["server"].empty() || r["server"] == server) servers.push_back(std::move(server));
    }
  if (servers.empty())
    return fail(self, from,
                r["server"].empty() ? "this node polls no server" : "this node polls no server of that name");
  const auto now = self->clock().now();
  if (now < st.polls_until) return fail(self, from, "a round of polls is under way");
  json_writer out;
  out.begin_object().key("servers").begin_array();
  auto delay = 0ms;
  for (const auto& x : servers) {
    out.text(x);
    if (const auto poller = registry.find_as<sense_poller_actor>(std::string{polling} + x))
      self->delayed_send(poller, delay, poll_atom_v);
    delay += apart;
  }
  st.polls_until = now + delay;
  succeed(self, from, out.end_array().end_object().take(), fmt::format("servers: {}", servers.size()));
}

/// Asks for a number, which becomes the answer.
template <class Handle, class... Ts>
void ask(self_pointer self, const Handle& whom, const requester& from, const char* key, const Ts&... xs) {
  self->request(whom, self->state.options.patience, xs...)
      .then(
          [self, from, key](uint64_t n) {
            json_writer out;
            out.begin_object().key(key).integer(static_cast<int64_t>(n));
            succeed(self, from, out.end_object().take(), fmt::format("{}: {}", key, n));
          },
          [self, from](caf::error& e) {
            fail(self, from,
                 e == caf::sec::unavailable_or_would_block ? "too much waits to be published: try again later"
                                                           : "who was to do it does not answer");
          });
}

void snapshot(self_pointer self, const requester& from) {
  const auto outbox = self->state.env->names.find_as<outbox_actor>(names::outbox);
  if (!outbox) return fail(self, from, "the outbox is being restarted");
  ++self->state.env->asked_for_all; // what is not retained comes with the next polls
  ask(self, outbox, from, "topics", again_atom_v);
}

void rediscover(self_pointer self, const requester& from) {
  const auto discovery = self->state.env->names.find_as<again_taker>(names::discovery);
  if (!discovery) return fail(self, from, "homeAssistant is not enabled");
  ask(self, discovery, from, "devices", again_atom_v);
}

void replay(self_pointer self, const request& r, const requester& from) {
  messages::repeat_events what;
  bool known = false;
  std::string names_of_all;
  for (size_t i = 0; i < messages::item_class_count; ++i) {
    const auto c = static_cast<item_class>(i);
    if (messages::is_state(c)) continue;
    names_of_all += (names_of_all.empty() ? "" : ", ") + std::string{to_string_view(c)};
    if (to_string_view(c) != r["class"]) continue;
    what.cls = c;
    known = true;
  }
  if (!known) return fail(self, from, "\"class\" must be one of " + names_of_all);
  const auto count = number_of(r, "count", 1, 100'000, 100);
  if (!count) return fail(self, from, R"("count" must be a whole number from 1 to 100000)");
  what.count = static_cast<uint32_t>(*count);
  const auto outbox = self->state.env->names.find_as<outbox_actor>(names::outbox);
  if (!outbox) return fail(self, from, "the outbox is being restarted");
  ask(self, outbox, from, "events", what);
}

void carry_out(self_pointer self, request_command what, const request& r, const requester& from) {
  switch (what) {
  case request_command::ping:
    return ping(self, from);
  case request_command::status:
    return status(self, from);
  case request_command::reload:
    return reload(self, from);
  case request_command::log_level:
    return log_level(self, r, from);
  case request_command::poll_now:
    return poll_now(self, r, from);
  case request_command::snapshot:
    return snapshot(self, from);
  case request_command::rediscover:
    return rediscover(self, from);
  case request_command::replay:
    return replay(self, r, from);
  }
}

// --- what comes in --------------------------------------------------------------------------------

/// Requests that are ignored, each kind with a line in ten seconds.
void ignore(self_pointer self, const std::string& reason, const std::string& what, const std::string& topic) {
  auto& st = self->state;
  st.env->counters.count("requests_ignored_total", {{"reason", reason}});
  auto& often = st.causes[reason];
  if (often.pass(self->clock().now()))
    record(self, log::level::warn, fmt::format("request to {} ignored: {}{}", topic, what, often.suffix()));
}

bool allowed_by_rate(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  const std::chrono::duration<double> passed = now - std::exchange(st.allowance_at, now);
  const double most = st.options.most_per_second;
  st.allowance = std::min(most, st.allowance + passed.count() * most);
  if (st.allowance < 1) return false;
  st.allowance -= 1;
  return true;
}

void heard(self_pointer self, const messages::heard_message& m) {
  auto& st = self->state;
  const auto topic = m.topic.substr(0, 200);
  if (m.retained)
    return ignore(self, "retained", "the broker has kept it; it would be carried out with each connection",
                  topic);
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(self->clock().now().time_since_epoch());
  if (now.count() - m.at_ms > st.options.max_age.count())
    return ignore(self, "too_old", "it has waited too long", topic);
  if (!allowed_by_rate(self))
    return ignore(self, "rate_limit", fmt::format("more than {} a second", st.options.most_per_second),
                  topic);
  const auto r = messages::judge(m, st.options.topics, st.options.allow);
  const requester from{r.what.command, r.answer_to, m.correlation, r.what.transaction,
                       messages::described(r.what)};
  if (!r.command) return fail(self, from, r.refusal);
  carry_out(self, *r.command, r.what, from);
}

// --- time -----------------------------------------------------------------------------------------

void watch(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  look_at_reload(self);
  const auto [over, level, no_answer] = st.own.with([&](open_requests& x) {
    auto& l = x.log_level;
    const bool set = l.until != open_requests::time_point{};
    const bool ends = set && now >= l.until;
    if (ends) l.until = {};
    return std::tuple(ends, set ? std::optional{l.now} : std::nullopt, x.reload && now >= x.reload_until);
  });
  if (over) {
    log::set_threshold(st.options.level);
    log::info("the log level is the configured one again");
  } else if (level) {
    log::set_threshold(*level); // a reload may have set it
  }
  if (no_answer)
    if (const auto from = take_reload(self)) fail(self, *from, "the reload has not ended yet");
  look(self); // whether or not somebody asks, so that it is known since when what holds
}

} // namespace

requests_actor::behavior_type requests(self_pointer self, context_ptr env, requests_options options,
                                       std::shared_ptr<requests_estate> own) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.own = requests_estate::enter(own);
  st.own.with([now = self->clock().now()](open_requests& x) { // whoever asked in former times has gone
    if (x.reload && now >= x.reload_until) x.reload.reset();
  });
  st.allowance = st.options.most_per_second;
  st.allowance_at = self->clock().now();
  self->set_exit_handler([self](caf::exit_msg& em) {
    auto& state = self->state;
    if (em.reason == caf::exit_reason::user_shutdown &&
        state.own.with([](open_requests& x) { return x.log_level.until != open_requests::time_point{}; }))
      log::set_threshold(state.options.level);
    self->quit(em.reason);
  });
  self->delayed_send(self, look_interval, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(st.own),
      [self](const messages::heard_message& x) {
        heard(self, x);
        return caf::ok_atom_v;
      },
      [self](wake_atom) { look_at_reload(self); },
      [self](caf::tick_atom) {
        self->delayed_send(self, look_interval, caf::tick_atom_v);
        watch(self);
      },
  };
}

} // namespace senseflow::actors
