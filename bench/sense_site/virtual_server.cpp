#include "bench/sense_site/virtual_server.hpp"

#include "bench/sense_site/connection.hpp"

#include <fcntl.h>

#include <ctime>
#include <stdexcept>
#include <utility>

namespace senseflow::bench {

using boost::asio::ip::tcp;
using std::chrono::microseconds;

namespace {

tcp::acceptor listen(boost::asio::io_context& io, uint16_t port) {
  try {
    tcp::acceptor result{io, tcp::endpoint{boost::asio::ip::address_v4::loopback(), port}};
    // Else programs that the site's own program starts would keep the port open.
    ::fcntl(result.native_handle(), F_SETFD, FD_CLOEXEC);
    return result;
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error("cannot listen on 127.0.0.1:" + std::to_string(port) + ": " +
                             e.code().message() + "; choose another base port, or 0 for free ones");
  }
}

} // namespace

virtual_server::virtual_server(site_context& site, std::string name, uint16_t port, const behaviour& how,
                               uint64_t seed)
    : site_(site), name_(std::move(name)), acceptor_(listen(site.io, port)), accept_again_(site.io),
      port_(acceptor_.local_endpoint().port()), behaviour_(how), metrics_(seed), random_(seed) {
  accept();
}

void virtual_server::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted) return;
    if (!error) {
      std::make_shared<connection>(std::move(socket), site_.tls, *this)->start();
      accept();
      return;
    }
    // Out of file descriptors, most likely: trying again at once would only burn CPU.
    accept_again_.expires_after(std::chrono::milliseconds{100});
    accept_again_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) accept();
    });
  });
}

void virtual_server::change(const behaviour_change& what) {
  apply(what, behaviour_);
  if (behaviour_.hang) return;
  for (const auto& waiting : std::exchange(hanging_, {})) waiting->answer_now();
}

server_statistics virtual_server::statistics() const {
  return {name_, port_, counts_, hanging_.size(), most_health_open_, intervals_};
}

void virtual_server::reset_statistics() {
  counts_ = {};
  intervals_ = {};
  last_health_.reset();
  most_health_open_ = health_open_;
}

void virtual_server::count_health_arrival() {
  const auto now = clock::now();
  if (last_health_)
    intervals_.add(std::chrono::duration_cast<microseconds>(now - *last_health_), site_.expected_interval);
  last_health_ = now;
  most_health_open_ = std::max(most_health_open_, ++health_open_);
}

virtual_server::plan virtual_server::arrived(sense_api api, const std::shared_ptr<connection>& from) {
  switch (api) {
  case sense_api::health:
    ++counts_.health;
    count_health_arrival();
    break;
  case sense_api::sessions:
    ++counts_.sessions;
    break;
  case sense_api::apps:
    ++counts_.apps;
    break;
  case sense_api::other:
    ++counts_.other;
    break;
  }
  if (behaviour_.close) return {treatment::close, {}};
  if (behaviour_.hang) {
    hanging_.insert(from);
    return {treatment::hang, {}};
  }
  using whole = std::chrono::milliseconds::rep;
  std::uniform_int_distribution<whole> extra{0, behaviour_.jitter.count()};
  return {treatment::answer, behaviour_.latency + std::chrono::milliseconds{extra(random_)}};
}

answer virtual_server::answer_to(const question& asked) {
  return make_answer(asked, behaviour_, metrics_, site_.gzip);
}

std::string virtual_server::date() const {
  if (!behaviour_.clock) return {};
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + *behaviour_.clock);
  std::tm t{};
  gmtime_r(&now, &t);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &t)};
}

void virtual_server::ended(sense_api api, outcome how, const std::shared_ptr<connection>& from) {
  hanging_.erase(from);
  if (api == sense_api::health) --health_open_;
  if (how == outcome::abandoned)
    ++counts_.abandoned;
  else if (how == outcome::closed)
    ++counts_.closed;
  else
    ++counts_.answered;
  if (how == outcome::refused) ++counts_.refused;
}

void virtual_server::witnessed(const std::string& client, clock::time_point begin) const {
  if (site_.witness) site_.witness({name_, client, begin, clock::now()});
}

void virtual_server::handshake_ended(bool ok) { ++(ok ? counts_.connections : counts_.failed_handshakes); }

} // namespace senseflow::bench
