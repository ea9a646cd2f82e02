// One simulated Sense server: a listening port, its behaviour, its metrics, its statistics. Lives on the
// site's thread.
#pragma once

#include "bench/sense_site/answers.hpp"
#include "bench/sense_site/statistics.hpp"
#include "bench/sense_site/witnessed_poll.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <random>
#include <set>

namespace senseflow::bench {

class connection;

/// What all servers of a site share.
struct site_context {
  boost::asio::io_context& io;
  boost::asio::ssl::context& tls;
  gzip_encoder& gzip;
  std::optional<std::chrono::microseconds> expected_interval;
  poll_witness witness; ///< may be empty
};

class virtual_server {
public:
  using clock = std::chrono::steady_clock;

  /// Listens on 127.0.0.1; port 0 takes any free one. Throws std::runtime_error if the port is taken.
  virtual_server(site_context& site, std::string name, uint16_t port, const behaviour& how, uint64_t seed);

  const std::string& name() const { return name_; }
  uint16_t port() const { return port_; }

  /// When `hang` ends, the requests that wait are answered at once.
  void change(const behaviour_change& what);

  server_statistics statistics() const;
  void reset_statistics();

  // What connections call:

  enum class treatment { answer, hang, close };
  struct plan {
    treatment what = treatment::answer;
    std::chrono::milliseconds delay{0};
  };
  /// Counts a request and says what to do with it. After `hang` the server calls the connection's
  /// `answer_now`.
  plan arrived(sense_api api, const std::shared_ptr<connection>& from);
  answer answer_to(const question& asked);

  enum class outcome { answered, refused, abandoned, closed };
  void ended(sense_api api, outcome how, const std::shared_ptr<connection>& from);
  /// A health request of this client's, which came at `begin`, has ended.
  void witnessed(const std::string& client, clock::time_point begin) const;
  std::chrono::milliseconds before_handshake() const { return behaviour_.handshake; }
  /// As in a Date header, by its clock; "" = it does not tell.
  std::string date() const;
  void handshake_ended(bool ok);

private:
  void accept();
  void count_health_arrival();

  site_context& site_;
  std::string name_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer accept_again_;
  uint16_t port_ = 0;
  behaviour behaviour_;
  sense_metrics metrics_;
  std::mt19937_64 random_;
  std::set<std::shared_ptr<connection>> hanging_;
  request_counts counts_;
  arrival_intervals intervals_;
  std::optional<clock::time_point> last_health_;
  uint64_t health_open_ = 0, most_health_open_ = 0;
};

} // namespace senseflow::bench
