#include "actors/polling/sense_poller.hpp"

#include "actors/supervised.hpp"
#include "messages/insights/noted.hpp"
#include "messages/text/text.hpp"
#include "runtime/log.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace senseflow::actors {

namespace {

namespace log = runtime::log;
using messages::item_class;
using self_pointer = sense_poller_actor::stateful_pointer<sense_poller_state>;

std::string name_of(const polled_api& api) {
  return std::string{to_string_view(api.cls)} + api.virtual_proxy;
}

runtime::metrics::labels labels(const sense_poller_state& st, const polled_api& api) {
  return {{"server", st.options.server}, {"api", name_of(api)}};
}

void count(const sense_poller_state& st, const polled_api& api, const char* what, std::string_view reason) {
  auto l = labels(st, api);
  l["reason"] = std::string{reason};
  st.env->counters.count(what, l);
}

runtime::histogram& duration_of(const sense_poller_state& st, const polled_api& api) {
  auto& x = st.env->timings;
  return api.cls == item_class::health ? x.poll_duration : x.session_poll_duration;
}

runtime::histogram& lateness_of(const sense_poller_state& st, const polled_api& api) {
  auto& x = st.env->timings;
  return api.cls == item_class::health ? x.poll_lateness : x.session_poll_lateness;
}

std::string title(const sense_poller_state& st, const polled_api& api) {
  return api.cls == item_class::health
             ? fmt::format("{} health API", st.options.server)
             : fmt::format("{} session API {}", st.options.server, api.virtual_proxy);
}

/// Not before `from`. Who was held up for a whole interval leaves turns out.
std::chrono::steady_clock::time_point next_turn(const sense_poller_options& o, const polled_api& api,
                                                std::chrono::steady_clock::time_point from) {
  const auto first = o.epoch + std::chrono::duration_cast<std::chrono::steady_clock::duration>(api.phase);
  if (first >= from) return first;
  return first + ((from - first - std::chrono::nanoseconds(1)) / api.interval + 1) * api.interval;
}

/// Arms the next call and returns the time at which this one was due.
std::chrono::steady_clock::time_point arm(self_pointer self, uint32_t index) {
  auto& st = self->state;
  auto& due = st.apis[index].due;
  auto was = due;
  auto now = self->clock().now();
  due = next_turn(st.options, st.options.apis[index], now + std::chrono::nanoseconds(1));
  self->delayed_send(self, due - now, caf::tick_atom_v, index);
  return was;
}

/// Whoever asks for polls asks no more often of Sense.
constexpr auto least_apart = std::chrono::milliseconds(1000);

/// Shorter than this a call is not worth to begin: it would be cut short.
constexpr auto least_certainty = std::chrono::milliseconds(1000);

/// Who asks for the right to make a call, right before it.
std::function<runtime::http_request::permit()> permit_for(const sense_poller_state& st, uint32_t index) {
  const auto at_least = std::min(st.options.apis[index].request.timeout, least_certainty);
  return [permit = st.options.permit, epoch = st.apis[index].epoch,
          at_least]() -> runtime::http_request::permit {
    auto call = poll_permit::begin(permit, at_least);
    if (!call) return {};
    *epoch = call->epoch();
    return {call, [call] { return call->deadline(); }};
  };
}

/// Whoever gives the server to another node waits for calls that come soon.
void tell_next_call(sense_poller_state& st) {
  if (!st.options.permit) return;
  auto next = std::chrono::steady_clock::time_point::max();
  for (const auto& x : st.apis)
    if (x.in_flight == 0) next = std::min(next, x.due);
  st.options.permit->next_call(next);
}

void call(self_pointer self, uint32_t index, std::chrono::steady_clock::time_point due) {
  auto& st = self->state;
  auto& api = st.options.apis[index];
  if (st.apis[index].in_flight != 0)
    return count(st, api, "poll_skipped_total", *st.apis[index].waiting ? "waiting_turn" : "in_flight");
  // At most one sample per API on its way: the next poll carries newer data anyway.
  if (st.link.with([](outlet& o) { return o.waiting() + o.on_the_way(); }) >= st.apis.size()) {
    tell_next_call(st);
    return count(st, api, "poll_skipped_total", "no_demand");
  }
  st.apis[index].begun = self->clock().now();
  auto lateness = std::chrono::duration_cast<std::chrono::microseconds>(st.apis[index].begun - due);
  auto l = labels(st, api);
  st.env->counters.count("polls_total", l);
  st.env->counters.count("poll_lateness_us_total", l, static_cast<double>(lateness.count()));
  lateness_of(st, api).observe(lateness);
  auto id = ++st.last_call * st.apis.size() + index; // tells the API
  st.apis[index].in_flight = id;
  auto request = api.request;
  request.waiting = st.apis[index].waiting;
  if (st.options.permit) request.ask_permit = permit_for(st, index);
  st.options.http->get(id, std::move(request), [address = self->address()](runtime::http_response x) {
    if (auto strong = caf::actor_cast<caf::actor>(address)) caf::anon_send(strong, std::move(x));
  });
}

void poll(self_pointer self, uint32_t index) {
  if (self->state.stopping) return;
  const auto due = arm(self, index);
  call(self, index, due);
}

/// On request: beside the schedule, which stays.
void poll_now(self_pointer self) {
  auto& st = self->state;
  if (st.stopping) return;
  const auto now = self->clock().now();
  for (uint32_t i = 0; i < st.apis.size(); ++i)
    if (const auto begun = st.apis[i].begun;
        begun != std::chrono::steady_clock::time_point{} && now - begun < least_apart)
      count(st, st.options.apis[i], "poll_skipped_total", "just_polled");
    else
      call(self, i, now);
}

/// A log line when an API stops working, fails in another way, or works again.
void note(self_pointer self, uint32_t index, const std::string& trouble) {
  auto& st = self->state;
  auto& state = st.apis[index];
  const auto& api = st.options.apis[index];
  if (state.trouble.is_news(trouble, self->clock().now()))
    log::line(trouble.empty() ? log::level::info : log::level::warn, "{}: {}{}", title(st, api),
              trouble.empty() ? "recovered" : trouble, state.trouble.suffix());
  else if (trouble.empty() && !state.known)
    log::verbose("{}: answering", title(st, api));
  state.known = true;
}

/// Becomes an item, in one piece: of an incarnation that was given up nothing is counted.
template <class Item>
void publish(sense_poller_state& st, Item item) {
  item.server = st.options.server;
  item.host = st.options.host;
  item.by = {st.options.node, st.epoch};
  st.link.with([&](outlet& o) {
    st.env->book.received(class_of(item), item.server);
    o.push(std::move(item));
  });
}

/// What a poll came to says how well the server answers. A change is known and told in one piece, or a crash
/// in between would leave it untold.
void judge(self_pointer self, const polled_api& api, poll_outcome outcome, const std::string& detail) {
  auto& st = self->state;
  const messages::moment now{caf::make_timestamp(), self->clock().now()};
  const auto change = st.availability.with([&](availability_tracker& t) {
    auto result = t.ended(name_of(api), outcome, now);
    if (result) publish(st, result->now);
    st.env->notices.servers.update(st.options.server, [&](runtime::server_notice& x) {
      x.host = st.options.host;
      x.state = t.known(now);
      if (!x.state || x.state->error.empty())
        x.detail.clear();
      else if (!detail.empty())
        x.detail = detail;
    });
    return result;
  });
  if (change && change->state_changed)
    st.env->counters.count(
        "server_state_changes_total",
        {{"server", st.options.server}, {"state", std::string{to_string_view(change->now.state)}}});
}

/// The engine's answer tells whether it is still the same engine.
void compare(self_pointer self, const messages::health_sample& sample) {
  auto& st = self->state;
  const auto events = st.availability.with([&](availability_tracker& t) {
    auto result = t.engine(sample[messages::health_value::started].text,
                           sample[messages::health_value::version].text, caf::make_timestamp());
    for (const auto& x : result) publish(st, x);
    return result;
  });
  for (const auto& x : events) {
    const bool restarted = x.kind == messages::server_event_kind::engine_restarted;
    if (st.engine_news.pass(to_string_view(x.kind), self->clock().now()))
      log::info(restarted ? "{}: the engine was restarted (started {}, before that {}){}"
                          : "{}: version changed to {} from {}{}",
                st.options.server, x.new_value, x.old_value, st.engine_news.suffix());
  }
}

std::optional<uint64_t> count_of(const messages::json_scalar& x) {
  const auto n = x.kind == messages::scalar_kind::number ? messages::whole_number(x.text) : -1;
  if (!(n >= 0 && n < 1e15)) return std::nullopt;
  return static_cast<uint64_t>(n);
}

void notice(const sense_poller_state& st, const runtime::http_response& x,
            const messages::health_sample& sample) {
  st.env->notices.servers.update(st.options.server, [&](runtime::server_notice& to) {
    to.poll = std::chrono::microseconds(x.duration_us);
    to.users = count_of(sample[messages::health_value::users_total]);
    to.sessions = count_of(sample[messages::health_value::session_total]);
    if (const auto& version = sample[messages::health_value::version].text; !version.empty())
      to.version = messages::cleaned(version, 100); // much more than Sense sends
  });
}

/// What the answer tells beside its body, good or not: the server's clock, and its certificate.
void note_server(const sense_poller_state& st, const polled_api& api, const runtime::http_response& x) {
  if (x.server_time == 0 && x.certificate.not_after == 0) return;
  using std::chrono::microseconds;
  using std::chrono::seconds;
  st.env->notices.servers.update(st.options.server, [&](runtime::server_notice& to) {
    // Before it was asked there may have been a connection to be set up.
    if (x.server_time != 0)
      to.clock = {{st.options.node, st.epoch},
                  seconds(x.server_time),
                  x.answered - microseconds(x.duration_us - std::min(x.connected_us, x.duration_us)),
                  x.answered};
    if (x.certificate.not_after != 0)
      to.certificates[name_of(api)] = {"", "", x.certificate.subject, x.certificate.issuer,
                                       messages::insights::end_of_validity(x.certificate.not_after)};
  });
}

template <class Sample>
void push(sense_poller_state& st, const runtime::http_response& x, Sample& sample) {
  sample.timestamp = caf::make_timestamp();
  sample.duration = std::chrono::microseconds(x.duration_us);
  publish(st, std::move(sample));
}

/// Returns the reason if the body is of no use.
std::string_view take_body(self_pointer self, const polled_api& api, const runtime::http_response& x) {
  auto& st = self->state;
  if (api.cls == item_class::health) {
    auto sample = messages::parse_health(x.body);
    if (!sample) return sample.reason;
    sample->tags = st.options.tags;
    compare(self, *sample);
    notice(st, x, *sample);
    push(st, x, *sample);
  } else {
    auto sample = messages::parse_sessions(x.body);
    if (!sample) return sample.reason;
    sample->virtual_proxy = api.virtual_proxy;
    push(st, x, *sample);
  }
  return {};
}

/// Where the time went before the request was sent.
void count_connecting(const sense_poller_state& st, const polled_api& api, const runtime::http_response& x) {
  auto l = labels(st, api);
  st.env->counters.count("poll_wait_us_total", l, static_cast<double>(x.waited_us));
  if (x.connected_us == 0) return;
  st.env->counters.count("poll_connections_total", l);
  st.env->counters.count("poll_connection_us_total", l, static_cast<double>(x.connected_us));
  if (std::chrono::microseconds(x.connected_us) > api.request.timeout)
    st.env->counters.count("poll_connections_late_total", l);
}

void end_when_empty(self_pointer self) {
  if (self->state.stopping && self->state.link.with([](outlet& o) { return o.empty(); }))
    self->quit(caf::exit_reason::user_shutdown);
}

void answered(self_pointer self, const runtime::http_response& x) {
  auto& st = self->state;
  auto index = static_cast<uint32_t>(x.id % st.apis.size());
  if (st.apis[index].in_flight != x.id) return;
  st.apis[index].in_flight = 0;
  tell_next_call(st);
  const auto& api = st.options.apis[index];
  st.epoch = *st.apis[index].epoch;
  count_connecting(st, api, x);
  if (x.error != runtime::http_error::not_permitted)
    duration_of(st, api).observe(std::chrono::microseconds(x.duration_us));
  if (x.error == runtime::http_error::not_permitted) {
    count(st, api, "poll_skipped_total", to_string_view(x.error));
    return st.link.pump();
  }
  note_server(st, api, x);
  if (x.error != runtime::http_error::none) {
    count(st, api, "poll_failures_total", to_string_view(x.error));
    note(self, index, x.detail);
    // What we lack ourselves says nothing about the server.
    if (x.error != runtime::http_error::no_descriptors)
      judge(self, api, {to_string_view(x.error), x.error == runtime::http_error::status ? x.status : 0},
            x.detail);
    return st.link.pump();
  }
  auto reason = take_body(self, api, x);
  if (!reason.empty()) {
    st.link.with([&](outlet&) { // both or none
      st.env->book.received(api.cls, st.options.server);
      st.env->book.dropped(api.cls, st.options.server, runtime::place::source, reason);
    });
    count(st, api, "poll_failures_total", reason);
    const auto detail = fmt::format("unusable response from {} ({}).", api.request.url, reason);
    note(self, index, detail);
    judge(self, api, {"body"}, detail);
    return st.link.pump();
  }
  note(self, index, {});
  judge(self, api, {}, {});
  st.link.pump();
}

} // namespace

sense_poller_actor::behavior_type sense_poller(self_pointer self, context_ptr env,
                                               sense_poller_options options,
                                               std::shared_ptr<sense_poller_estate> own) {
  auto& st = self->state;
  st.env = std::move(env);
  st.options = std::move(options);
  st.apis.resize(st.options.apis.size());
  tell_crashes(self);
  st.availability = runtime::estate<availability_tracker>::enter(own->availability);
  std::vector<std::string> names;
  for (const auto& api : st.options.apis) names.push_back(name_of(api));
  st.availability.with([&](availability_tracker& t) { t.watch(names); });
  st.link = {self,
             st.env,
             runtime::estate<outlet>::enter(own->items),
             st.options.timeout,
             [self] { end_when_empty(self); },
             names::pollers};
  self->set_down_handler([self](caf::down_msg& dm) { self->state.link.down(dm.source); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    self->state.stopping = true;
    end_when_empty(self);
  });
  st.link.look();
  auto now = self->clock().now();
  for (uint32_t i = 0; i < st.apis.size(); ++i) {
    const auto& api = st.options.apis[i];
    auto due = next_turn(st.options, api, now);
    if (api.at_start && due - now > *api.at_start + api.interval / 2) due = now + *api.at_start;
    st.apis[i].due = due;
    self->delayed_send(self, due - now, caf::tick_atom_v, i);
  }
  tell_next_call(st);
  return {
      answer_ping(),
      crash_on_request(st.link),
      [self](poll_atom) { poll_now(self); },
      [self](caf::tick_atom, uint32_t index) { poll(self, index); },
      [self](const runtime::http_response& x) { answered(self, x); },
      [self](retry_atom) { self->state.link.look(); },
  };
}

} // namespace senseflow::actors
