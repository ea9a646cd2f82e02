#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

void describe(visitor& v, request_settings& s) {
  v.flag({"enable",
          "Answer requests to <baseTopic>senseflow/<node>/request/<command>. Whoever may publish there "
          "may command: see to the broker's access list."},
         s.enable);
  v.active(s.enable);
  v.texts({"allow", "Commands that are carried out: ping, status, reload, log-level, poll-now, snapshot, "
                    "rediscover, replay."},
          s.allow, format::request);
  v.text({"responsePrefix",
          "Response topics of MQTT 5 are accepted below this topic only; '' = <baseTopic>senseflow/."},
         s.response_prefix, format::topic);
  v.number({"maxPerSecond", "More requests than that are left unanswered."}, s.max_per_second, {1, 1000}, "");
  v.number({"maxWaiting", "Requests that may wait."}, s.max_waiting, {1, 10000}, "");
  v.duration({"maxAge", "A request that has waited longer is not carried out."}, s.max_age, {100, 600000});
  v.number({"replayEvents",
            "Newest events of each class that `replay` can publish once more; they take memory while "
            "it is allowed, a sixteenth of delivery.memory.maxBytes at most."},
           s.replay_events, {1, 100000}, "");
}

} // namespace senseflow::config::schema
