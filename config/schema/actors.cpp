#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

constexpr bounds delay{1, 86400000};

void describe_back_off(visitor& v, back_off_settings& s) {
  v.duration({"initialDelay", "Delay before the first retry; doubles with each one."}, s.initial_delay,
             delay);
  v.duration({"maxDelay", "Longest delay between two attempts."}, s.max_delay, delay);
  v.number({"jitter", "Random variation of the delay."}, s.jitter_percent, {0, 100}, "%");
}

} // namespace

void describe(visitor& v, actor_settings& s) {
  v.section({"scheduler", "Threads of the actor system."}, [&] {
    v.number({"threads", "Number of threads; 0 = one per core, at least 2."}, s.scheduler.threads, {0, 1024},
             "");
    v.number({"throughput", "Messages an actor may process in a row."}, s.scheduler.throughput, {1, 1000000},
             "");
  });
  v.section({"encoders", "Turn samples and events into messages."}, [&] {
    v.number({"count", "Accepted, no effect: one encoder keeps up with any broker."}, s.encoders.count,
             {1, 1024}, "");
    v.number({"window", "Items a source may have on their way to the outbox."}, s.encoders.window,
             {1, 1000000}, "items");
    v.number({"batchMaxItems", "Largest batch between actors."}, s.encoders.batch_max_items, {1, 100000},
             "items");
  });
  v.section({"publishers", "Connections to the broker."}, [&] {
    v.number({"count",
              "Number of connections. More are not faster: one thread of the MQTT library sends for all."},
             s.publishers.count, {1, 64}, "");
    v.number({"window", "Unacknowledged MQTT messages per connection."}, s.publishers.window, {1, 65535},
             "messages");
    v.duration({"ackTimeout", "Reconnect when the broker has acknowledged nothing for this long."},
               s.publishers.ack_timeout, {1000, 3600000});
  });
  v.section({"outbox", "Messages waiting for the broker."}, [&] {
    v.number({"highWatermark", "Level of delivery.memory.maxBytes above which sources are held back."},
             s.outbox.high_watermark_percent, {1, 100}, "%");
  });
  v.section({"pollers", "Requests to Sense servers."}, [&] {
    v.duration({"timeout", "Limit for one request, redirects included."}, s.pollers.timeout, {1, 600000});
    v.number({"maxBodyBytes", "Largest response that is accepted."}, s.pollers.max_body_bytes,
             {1024, 1073741824}, "bytes");
    v.number({"maxConnections", "Simultaneous connections; 0 = two per server."}, s.pollers.max_connections,
             {0, 65535}, "");
  });
  v.section({"reconnect", "Delays when the broker can't be reached."},
            [&] { describe_back_off(v, s.reconnect); });
  v.section({"supervision", "Restarts of failed actors."}, [&] {
    auto& x = s.supervision;
    v.number({"maxRestarts",
              "More failures than this within `period`, or of one actor in a row, end the process."},
             x.max_restarts, {0, 1000000}, "");
    v.duration({"period", "See maxRestarts."}, x.period, delay);
    describe_back_off(v, x.back_off);
    v.duration({"stableAfter", "A run of this length ends a row of failures and starts the delays anew."},
               x.stable_after, delay);
    v.duration({"pingInterval", "Time between two checks that an actor responds."}, x.ping_interval, delay);
    v.duration({"hangTimeout", "Without a response for this long, an actor counts as failed."},
               x.hang_timeout, delay);
    v.duration({"stopTimeout", "Longest time an actor may take to stop."}, x.stop_timeout, delay);
  });
}

} // namespace senseflow::config::schema
