#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

void describe(visitor& v, delivery_settings& s) {
  v.choice(
      {"mode",
       "memory: nothing is written to disk. overflow: events go to disk while the broker is away or memory "
       "is half full, and at a stop. journal: every event is on disk before it is sent, and survives a "
       "kill."},
      s.mode, {"memory", "overflow", "journal"});
  v.section({"memory", "What waits for the broker in memory."}, [&] {
    v.number({"maxBytes", "Memory it may take, roughly."}, s.memory.max_bytes, {1048576, 1099511627776},
             "bytes");
  });
  v.section({"spool", "What waits for the broker on disk."}, [&] {
    v.text({"path", "Directory, made if it is not there; one process at a time."}, s.spool.path,
           format::file);
    v.number({"maxBytes", "What may lie there; above that the oldest events go."}, s.spool.max_bytes,
             {1048576, 1099511627776000}, "bytes");
    v.number(
        {"minFreeBytes", "With less free space on the disk the spool does not grow; the oldest events go."},
        s.spool.min_free_bytes, {0, 1099511627776000}, "bytes");
  });
  v.section({"journal", "For the mode journal."}, [&] {
    v.duration({"maxDelay", "Longest time from an event's acceptance to its commit: what a kill can cost."},
               s.journal.max_delay, {1, 10000});
    v.flag({"sync", "A commit survives a failure of the machine too, not just of the process."},
           s.journal.sync);
  });
  v.section({"replay", "When the broker is back."}, [&] {
    v.duration({"delay", "How long the backlog waits, so that subscribers are back too."}, s.replay.delay,
               {0, 600000});
    v.number({"rate", "By how many events a second the backlog gets shorter; 0 = as fast as possible."},
             s.replay.rate, {0, 1000000}, "events/s");
  });
}

void describe(visitor& v, ledger_settings& s) {
  v.duration({"interval", "How often the ledger is published to <base>senseflow/<node>/ledger; 0 = never."},
             s.interval, {0, 86400000});
}

} // namespace senseflow::config::schema
