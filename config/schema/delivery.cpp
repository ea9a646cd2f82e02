#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

void describe(visitor& v, delivery_settings& s) {
  v.choice({"mode",
            "memory: nothing is written to disk. overflow: events go to disk while the broker is away, when "
            "memory "
            "is half full, and at a stop. journal: every event is on disk before it is sent, and survives a "
            "kill."},
           s.mode, {"memory", "overflow", "journal"});
  v.section({"memory", "Messages waiting in memory."}, [&] {
    v.number({"maxBytes", "Approximate limit."}, s.memory.max_bytes, {1048576, 1099511627776}, "bytes");
  });
  v.section({"spool", "Messages waiting on disk."}, [&] {
    v.text({"path", "Directory, created if missing; used by one process at a time. If absent: as shown, in "
                    "$STATE_DIRECTORY where systemd sets it."},
           s.spool.path, format::file);
    v.number({"maxBytes", "Limit; beyond it the oldest events are dropped."}, s.spool.max_bytes,
             {1048576, 1099511627776000}, "bytes");
    v.number({"minFreeBytes",
              "Free disk space to leave; the spool does not grow into it, the oldest events are dropped."},
             s.spool.min_free_bytes, {0, 1099511627776000}, "bytes");
  });
  v.section({"journal", "For mode: journal."}, [&] {
    v.duration({"maxDelay", "Longest time until an event is committed to disk: what a kill can cost."},
               s.journal.max_delay, {1, 10000});
    v.flag({"sync", "A commit also survives a failure of the machine, not only of the process."},
           s.journal.sync);
  });
  v.section({"replay", "Sending the backlog when the broker is back."}, [&] {
    v.duration({"delay", "Pause before it, so that subscribers can reconnect first."}, s.replay.delay,
               {0, 600000});
    v.number({"rate", "Speed at which the backlog shrinks; 0 = as fast as possible."}, s.replay.rate,
             {0, 1000000}, "events/s");
  });
}

void describe(visitor& v, ledger_settings& s) {
  v.duration({"interval", "Time between two publications to <base>senseflow/<node>/ledger; 0 = never."},
             s.interval, {0, 86400000});
}

} // namespace senseflow::config::schema
