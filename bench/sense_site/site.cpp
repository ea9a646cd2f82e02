#include "bench/sense_site/site.hpp"

#include "bench/sense_site/control_socket.hpp"
#include "bench/sense_site/virtual_server.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/use_future.hpp>

#include <nlohmann/json.hpp>

#include <openssl/ssl.h>

#include <sys/resource.h>

#include <numeric>
#include <stdexcept>
#include <thread>
#include <utility>

namespace senseflow::bench {

namespace asio = boost::asio;

namespace {

/// A listening socket and a few clients per server, and what the process has open otherwise.
void ensure_file_limit(size_t servers) {
  const rlim_t needed = 4 * servers + 256;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return;
  if (limit.rlim_max < needed)
    throw std::runtime_error(std::to_string(servers) + " servers need " + std::to_string(needed) +
                             " open files and the limit is " + std::to_string(limit.rlim_max) +
                             ": see ulimit -Hn");
  limit.rlim_cur = needed;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void load_certificates(asio::ssl::context& tls, const std::string& directory, const std::string& name) {
  const auto file = [&](const std::string& x) { return directory + "/" + x; };
  try {
    tls.use_certificate_chain_file(file(name + ".pem"));
    tls.use_private_key_file(file(name + "_key.pem"), asio::ssl::context::pem);
    tls.load_verify_file(file("root.pem"));
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error("cannot use the certificates " + name + ".pem, " + name +
                             "_key.pem, root.pem in " + directory + ": " + e.code().message() +
                             "; make_certificates makes them");
  }
  tls.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  // With client certificates OpenSSL resumes sessions only if they have a context.
  static constexpr unsigned char context[] = "sense_site";
  SSL_CTX_set_session_id_context(tls.native_handle(), context, sizeof(context) - 1);
}

double thread_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto seconds = [](const timeval& x) { return double(x.tv_sec) + double(x.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

} // namespace

struct site::implementation {
  asio::io_context io{1};
  asio::ssl::context tls{asio::ssl::context::tls_server};
  gzip_encoder gzip;
  site_context context{io, tls, gzip, {}, {}};
  std::vector<std::unique_ptr<virtual_server>> servers;
  std::vector<endpoint> endpoints;
  std::unique_ptr<control_socket> control;
  std::thread thread;

  explicit implementation(const site_options& options) {
    if (options.servers < 1 || options.servers > 10'000)
      throw std::runtime_error("a site has 1 to 10,000 servers");
    if (options.base_port > 0 && options.base_port + options.servers > 65'536)
      throw std::runtime_error("base port " + std::to_string(options.base_port) + " leaves no room for " +
                               std::to_string(options.servers) + " servers: choose a lower one");
    ensure_file_limit(options.servers);
    load_certificates(tls, options.certificates, options.server_name);
    context.expected_interval = options.expected_interval;
    context.witness = options.witness;
    for (size_t i = 0; i < options.servers; ++i) {
      const auto port = static_cast<uint16_t>(options.base_port == 0 ? 0 : options.base_port + i);
      servers.push_back(std::make_unique<virtual_server>(context, "sense" + std::to_string(i + 1), port,
                                                         options.start, options.seed + i));
      endpoints.push_back({servers.back()->name(), servers.back()->port()});
    }
    if (!options.control_path.empty())
      control = std::make_unique<control_socket>(
          io, options.control_path,
          command_target{options.servers,
                         [this](const auto& which, const auto& what) { change(which, what); },
                         [this](bool reset) { return statistics(reset); }});
    thread = std::thread{[this] { io.run(); }};
  }

  ~implementation() {
    io.stop();
    if (thread.joinable()) thread.join();
  }

  void change(const server_set& which, const behaviour_change& what) {
    for (auto number : which) servers.at(number - 1); // all or nothing
    for (auto number : which) servers[number - 1]->change(what);
  }

  site_statistics statistics(bool reset) {
    site_statistics result;
    for (auto& server : servers) {
      result.servers.push_back(server->statistics());
      if (reset) server->reset_statistics();
    }
    result.cpu_seconds = thread_cpu_seconds();
    return result;
  }

  /// Runs `task` on the site's thread and waits for it.
  template <class Task>
  auto on_thread(Task task) {
    return asio::dispatch(io, asio::use_future(std::move(task))).get();
  }
};

site::site(const site_options& options) : implementation_(std::make_unique<implementation>(options)) {}
site::~site() = default;

const std::vector<site::endpoint>& site::endpoints() const { return implementation_->endpoints; }

server_set site::all() const {
  server_set result(endpoints().size());
  std::iota(result.begin(), result.end(), size_t{1});
  return result;
}

void site::change(const server_set& servers, const behaviour_change& what) {
  implementation_->on_thread([&] { implementation_->change(servers, what); });
}

void site::hang(const server_set& servers, bool on) {
  behaviour_change what;
  what.hang = on;
  change(servers, what);
}

void site::close(const server_set& servers, bool on) {
  behaviour_change what;
  what.close = on;
  change(servers, what);
}

void site::latency(const server_set& servers, std::chrono::milliseconds latency,
                   std::chrono::milliseconds jitter) {
  behaviour_change what;
  what.latency = latency;
  what.jitter = jitter;
  change(servers, what);
}

void site::handshake(const server_set& servers, std::chrono::milliseconds delay) {
  behaviour_change what;
  what.handshake = delay;
  change(servers, what);
}

void site::clock(const server_set& servers, std::chrono::seconds ahead) {
  behaviour_change what;
  what.clock = ahead;
  change(servers, what);
}

void site::status(const server_set& servers, unsigned status) {
  behaviour_change what;
  what.status = status;
  change(servers, what);
}

void site::body(const server_set& servers, body_kind body) {
  behaviour_change what;
  what.body = body;
  change(servers, what);
}

site_statistics site::statistics() {
  return implementation_->on_thread([this] { return implementation_->statistics(false); });
}

void site::reset_statistics() {
  implementation_->on_thread([this] { implementation_->statistics(true); });
}

std::string describe(const site& site, const std::string& certificates) {
  auto servers = nlohmann::ordered_json::array();
  for (const auto& [name, port] : site.endpoints()) servers.push_back({{"name", name}, {"port", port}});
  return nlohmann::ordered_json{{"servers", servers}, {"certs", certificates}}.dump();
}

} // namespace senseflow::bench
