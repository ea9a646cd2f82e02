// A simulated site of the test's own.
#pragma once

#include "test/system/system_fixture.hpp"

#include <cstddef>
#include <memory>

namespace senseflow::test {

/// With certificates made for it, which are the program's, too.
inline std::unique_ptr<bench::site> start_site(const temp_dir& directory, system_config& c,
                                               size_t servers = 1) {
  bench::site_options o;
  o.servers = servers;
  o.certificates = c.certificates = directory / "certs";
  bench::make_certificates(o.certificates);
  return std::make_unique<bench::site>(o);
}

} // namespace senseflow::test
