#include "test/support/rude_broker.hpp"

#include <boost/asio.hpp>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

namespace senseflow::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t most_pending = 1'000'000; // bytes for a client that does not read
constexpr auto leave_after = std::chrono::seconds(5);

} // namespace

// All but `seen_` belongs to the thread.
class rude_broker::server {
public:
  server(const std::string& address, uint16_t port, size_t keep) : keep_(keep), acceptor_(io_) {
    open(address, port);
    thread_ = std::thread([this] { io_.run(); });
  }

  ~server() {
    run([this] {
      acceptor_.close();
      for (const auto& c : connections_) close(*c, ending::rst);
    });
    work_.reset();
    io_.stop();
    thread_.join();
  }

  template <class Function>
  void run(Function f) {
    if (thread_.get_id() == std::this_thread::get_id()) return f();
    asio::post(io_, std::packaged_task<void()>(std::move(f))).get();
  }

  template <class Function>
  void note(Function f) {
    std::lock_guard lock(mutex_);
    f(seen_);
    changed_.notify_all();
  }

  void open(const std::string& address, uint16_t port) {
    const tcp::endpoint at(asio::ip::make_address(address), port);
    acceptor_ = tcp::acceptor(io_); // closes the former one, which may be at the same place
    acceptor_.open(at.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(at);
    acceptor_.listen();
    at_ = acceptor_.local_endpoint();
    accept();
  }
  void listen_again() {
    if (!acceptor_.is_open()) open(at_.address().to_string(), at_.port());
  }

  struct connection {
    explicit connection(tcp::socket s) : socket(std::move(s)) {}
    tcp::socket socket;
    size_t number = 0;
    std::string in, out;
    char chunk[65536];
    bool reading = false, writing = false;
    bool connected = false; // has said CONNECT
    bool leaving = false;   // ended by us, in order: what still comes is not looked at
    std::string client_id;
    uint8_t level = 5;
  };
  using pointer = std::shared_ptr<connection>;

  void accept() {
    acceptor_.async_accept([this](error_code failed, tcp::socket socket) {
      if (failed == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (!failed) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        auto c = std::make_shared<connection>(std::move(socket));
        connections_.insert(c);
        note([&](seen& s) {
          c->number = ++s.accepted;
          ++s.connections;
        });
        if (at_accept)
          close(*c, *at_accept);
        else
          read(c);
      }
      accept();
    });
  }

  void read(const pointer& c) {
    if (silent || c->reading || !c->socket.is_open()) return;
    c->reading = true;
    c->socket.async_read_some(asio::buffer(c->chunk), [this, c](error_code failed, size_t n) {
      c->reading = false;
      if (failed) return close(*c, ending::fin);
      if (!c->leaving) c->in.append(c->chunk, n);
      take(c);
    });
  }

  void take(const pointer& c) {
    if (silent) return;
    try {
      while (c->socket.is_open() && !c->leaving)
        if (const auto packet = take_packet(c->in))
          handle(c, *packet);
        else
          break;
    } catch (const std::runtime_error&) { // not MQTT
      close(*c, ending::rst);
    }
    read(c);
  }

  void handle(const pointer& c, const mqtt_packet& p) {
    using type = mqtt_packet_type;
    if (!c->connected && p.type() != type::connect) throw std::runtime_error("no CONNECT");
    switch (p.type()) {
    case type::connect:
      return take_connect(c, p);
    case type::publish:
      return take_publish(c, p);
    case type::pubrel: {
      const auto id = read_packet_id(p);
      open_ids_[c->client_id].erase(id);
      return write(c, acknowledgement(type::pubcomp, c->level, id, 0));
    }
    case type::pingreq:
      if (pings) write(c, pingresp());
      return;
    case type::subscribe:
      if (!subscription_code) throw std::runtime_error("publishers don't subscribe");
      return write(c, suback(c->level, read_packet_id(p), *subscription_code));
    case type::puback: // of what a test has sent
    case type::pubrec:
    case type::pubcomp:
      return;
    case type::disconnect:
      return note([&](seen& s) { add(s.disconnects, read_disconnect(p)); });
    default:
      throw std::runtime_error("a packet that publishers don't send");
    }
  }

  void take_connect(const pointer& c, const mqtt_packet& p) {
    const seen_connect x{c->number, read_connect(p), std::chrono::steady_clock::now()};
    c->connected = true;
    c->level = x.packet.level;
    c->client_id = x.packet.client_id;
    if (!session_present) open_ids_.erase(c->client_id);
    const auto r = connect_hook ? connect_hook(x) : reaction{};
    note([&](seen& s) { add(s.connects, x); });
    react(c, r, r.answer ? connack(c->level, r.code, session_present, properties) : std::string{});
  }

  void take_publish(const pointer& c, const mqtt_packet& p) {
    seen_message x{c->number, read_publish(p, c->level), c->level, false};
    const auto r = publish_hook ? publish_hook(x) : reaction{};
    const auto qos = x.packet.qos;
    const auto success = c->level < 5 || r.code < 0x80;
    x.taken = qos == 0 ? !r.end : r.answer && success;
    auto& open = open_ids_[c->client_id];
    if (qos < 2 || open.count(x.packet.id) == 0)
      note([&](seen& s) { s.messages_before += add(s.messages, x); });
    if (qos == 2 && x.taken) open.insert(x.packet.id);
    const auto type = qos == 2 ? mqtt_packet_type::pubrec : mqtt_packet_type::puback;
    react(c, r, qos > 0 && r.answer ? acknowledgement(type, c->level, x.packet.id, r.code) : std::string{});
  }

  void react(const pointer& c, const reaction& r, std::string answer) {
    later(r.delay, [this, c, r, bytes = std::move(answer) + r.bytes] {
      write(c, bytes);
      if (r.end) later(r.end_delay, [this, c, how = *r.end] { end(c, how); });
    });
  }

  template <class Function>
  void later(std::chrono::milliseconds delay, Function f) {
    if (delay.count() == 0) return f();
    auto timer = std::make_shared<asio::steady_timer>(io_, delay);
    timer->async_wait([timer, f = std::move(f)](error_code failed) {
      if (!failed) f();
    });
  }

  void write(const pointer& c, const std::string& bytes) {
    if (!c->socket.is_open()) return;
    c->out += bytes;
    if (c->out.size() > most_pending) return close(*c, ending::rst);
    if (silent || c->writing || c->out.empty()) return;
    c->writing = true;
    auto sent = std::make_shared<std::string>(std::exchange(c->out, {}));
    asio::async_write(c->socket, asio::buffer(*sent), [this, c, sent](error_code failed, size_t) {
      c->writing = false;
      if (failed) return close(*c, ending::fin);
      if (!c->out.empty()) return write(c, {});
      if (c->leaving) leave(c);
    });
  }

  void end(const pointer& c, ending how) {
    if (how == ending::rst) return close(*c, how);
    if (c->leaving || !c->socket.is_open()) return;
    c->leaving = true;
    if (!c->writing) leave(c);
  }

  // Closing with something unread would reset the connection.
  void leave(const pointer& c) {
    error_code ignored;
    c->socket.shutdown(tcp::socket::shutdown_send, ignored);
    later(leave_after, [this, c] { close(*c, ending::rst); });
  }

  void close(connection& c, ending how) {
    if (!c.socket.is_open()) return;
    error_code ignored;
    if (how == ending::rst) c.socket.set_option(tcp::socket::linger(true, 0), ignored);
    c.socket.close(ignored);
    note([](seen& s) { --s.connections; });
    asio::post(io_, [this] { // whoever calls may go through them
      for (auto i = connections_.begin(); i != connections_.end();)
        i = (*i)->socket.is_open() ? std::next(i) : connections_.erase(i);
    });
  }

  // True (1) if it had to forget the oldest.
  template <class T>
  size_t add(std::deque<T>& to, const T& x) const {
    to.push_back(x);
    if (to.size() <= keep_) return 0;
    to.pop_front();
    return 1;
  }

  const size_t keep_;
  asio::io_context io_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{io_.get_executor()};
  tcp::acceptor acceptor_;
  tcp::endpoint at_;
  std::set<pointer> connections_;
  std::map<std::string, std::set<uint16_t>> open_ids_; // QoS 2, by client id: answered PUBREC, no PUBREL yet

  std::optional<ending> at_accept;
  std::function<reaction(const seen_connect&)> connect_hook;
  std::function<reaction(const seen_message&)> publish_hook;
  mqtt_properties properties;
  bool session_present = false;
  bool pings = true;
  std::optional<uint8_t> subscription_code;
  bool silent = false;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  seen seen_;

  std::thread thread_;
};

rude_broker::rude_broker(const std::string& address, uint16_t port, size_t keep)
    : server_(std::make_unique<server>(address, port, keep)) {}

rude_broker::~rude_broker() = default;

uint16_t rude_broker::port() const {
  uint16_t result = 0;
  server_->run([&] { result = server_->at_.port(); });
  return result;
}

void rude_broker::on_accept(std::optional<ending> e) {
  server_->run([&] { server_->at_accept = e; });
}

void rude_broker::on_connect(std::function<reaction(const seen_connect&)> f) {
  server_->run([&] { server_->connect_hook = std::move(f); });
}

void rude_broker::on_publish(std::function<reaction(const seen_message&)> f) {
  server_->run([&] { server_->publish_hook = std::move(f); });
}

void rude_broker::set_connack(mqtt_properties properties, bool session_present) {
  server_->run([&] {
    server_->properties = std::move(properties);
    server_->session_present = session_present;
  });
}

void rude_broker::answer_pings(bool on) {
  server_->run([&] { server_->pings = on; });
}

void rude_broker::answer_subscriptions(uint8_t code) {
  server_->run([&] { server_->subscription_code = code; });
}

void rude_broker::send(std::string bytes) {
  server_->run([&] {
    for (const auto& c : server_->connections_) server_->write(c, bytes);
  });
}

void rude_broker::end(ending e) {
  server_->run([&] {
    for (const auto& c : server_->connections_) server_->end(c, e);
  });
}

void rude_broker::silence(bool on) {
  server_->run([&] {
    server_->silent = on;
    if (on) return;
    for (const auto& c : std::set(server_->connections_)) {
      server_->write(c, {});
      server_->take(c);
    }
  });
}

void rude_broker::stop_listening() {
  server_->run([&] { server_->acceptor_.close(); });
}

void rude_broker::listen() {
  server_->run([&] { server_->listen_again(); });
}

void rude_broker::move(const std::string& address, uint16_t port) {
  server_->run([&] { server_->open(address, port); });
}

rude_broker::seen rude_broker::so_far() const {
  std::lock_guard lock(server_->mutex_);
  return server_->seen_;
}

bool rude_broker::wait(const std::function<bool(const seen&)>& p, std::chrono::milliseconds within) const {
  std::unique_lock lock(server_->mutex_);
  return server_->changed_.wait_for(lock, within, [&] { return p(server_->seen_); });
}

bool rude_broker::wait_for_connects(size_t n, std::chrono::milliseconds within) const {
  return wait([n](const seen& s) { return s.connects.size() >= n; }, within);
}

bool rude_broker::wait_for_messages(uint64_t n, std::chrono::milliseconds within) const {
  return wait([n](const seen& s) { return s.messages_before + s.messages.size() >= n; }, within);
}

} // namespace senseflow::test
