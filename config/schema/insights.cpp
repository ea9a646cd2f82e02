#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

void describe(visitor& v, insight_settings& s) {
  v.section({"silence", "Services that have stopped sending datagrams though their server has sessions."},
            [&] {
              v.flag({"enable", "Publish them to health/<server>/silence."}, s.silence.enable);
            });
  v.section({"sessions", "Polled sessions and user events put together."}, [&] {
    v.flag({"enable", "Publish them to sessions/<server>/live."}, s.sessions.enable);
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
    v.flag({"enable", "Publish them to health/<server>/memory."}, s.memory.enable);
  });
  v.section({"clock", "The clock of each server, compared with ours."}, [&] {
    v.flag({"enable", "Publish it to health/<server>/clock."}, s.clock.enable);
  });
  v.section({"certificates", "How long the certificates are valid that this program has seen."}, [&] {
    v.flag({"enable", "Publish it to senseflow/<node>/certificates."}, s.certificates.enable);
  });
}

} // namespace senseflow::config::schema
