// A simulated Qlik Sense site on 127.0.0.1: many virtual Sense servers, each on a port of its own that serves
// the APIs of engine, proxy and repository over HTTPS, to clients with a certificate of the site's CA only.
// See answers.hpp for the checks. All servers share one thread, which the site starts. Methods are
// thread-safe; changes have been made when they return.
#pragma once

#include "bench/sense_site/command.hpp"
#include "bench/sense_site/witnessed_poll.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::bench {

struct site_options {
  size_t servers = 1;                 ///< 1 to 10,000
  uint16_t base_port = 0;             ///< ports base, base+1, ...; 0: free ones
  std::string certificates;           ///< directory with root.pem, server.pem, server_key.pem
  std::string server_name = "server"; ///< NAME.pem and NAME_key.pem are shown to clients ("server_expired")
  behaviour start;                    ///< of all servers
  std::optional<std::chrono::microseconds> expected_interval; ///< of health requests, for the statistics
  std::string control_path; ///< Unix-domain socket for commands; empty: none
  uint64_t seed = 1;        ///< of the made-up metrics
  poll_witness witness;     ///< told of each health request at its end, on the site's thread; may be empty
};

class site {
public:
  struct endpoint {
    std::string name; ///< sense1, sense2, ...
    uint16_t port = 0;
  };

  /// Listens and serves; raises the process's limit of open files if it is too low. Throws
  /// std::runtime_error.
  explicit site(const site_options& options);
  site(const site&) = delete;
  site& operator=(const site&) = delete;
  ~site();

  const std::vector<endpoint>& endpoints() const;

  server_set all() const;
  /// Throws std::out_of_range if there is no such server.
  void change(const server_set& servers, const behaviour_change& what);
  void hang(const server_set& servers, bool on);
  void close(const server_set& servers, bool on);
  void latency(const server_set& servers, std::chrono::milliseconds latency,
               std::chrono::milliseconds jitter = {});
  void handshake(const server_set& servers, std::chrono::milliseconds delay);
  /// From now on answers have a Date.
  void clock(const server_set& servers, std::chrono::seconds ahead);
  void status(const server_set& servers, unsigned status);
  void body(const server_set& servers, body_kind body);

  site_statistics statistics();
  void reset_statistics();

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

/// {"servers":[{"name":"sense1","port":41001},...],"certs":"DIR"}, one line.
std::string describe(const site& site, const std::string& certificates);

} // namespace senseflow::bench
