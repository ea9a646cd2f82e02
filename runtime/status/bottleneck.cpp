#include "runtime/status/bottleneck.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace senseflow::runtime {

namespace {

using stage = bottleneck::stage;

constexpr double much = 0.5;           ///< of the time
constexpr double busy = 0.8;           ///< of the time: it has no more
constexpr uint64_t backlog = 1000;     ///< events: more than are on their way in passing
constexpr uint32_t large_window = 256; ///< messages: a larger one moves nothing

work_trend of(const trends& t, const std::string& name) {
  const auto i = t.work.find(name);
  return i == t.work.end() ? work_trend{} : i->second;
}

/// Of all publishers, since each carries a part.
double window_full(const trends& t) {
  double result = 0;
  for (const auto& [name, work] : t.work)
    if (name.rfind("delivery/publisher-", 0) == 0) result = std::max(result, work.waited);
  return result;
}

double percent(double share) { return share * 100; }

bottleneck window(const facts& x, const trends& t, double full) {
  const auto ack = t.acknowledgement.quantile(0.5);
  uint32_t granted = 0;
  for (const auto& [slot, b] : x.brokers)
    if (b.connected) granted = std::max(granted, b.window);
  const auto times =
      ack ? fmt::format(", half of the messages are acknowledged within {:.0f} ms", *ack * 1e3) : "";
  const auto text = fmt::format("The broker's window is full {:.0f} % of the time{}.", percent(full), times);
  if (granted > 0 && granted < x.settings.window)
    return {stage::broker, fmt::format("{} The broker takes {} messages at a time.", text, granted),
            "the broker's own limit (mosquitto: max_inflight_messages)"};
  if (granted >= large_window) return {stage::broker, text + " A larger one would not help.", ""};
  return {stage::broker_window, text, "actors.publishers.window"};
}

} // namespace

std::string_view to_string_view(stage x) {
  constexpr std::string_view names[] = {"none", "network", "encoder", "disk", "broker_window", "broker"};
  return names[static_cast<size_t>(x)];
}

bottleneck bottleneck_of(const facts& x, const trends& t) {
  if (!x.broker_connected()) return {stage::broker, "No broker is connected.", ""};
  const auto outbox = of(t, "delivery/outbox"), spool = of(t, "delivery/spool"),
             encoder = of(t, "encoding/encoder");
  const auto sources = std::max(
      {of(t, "ingest/user-events").waited, of(t, "ingest/log-events").waited, of(t, "polling").waited});
  const auto full = window_full(t);
  // A journal is never sent before it is written: the disk comes first then.
  if (x.settings.mode == "journal" && spool.waited > busy)
    return {stage::disk,
            fmt::format("The spool's disk is at work {:.0f} % of the time.", percent(spool.waited)),
            "delivery.journal.maxDelay"};
  if (full > much) return window(x, t, full);
  if (outbox.refused > much && spool.waited > much)
    return {stage::disk,
            fmt::format("The spool's disk is at work {:.0f} % of the time.", percent(spool.waited)),
            "delivery.memory.maxBytes"};
  if (encoder.busy > busy)
    return {stage::encoder,
            fmt::format("The encoder is at work {:.0f} % of the time.", percent(encoder.busy)),
            "actors.scheduler.threads"};
  if (t.kernel_drops > 0)
    return {stage::network,
            fmt::format("The kernel drops {:.1f} datagrams a second: the receive buffer is full.",
                        t.kernel_drops),
            "udpServerConfig.receiveBuffer"};
  if (sources > much)
    return {
        stage::encoder,
        fmt::format("Sources wait {:.0f} % of the time, though no stage is full: the machine has too little "
                    "processor time.",
                    percent(sources)),
        "actors.scheduler.threads"};
  if (const auto n = x.pending_events(); n >= backlog)
    return {stage::none,
            fmt::format("What arrives is not held up; {} events that have waited are being published.", n),
            "delivery.replay.rate"};
  return {stage::none, "Nothing is held up.", ""};
}

} // namespace senseflow::runtime
