#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

constexpr bounds delay{1, 86400000};

void describe_back_off(visitor& v, back_off_settings& s) {
  v.duration({"initialDelay", "Before the first new try; doubles from try to try."}, s.initial_delay, delay);
  v.duration({"maxDelay", "Longest time between two tries."}, s.max_delay, delay);
  v.number({"jitter", "Random part of the delay."}, s.jitter_percent, {0, 100}, "%");
}

} // namespace

void describe(visitor& v, actor_settings& s) {
  v.section({"scheduler", "The threads of the actor system."}, [&] {
    v.number({"threads", "Threads; 0 = one per core, at least 2."}, s.scheduler.threads, {0, 1024}, "");
    v.number({"throughput", "Messages an actor may handle in a row."}, s.scheduler.throughput, {1, 1000000},
             "");
  });
  v.section({"encoders", "Turn samples and events into publications."}, [&] {
    v.number({"count", "How many work side by side; more than 16 find no work."}, s.encoders.count, {1, 1024},
             "");
    v.number({"window", "Items a source may have unaccepted."}, s.encoders.window, {1, 1000000}, "items");
    v.number({"batchMaxItems", "Largest batch between actors."}, s.encoders.batch_max_items, {1, 100000},
             "items");
  });
  v.section({"publishers", "Connections to the broker."}, [&] {
    v.number({"count", "How many."}, s.publishers.count, {1, 64}, "");
    v.number({"window", "MQTT messages on their way on each."}, s.publishers.window, {1, 65535}, "messages");
    v.duration({"ackTimeout", "When the broker has acknowledged nothing for so long, connect again."},
               s.publishers.ack_timeout, {1000, 3600000});
  });
  v.section({"outbox", "What waits for the broker."}, [&] {
    v.number({"highWatermark", "From which level of delivery.memory.maxBytes on the encoders are held back."},
             s.outbox.high_watermark_percent, {1, 100}, "%");
  });
  v.section({"pollers", "Requests to Sense servers."}, [&] {
    v.duration({"timeout", "For one request, redirects included."}, s.pollers.timeout, {1, 600000});
    v.number({"maxBodyBytes", "Larger answers are refused."}, s.pollers.max_body_bytes, {1024, 1073741824},
             "bytes");
    v.number({"maxConnections", "Connections at a time; 0 = two per server."}, s.pollers.max_connections,
             {0, 65535}, "");
  });
  v.section({"reconnect", "When the broker is away."}, [&] { describe_back_off(v, s.reconnect); });
  v.section({"supervision", "When an actor fails."}, [&] {
    auto& x = s.supervision;
    v.number({"maxRestarts",
              "More failures than this within `period`, or of one actor in a row, end the process."},
             x.max_restarts, {0, 1000000}, "");
    v.duration({"period", "See maxRestarts."}, x.period, delay);
    describe_back_off(v, x.back_off);
    v.duration({"stableAfter", "A run of this length ends a row of failures and starts the delays anew."},
               x.stable_after, delay);
    v.duration({"pingInterval", "How often an actor is asked whether it lives."}, x.ping_interval, delay);
    v.duration({"hangTimeout", "Without an answer for this long it counts as failed."}, x.hang_timeout,
               delay);
    v.duration({"stopTimeout", "How long an actor may take to end."}, x.stop_timeout, delay);
  });
}

} // namespace senseflow::config::schema
