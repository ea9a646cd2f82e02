// sense_site: a simulated Qlik Sense site, see site.hpp. Prints one line of JSON when it serves and one with
// statistics at its end, which is SIGTERM, SIGINT or --duration.
#include "bench/certificates.hpp"
#include "bench/sense_site/site.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

namespace {

std::string line_of(const senseflow::bench::witnessed_poll& x) {
  const auto since_boot = [](auto t) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::microseconds>(t.time_since_epoch()).count());
  };
  return x.server + ' ' + (x.witness.empty() ? "-" : x.witness) + ' ' + since_boot(x.begin) + ' ' +
         since_boot(x.end) + '\n';
}

} // namespace

int main(int argc, char** argv) {
  using namespace senseflow::bench;
  CLI::App app{"Simulates the HTTPS APIs of Qlik Sense servers on 127.0.0.1"};
  site_options options;
  int64_t latency = 0, jitter = 0, duration = 0;
  double expected = 0;
  app.add_option("--servers", options.servers, "how many")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  app.add_option("--latency", latency, "ms before each answer")->check(CLI::Range(0, 600'000));
  app.add_option("--jitter", jitter, "at most so many ms more")->check(CLI::Range(0, 600'000));
  app.add_option("--certs", options.certificates, "directory of the certificates; made if missing")
      ->required();
  app.add_option("--server-cert", options.server_name, "NAME of NAME.pem and NAME_key.pem")
      ->capture_default_str();
  app.add_option("--base-port", options.base_port, "first port; 0: free ones")->capture_default_str();
  app.add_option("--control", options.control_path, "Unix-domain socket for commands");
  app.add_option("--expected-interval", expected, "ms between health requests, for the statistics");
  app.add_option("--duration", duration, "seconds; 0: until a signal")->check(CLI::Range(0, 86'400));
  std::string polls;
  app.add_option("--polls", polls,
                 "file for a line per health request: server, X-Witness, begin and end in µs");
  app.add_option("--seed", options.seed, "of the made-up metrics")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  options.start.latency = std::chrono::milliseconds{latency};
  options.start.jitter = std::chrono::milliseconds{jitter};
  if (expected > 0)
    options.expected_interval = std::chrono::microseconds{static_cast<int64_t>(expected * 1000)};

  std::ofstream log; // outlives the site
  if (!polls.empty()) {
    log.open(polls);
    options.witness = [&log](const witnessed_poll& x) { log << line_of(x) << std::flush; };
  }

  boost::asio::io_context stop; // ends with a signal
  boost::asio::signal_set signals{stop, SIGINT, SIGTERM};
  signals.async_wait([](auto, int) {});
  std::signal(SIGPIPE, SIG_IGN); // whoever reads the output may go first
  try {
    ensure_certificates(options.certificates);
    site running{options};
    std::cout << describe(running, options.certificates) << std::endl;
    if (duration > 0)
      stop.run_for(std::chrono::seconds{duration});
    else
      stop.run();
    std::cout << to_json(running.statistics()) << std::endl;
  } catch (const std::exception& e) {
    std::cerr << "sense_site: " << e.what() << '\n';
    return 1;
  }
}
