#include "actors/ingest/datagram_port.hpp"

#include <utility>

namespace senseflow::actors {

namespace {

constexpr size_t many = 1000;

} // namespace

datagram_port::~datagram_port() {
  if (!source_) return;
  source_->stop();
  account_for_losses();
  while (const auto n = source_->take(many).size()) drop("shutdown", n);
}

void datagram_port::use(context_ptr env, messages::item_class cls, datagram_guard guard,
                        std::shared_ptr<event_gate> gate, event_folding_lookups folding) {
  gate_ = std::move(gate);
  folding_.use(env, std::move(folding));
  env_ = std::move(env);
  cls_ = cls;
  guard_ = std::move(guard);
}

void datagram_port::open(std::shared_ptr<runtime::datagram_source> source) {
  source_ = std::move(source);
  seen_ = {};
}

void datagram_port::close() { source_ = nullptr; }

void datagram_port::drop(std::string_view reason, uint64_t n) {
  env_->book.received(cls_, "", n);
  env_->book.dropped(cls_, "", runtime::place::source, reason, n);
}

/// It ends here, as one that a rule has filtered ends at the encoder.
bool datagram_port::folded(const messages::log_event& x, time_point now) {
  const auto rule = folding_.take(x, now);
  if (rule.empty()) return false;
  env_->book.filtered(cls_, origin_of(x), rule);
  if (gate_ && x.id) gate_->ended(x.id);
  return true;
}

std::string_view datagram_port::parse(outlet& to, const runtime::datagram& x, time_point now) {
  const auto push = [&](auto&& event) -> std::string_view {
    if (!event) return event.reason;
    event->received = caf::make_timestamp();
    env_->book.received(cls_, origin_of(*event));
    if (arrivals_) arrivals_->note(*event, now);
    if (gate_) {
      const auto verdict = gate_->admit(*event, x.bytes, now);
      if (verdict == event_gate::verdict::known)
        env_->book.filtered(cls_, origin_of(*event), runtime::published_by_another_node);
      if (verdict != event_gate::verdict::publish) return {};
    }
    if (!folded(*event, now)) to.push(std::move(*event));
    return {};
  };
  return cls_ == messages::item_class::user_event ? push(messages::parse_user_event(x.bytes))
                                                  : push(messages::parse_log_event(x.bytes));
}

std::string_view datagram_port::put(outlet& to, const runtime::datagram& x, time_point now) {
  auto reason = guard_.reject(x, now);
  if (reason.empty())
    reason = parse(to, x, now);
  else if (arrivals_ && reason != "source_not_allowed")
    arrivals_->skip();
  if (!reason.empty()) drop(reason, 1);
  return reason;
}

size_t datagram_port::take(outlet& to, size_t n, time_point now, const on_drop& dropped) {
  if (!source_ || n == 0) return 0;
  const auto datagrams = source_->take(n);
  for (const auto& x : datagrams) {
    const auto reason = put(to, x, now);
    if (!reason.empty() && dropped) dropped(x, reason);
  }
  return datagrams.size();
}

uint64_t datagram_port::account_for_losses() {
  if (!source_) return untold_;
  const auto now = source_->counters();
  const auto drops = now.kernel_drops - seen_.kernel_drops;
  const auto cut = now.truncated - seen_.truncated;
  seen_ = now;
  if (drops > 0) env_->book.kernel_drops(cls_, drops);
  if (cut > 0) drop("too_large", cut);
  if (cut > 0 && arrivals_) arrivals_->skip();
  return untold_ += drops;
}

void datagram_port::follow_arrivals(std::shared_ptr<const messages::insights::server_of_host> hosts) {
  if (!hosts) return arrivals_.reset();
  if (!arrivals_) arrivals_.emplace();
  arrivals_->know(std::move(hosts));
}

void datagram_port::settle(outlet& to, time_point now) {
  if (source_) {
    source_->stop();
    account_for_losses();
    while (take(to, many, now, {}) > 0) {
    }
  }
  folding_.push_all(to);
}

} // namespace senseflow::actors
