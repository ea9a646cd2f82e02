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
  });
  v.section({"certificates", "How long the certificates are valid that this program has seen."}, [&] {
    v.flag({"enable", "Publish it to senseflow/<node>/certificates."}, s.certificates.enable);
  });
}

} // namespace senseflow::config::schema
