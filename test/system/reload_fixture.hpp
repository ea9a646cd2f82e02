// A program whose configuration file changes.
#pragma once

#include "test/support/unit_test.hpp"

#include "test/support/paths.hpp"
#include "test/system/event_load.hpp"

#include <pty.h>
#include <sys/wait.h>

#include <atomic>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace senseflow::test {

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
  auto at = text.find(what);
  if (at == std::string::npos) throw std::logic_error(what + " is not in " + text);
  return text.replace(at, what.size(), with);
}

struct reload_fixture {
  temp_dir directory;
  mosquitto_broker broker{{true, {}, {}, {}, {}, {}, false, {"max_queued_messages 0"}}};
  subscriber sub{broker.port()};
  system_config c;
  std::unique_ptr<senseflow_process> aut;
  size_t reloads = 0;

  reload_fixture() {
    c.broker_port = broker.port();
    c.user_port = free_udp_port();
    c.log_port = free_udp_port();
  }

  void start(std::vector<std::string> arguments = {}) {
    aut = std::make_unique<senseflow_process>(directory, c.text(), std::move(arguments));
    CAF_REQUIRE(aut->ready());
  }

  /// Writes the configuration, and waits until the reload has said how it ended.
  void reload(const std::string& text, const std::string& outcome) {
    aut->configure(text);
    auto before = occurrences(aut->output(), outcome);
    aut->process().signal(SIGHUP);
    CAF_REQUIRE(eventually([&] { return occurrences(aut->output(), outcome) > before; }));
  }

  /// Messages whose payload holds the text keep arriving from now on.
  bool arrives(const std::string& topic, const std::string& text = {}) {
    auto from = sub.count();
    return sub.wait_for([&](const auto& all) {
      for (auto i = from; i < all.size(); ++i)
        if (all[i].topic == topic && all[i].payload.find(text) != std::string::npos) return true;
      return false;
    });
  }
};

inline constexpr auto applied = "configuration applied, ";
inline constexpr auto everything = "butler-sos/userevent";
inline constexpr auto log_topic = "butler-sos/logevent";

} // namespace senseflow::test
