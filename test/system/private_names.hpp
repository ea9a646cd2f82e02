// A name server that is the only one for a program of the test's, in a mount namespace of its own.
#pragma once

#include "test/support/child_process.hpp"
#include "test/support/name_server.hpp"
#include "test/support/temp_dir.hpp"

#include <unistd.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace senseflow::test {

struct private_names {
  std::unique_ptr<name_server> dns;      ///< none where that can't be had
  std::vector<std::string> in_namespace; ///< the wrapper of the program
  std::string problem;                   ///< why there is none

  explicit private_names(const temp_dir& directory) {
    const auto address = "127.77.1." + std::to_string(::getpid() % 250 + 1);
    try {
      dns = std::make_unique<name_server>(address, 53);
    } catch (const std::exception& e) {
      problem = std::string("port 53 is not for this user: ") + e.what();
      return;
    }
    std::ofstream{directory / "resolv.conf"} << "nameserver " << address << '\n';
    in_namespace = {"unshare",
                    "-m",
                    "sh",
                    "-c",
                    "mount --bind " + (directory / "resolv.conf") + " /etc/resolv.conf && exec \"$@\"",
                    "sh"};
    auto probe = in_namespace;
    probe.emplace_back("true");
    if (child_process{probe}.wait() == 0) return;
    problem = "no mount namespaces here";
    dns.reset();
    in_namespace.clear();
  }
};

} // namespace senseflow::test
