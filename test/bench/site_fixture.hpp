// A directory with certificates, a site over it on request, and waiting for what the site counts.
#pragma once

#include "bench/certificates.hpp"
#include "bench/sense_site/site.hpp"

#include "test/bench/https_client.hpp"
#include "test/support/eventually.hpp"
#include "test/support/temp_dir.hpp"

#include <memory>
#include <string>

namespace senseflow::bench {

struct site_fixture {
  test::temp_dir directory;
  std::unique_ptr<site> running;

  explicit site_fixture(const certificate_options& certificates = {}) {
    make_certificates(directory.path(), certificates);
  }

  site& start(size_t servers = 1) {
    site_options options;
    options.servers = servers;
    return start(options);
  }
  site& start(site_options options) {
    options.certificates = directory.path();
    running = std::make_unique<site>(options);
    return *running;
  }

  uint16_t port(size_t number = 1) const { return running->endpoints().at(number - 1).port; }
  server_statistics statistics(size_t number = 1) const {
    return running->statistics().servers.at(number - 1);
  }

  /// True as soon as the server's statistics satisfy it; false after ten seconds.
  template <class Condition>
  bool eventually(Condition condition, size_t number = 1) const {
    return test::eventually([&] {
      const auto now = statistics(number);
      return condition(now);
    });
  }
};

} // namespace senseflow::bench
