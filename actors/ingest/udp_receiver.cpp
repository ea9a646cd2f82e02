#include "actors/ingest/udp_receiver.hpp"

#include "actors/supervised.hpp"
#include "messages/items/foreign_datagram.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {

using namespace std::chrono_literals;
namespace log = runtime::log;
using self_pointer = udp_receiver_actor::stateful_pointer<udp_receiver_state>;
using port = datagram_port;

constexpr size_t take_at_once = 256;
constexpr auto look_up_timeout = 10s;

std::string_view what(const udp_receiver_options& o) {
  return o.cls == messages::item_class::user_event ? "user events" : "log events";
}

/// That a datagram was dropped.
void tell(const udp_receiver_state& st, const runtime::datagram& x, std::string_view reason,
          uint64_t untold) {
  const auto place = st.options.cls == messages::item_class::user_event ? messages::event_port::user_events
                                                                        : messages::event_port::log_events;
  auto kind = messages::looks_like(x.bytes, place);
  if (!kind.empty()) kind.insert(0, "; looks like ");
  log::warn("datagram from {} to the port for {} ({}) dropped, {}: \"{}\", {} bytes{}{}", x.from,
            what(st.options), st.options.port, reason, messages::excerpt(x.bytes), x.bytes.size(), kind,
            untold > 0 ? fmt::format(" ({} more of this sender since the last such line)", untold) : "");
}

void warn_when_full(self_pointer self, size_t waiting) {
  auto& st = self->state;
  if (waiting * 100 < st.options.max_waiting * st.options.warn_percent) return;
  st.env->counters.count("receiver_congested_total",
                         {{"class", std::string{to_string_view(st.options.cls)}}});
  if (st.queue_trouble.pass(self->clock().now()))
    log::verbose("the queue for {} holds {} of at most {}{}; further ones wait in the receive buffer",
                 what(st.options), waiting, st.options.max_waiting, st.queue_trouble.suffix());
}

/// `f(port, outlet)` pushes some.
template <class F>
void push_summaries(self_pointer self, F f) {
  auto& st = self->state;
  // In one piece, as what is received.
  const size_t pushed =
      st.socket.with([&](port& p) { return st.link.with([&](outlet& o) { return f(p, o); }); });
  if (pushed > 0) st.link.pump();
}

void push_due_summaries(self_pointer self) {
  push_summaries(self, [&](port& p, outlet& o) {
    return p.push_summaries(o, self->clock().now(), o.waiting() >= self->state.options.max_waiting);
  });
}

void end_when_empty(self_pointer self) {
  if (!self->state.stopping) return;
  push_summaries(self, [](port& p, outlet& o) { return p.push_all_summaries(o); });
  if (self->state.link.with([](outlet& o) { return o.empty(); })) self->quit(caf::exit_reason::user_shutdown);
}

/// Takes what there is and what there is room for.
void receive(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  const auto dropped = [&](const runtime::datagram& x, std::string_view reason) {
    if (const auto untold = st.rejections.note(x.from, reason, now)) tell(st, x, reason, *untold);
  };
  // In one piece: what is taken from the socket is in the outlet before a later incarnation can enter.
  const auto [is_open, more] = st.socket.with([&](port& p) {
    return st.link.with([&](outlet& o) {
      const auto room = st.options.max_waiting > o.waiting() ? st.options.max_waiting - o.waiting() : 0;
      const auto n = std::min(room, take_at_once);
      return std::pair{p.source() != nullptr, p.take(o, n, now, dropped) == n};
    });
  });
  if (is_open) {
    st.link.pump();
    const auto waiting = st.link.with([](outlet& o) { return o.waiting(); });
    warn_when_full(self, waiting);
    // More may be there: go on, but let others have their turn. Without room the next acceptance wakes us.
    if (more && waiting < st.options.max_waiting) {
      self->send(self, wake_atom_v);
      return;
    }
  }
  end_when_empty(self);
}

/// The lines' figures add up to what was lost: first that of a second, then of a minute each, then the rest.
void account_for_losses(self_pointer self) {
  auto& st = self->state;
  const auto lost = st.socket.with([](port& p) { return p.account_for_losses(); });
  if (lost == 0 || !(st.drop_trouble.pass(self->clock().now()) || st.stopping)) return;
  log::warn("the kernel dropped {} {}: the receive buffer of port {} was full", lost, what(st.options),
            st.options.port);
  st.socket.with([](port& p) { p.losses_told(); });
}

void watch(self_pointer self, runtime::datagram_source& source) {
  source.on_readable(waker(self));
  self->send(self, wake_atom_v);
}

void look_up(self_pointer self, const std::string& name) {
  self->state.options.names->resolve(name, look_up_timeout,
                                     [address = self->address()](const runtime::lookup_result& x) {
                                       if (auto strong = caf::actor_cast<caf::actor>(address))
                                         caf::anon_send(strong, x);
                                     });
}

void can_not_open(self_pointer self, const std::string& why) {
  auto& st = self->state;
  st.env->counters.count("port_open_failures_total", {{"port", std::to_string(st.options.port)}});
  if (st.open_trouble.pass(self->clock().now()))
    log::error("{}: {} Retrying.{}", what(st.options), why, st.open_trouble.suffix());
  st.env->notices.ports.update(st.options.cls, [&](auto& x) { x = {st.options.port, false, 0}; });
  st.opening = true;
  st.next_attempt = self->clock().now() + st.delay.next();
}

void open_at(self_pointer self, std::vector<runtime::ip_address> of_host) {
  auto& st = self->state;
  st.opening = false;
  auto opened = st.options.open(std::move(of_host));
  if (!opened.source) return can_not_open(self, opened.error);
  st.delay.reset();
  log::info("receiving {} on UDP port {}, receive buffer {} KiB{}", what(st.options), opened.port,
            opened.receive_buffer_bytes / 1024, opened.origin);
  if (!opened.warning.empty()) log::warn("{}", opened.warning);
  st.env->notices.ports.update(st.options.cls, [&](auto& x) {
    x = {opened.port, true, opened.receive_buffer_bytes};
  });
  st.socket.with([&](port& p) { p.open(opened.source); });
  watch(self, *opened.source);
}

void open(self_pointer self) {
  auto& st = self->state;
  const auto& host = st.options.host;
  if (host.empty() || runtime::parse_address(host)) return open_at(self, {});
  st.opening = false;
  st.host_asked = true;
  look_up(self, host);
}

/// What `open` waits for.
void found_host(self_pointer self, const runtime::lookup_result& x) {
  auto& st = self->state;
  if (!std::exchange(st.host_asked, false) || st.stopping) return;
  if (x.addresses.empty() && x.status == runtime::lookup_status::no_answer)
    return can_not_open(self,
                        fmt::format("UDP port {}: no name server answers for {}, the host to listen on.",
                                    st.options.port, x.name));
  open_at(self, x.addresses);
}

std::string_view trouble_of(const runtime::lookup_result& x) {
  if (x.status == runtime::lookup_status::found) return {};
  if (x.status == runtime::lookup_status::unknown_name)
    return "no such host; nothing is accepted from it. Check the name. Retrying.";
  return x.addresses.empty() ? "no name server answers; nothing is accepted from it until one does. Retrying."
                             : "no name server answers; its last known addresses stay in use. Retrying.";
}

void note(self_pointer self, const runtime::lookup_result& x) {
  auto& st = self->state;
  st.env->counters.count("source_lookups_total", {{"class", std::string{to_string_view(st.options.cls)}},
                                                  {"result", std::string{to_string_view(x.status)}}});
  auto& known = st.names_known[x.name];
  known.last = x.status;
  const auto trouble = trouble_of(x);
  if (known.trouble.is_news(trouble, self->clock().now()))
    log::line(trouble.empty() ? log::level::info : log::level::warn, "allowed source {}: {}{}", x.name,
              trouble.empty() ? "the name server answers again" : trouble, known.trouble.suffix());
}

void looked_up(self_pointer self, const runtime::lookup_result& x) {
  auto& st = self->state;
  if (x.name == st.options.host) found_host(self, x);
  if (std::find(st.names.begin(), st.names.end(), x.name) == st.names.end()) return;
  note(self, x);
  st.socket.with([&](port& p) { p.sources().learn(x, self->clock().now()); });
}

/// What was known before, to an earlier incarnation say, counts from the first datagram on.
runtime::source_list known_sources(self_pointer self) {
  auto& st = self->state;
  if (!st.options.guard.validate_source) return {};
  runtime::source_list result{st.options.allowed_sources};
  st.names = result.names();
  for (const auto& name : st.names) result.learn(st.options.names->known(name), self->clock().now());
  return result;
}

void look_up_sources(self_pointer self) {
  auto& st = self->state;
  const auto now = self->clock().now();
  const auto well = std::all_of(st.names_known.begin(), st.names_known.end(),
                                [](const auto& x) { return x.second.last == runtime::lookup_status::found; });
  const bool first = st.names_asked == std::chrono::steady_clock::time_point{};
  if (!first && now - st.names_asked < (well ? 60s : 10s)) return;
  st.names_asked = now;
  for (const auto& name : st.names) look_up(self, name);
}

/// Who has sent, for those who look on; and what was lost on the way.
void note_arrivals(self_pointer self) {
  auto& st = self->state;
  if (!st.options.follow_arrivals) return;
  using list = messages::insights::arrival_list;
  const auto now = self->clock().now();
  const bool full = st.link.with([](outlet& o) { return o.waiting(); }) >= st.options.max_waiting;
  st.socket.with([&](port& p) {
    auto* arrivals = p.arrivals();
    auto all = std::make_shared<const list>(arrivals->all(now));
    st.env->notices.arrivals.update(st.options.cls, [&](auto& x) { x = std::move(all); });
    auto& counters = st.env->counters;
    arrivals->tell_lost([&](const std::string& host, auto service, uint64_t n) {
      counters.count("datagram_gaps_total",
                     {{"host", host}, {"service", std::string{to_string_view(service)}}},
                     static_cast<double>(n));
    });
    const auto left_out = arrivals->not_followed();
    if (left_out.all() > 0)
      counters.count("datagrams_not_followed_total", {{"class", std::string{to_string_view(st.options.cls)}}},
                     static_cast<double>(left_out.all()));
    st.env->notices.ports.update(st.options.cls, [&](auto& x) {
      if (full || left_out.of_servers > 0) x.full = now;
      if (left_out.all() > 0) x.not_followed = now;
    });
  });
}

void check(self_pointer self) {
  auto& st = self->state;
  account_for_losses(self);
  note_arrivals(self);
  push_due_summaries(self);
  look_up_sources(self);
  auto failure = st.socket.with([](port& p) { return p.source() ? p.source()->failure() : std::string{}; });
  if (!failure.empty()) {
    log::error("{}: {}", what(st.options), failure);
    st.socket.with([](port& p) { p.close(); });
    st.opening = true;
  }
  if (st.opening && !st.stopping && self->clock().now() >= st.next_attempt) open(self);
}

void stop(self_pointer self) {
  auto& st = self->state;
  st.stopping = true;
  auto source = st.socket.with([](port& p) { return p.source(); });
  if (source) source->stop();
  account_for_losses(self);
  receive(self);
}

} // namespace

void settle(udp_receiver_estate& own) {
  auto items = runtime::estate<outlet>::enter(own.items);
  runtime::estate<port>::enter(own.socket).with([&](port& p) {
    items.with([&](outlet& o) { p.settle(o, std::chrono::steady_clock::now()); });
  });
}

udp_receiver_actor::behavior_type udp_receiver(self_pointer self, context_ptr env,
                                               udp_receiver_options options,
                                               std::shared_ptr<udp_receiver_estate> own) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.delay = runtime::backoff{st.options.reopen};
  st.socket = runtime::estate<port>::enter(own->socket);
  st.socket.with([&](port& p) {
    p.use(st.env, st.options.cls, datagram_guard{st.options.guard, known_sources(self)}, st.options.gate,
          st.options.folding);
    p.follow_arrivals(st.options.follow_arrivals);
  });
  if (!st.options.follow_arrivals) st.env->notices.arrivals.forget(st.options.cls);
  st.link = {self,
             st.env,
             runtime::estate<outlet>::enter(own->items),
             st.options.timeout,
             [self] { receive(self); },
             st.options.cls == messages::item_class::user_event ? names::user_events : names::log_events};
  self->set_down_handler([self](caf::down_msg& dm) { self->state.link.down(dm.source); });
  self->set_exit_handler([self](caf::exit_msg& em) {
    if (em.reason != caf::exit_reason::user_shutdown) return self->quit(em.reason);
    stop(self);
  });
  st.link.look();
  look_up_sources(self);
  if (auto source = st.socket.with([](port& p) { return p.source(); }))
    watch(self, *source);
  else
    open(self);
  self->delayed_send(self, st.options.check_interval, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(st.socket),
      [self](wake_atom) { receive(self); },
      [self](caf::tick_atom) {
        check(self);
        self->delayed_send(self, self->state.options.check_interval, caf::tick_atom_v);
      },
      [self](const runtime::lookup_result& x) { looked_up(self, x); },
      [self](retry_atom) { self->state.link.look(); },
  };
}

} // namespace senseflow::actors
