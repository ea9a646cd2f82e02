#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

void describe(visitor& v, insight_settings& s) {
  v.named({"hosts", "Machines, as events name them, and the serverName that each is, where that does not follow "
                    "from the server's host or its tag host."},
          s.hosts, format::free);
  v.section({"silence", "Services that have stopped sending datagrams though their server has sessions."},
            [&] {
              v.flag({"enable", "Publish them to health/<server>/silence."}, s.silence.enable);
              v.active(s.silence.enable);
              v.duration({"after", "Least time without a datagram. Where longer pauses are usual, which is learnt, "
                                   "it takes longer."},
                         s.silence.after, {1000, 604800000});
              v.texts({"expect", "Services that are missed also where they have never sent anything: user-events, "
                                 "engine, proxy, repository, scheduler, qix-perf."},
                      s.silence.expect);
            });
  v.section({"sessions", "Polled sessions and user events put together."}, [&] {
    v.flag({"enable", "Publish them to sessions/<server>/live."}, s.sessions.enable);
  });
  v.section({"storms", "Log events that say the same over and over."}, [&] {
    v.flag({"enable", "Publish one message for many."}, s.storms.enable);
  });
  v.section({"performance", "Digests of performance events."}, [&] {
    v.flag({"enable", "Publish digests instead of single events."}, s.performance.enable);
  });
  v.section({"memory", "Engines that are about to run out of memory."}, [&] {
    v.flag({"enable", "Publish them to health/<server>/memory."}, s.memory.enable);
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
