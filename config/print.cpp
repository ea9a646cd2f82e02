#include "config/print.hpp"

#include "config/printing/printer.hpp"
#include "config/schema/describe.hpp"

namespace senseflow::config {

namespace {

std::string print(settings x, bool comments) {
  printing::printer p("Butler-SOS", comments);
  schema::describe(p, x);
  return p.take();
}

} // namespace

std::string print(const settings& x) { return print(x, false); }

std::string print_explained(const settings& x) {
  return "# Every setting of senseflow: what it does, its bounds, its default. Only brokerHost is required.\n"
         "# Settings of Butler SOS that are not listed here are accepted and have no effect; those marked "
         "(new)\n"
         "# are specific to senseflow. Relative paths begin in the program's working directory: where it "
         "was\n"
         "# started, /etc/senseflow for the service of the Debian package. config/README.md has the defaults "
         "of\n"
         "# a service, which follow $STATE_DIRECTORY and $CREDENTIALS_DIRECTORY.\n" +
         print(x, true);
}

} // namespace senseflow::config
