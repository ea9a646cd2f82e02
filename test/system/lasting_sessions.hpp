// A broker and a subscriber whose session outlives the broker's stop: what it has acknowledged arrives.
#pragma once

#include "test/support/conservation.hpp"
#include "test/system/system_fixture.hpp"

namespace senseflow::test {

struct lasting_sessions {
  temp_dir directory;
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {}, true}};
  subscriber sub{{broker.port(), "butler-sos/#", 1, {}, {}, {}, 5, "witness"}};
  witness seen{sub};
  system_config c;

  lasting_sessions() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
  }
};

} // namespace senseflow::test
