#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

void describe(visitor& v, insight_settings& s) {
  v.named({"hosts",
           "Machines, as events name them, and the serverName that each is, where that does not follow "
           "from the server's host or its tag host."},
          s.hosts, format::free);
  v.section(
      {"silence", "Services that have stopped sending datagrams though their server has sessions."}, [&] {
        v.flag({"enable", "Publish them to health/<server>/silence."}, s.silence.enable);
        v.active(s.silence.enable);
        v.duration({"after", "Least time without a datagram. Where longer pauses are usual, which is learnt, "
                             "it takes longer."},
                   s.silence.after, {5000, 604800000}); // all look once a second
        v.texts({"expect", "Services that are missed also where they have never sent anything: user-events, "
                           "engine, proxy, repository, scheduler, qix-perf; of one server: sense1/engine."},
                s.silence.expect);
      });
  v.section({"sessions", "Polled sessions and user events put together."}, [&] {
    v.flag({"enable", "Publish those that are there to sessions/<server>/live, and each that ends to "
                      "sessions/<server>/ended. Needs userSessions; user events tell more of them."},
           s.sessions.enable);
    v.active(s.sessions.enable);
    v.duration({"interval", "Least time between two publications of a server's sessions."},
               s.sessions.interval, {100, 3600000});
    v.number({"maxSessions", "Sessions of a server that are followed; others are counted only."},
             s.sessions.max_sessions, {1, 10000}, "");
    v.number({"maxBytes", "Limit of a publication; sessions that have no room in it are counted only."},
             s.sessions.max_bytes, {1024, 16777216}, "bytes");
    v.duration({"idleTimeout",
                "Inactivity time-out of the virtual proxies: a session that ends after such a time "
                "without a sign of its user has timed out."},
               s.sessions.idle_timeout, {60000, 604800000});
  });
  v.section({"storms", "Log events that say the same over and over."}, [&] {
    v.flag({"enable", "Publish one message for many, to storms/<host>/<source>."}, s.storms.enable);
    v.active(s.storms.enable);
    v.number({"rate", "Equal events a second that are still published one by one."}, s.storms.rate,
             {1, 100000}, "");
    v.duration({"window", "Time that one message sums up."}, s.storms.window, {1000, 3600000});
  });
  v.section({"performance", "Digests of performance events."}, [&] {
    v.flag({"enable", "Publish digests instead of single events, to performance/<host>."},
           s.performance.enable);
    v.active(s.performance.enable);
    v.duration({"window", "Time that a digest sums up."}, s.performance.window, {1000, 3600000});
    v.duration({"publishAbove", "Events that took longer are published one by one as well; 0 = none."},
               s.performance.publish_above, {0, 86400000});
    v.number({"rows", "Rows of a digest: the apps, objects and methods that took most time. All others are "
                      "one row more."},
             s.performance.rows, {1, 1000}, "");
  });
  v.section({"memory", "Engines that are about to run out of memory."}, [&] {
    v.flag({"enable", "Publish to health/<server>/memory when it will be used up at its present growth."},
           s.memory.enable);
    v.active(s.memory.enable);
    v.number({"limit", "Memory that an engine may take; 0 = what it has and what is free."},
             s.memory.limit_mb, {0, 1073741824}, "MB");
    v.duration({"horizon", "An alarm is raised when the limit will be reached within this time."},
               s.memory.horizon, {1000, 604800000});
    v.number({"threshold", "Below this part of the limit it is raised only when a few polls are left."},
             s.memory.threshold_percent, {1, 99}, "percent");
    v.duration({"interval", "Least time between two publications while there is no alarm."},
               s.memory.interval, {100, 86400000});
  });
  v.section({"clock", "The clock of each server, compared with ours."}, [&] {
    v.flag({"enable", "Publish it to health/<server>/clock."}, s.clock.enable);
    v.active(s.clock.enable);
    v.duration({"limit", "Difference from which on it is a condition to be seen to."}, s.clock.limit,
               {1000, 86400000});
  });
  v.section({"certificates", "How long the certificates are valid that this program has seen."}, [&] {
    v.flag({"enable", "Publish it to senseflow/<node>/certificates."}, s.certificates.enable);
  });
}

} // namespace senseflow::config::schema
