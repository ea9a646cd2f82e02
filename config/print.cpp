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
  return "# Every setting of senseflow, with what it does, its bounds and its default. All but brokerHost "
         "may be\n"
         "# left out. Settings of Butler SOS that are not here are accepted and have no effect; those "
         "marked\n"
         "# (new) are senseflow's own. Relative paths start where the program was started.\n" +
         print(x, true);
}

} // namespace senseflow::config
