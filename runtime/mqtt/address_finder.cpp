#include "runtime/mqtt/address_finder.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>

namespace senseflow::runtime {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

void signal(int eventfd) {
  const uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(eventfd, &one, sizeof one);
}

bool readable(int fd) {
  pollfd polled{fd, POLLIN, 0};
  return ::poll(&polled, 1, 0) > 0;
}

descriptor make_eventfd() { return descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

} // namespace

address_finder::address_finder(std::shared_ptr<resolver> names)
    : names_(std::move(names)), stop_(make_eventfd()) {}

address_finder::~address_finder() { stop(); }

void address_finder::stop() {
  signal(stop_.get());
  if (thread_.joinable()) thread_.join();
  uint64_t ignored = 0;
  [[maybe_unused]] const auto n = ::read(stop_.get(), &ignored, sizeof ignored);
}

void address_finder::find(question q, std::function<void(const answer&)> done) {
  stop();
  thread_ = std::thread([this, q = std::move(q), done = std::move(done)] {
    answer result;
    try {
      result = find_now(q);
    } catch (const std::exception& e) { // out of descriptors
      result.problem = e.what();
    }
    if (!readable(stop_.get())) done(result);
  });
}

// None if it was stopped.
std::optional<lookup_result> address_finder::look_up(const std::string& host, clock::time_point deadline) {
  struct reply {
    descriptor ready = make_eventfd();
    std::mutex mutex;
    lookup_result result;
  };
  if (!names_) names_ = make_resolver();
  const auto r = std::make_shared<reply>();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
  const auto id = names_->resolve(host, left, [r](const lookup_result& x) {
    std::lock_guard lock(r->mutex);
    r->result = x;
    signal(r->ready.get());
  });
  const auto in_time = wait_for(r->ready, deadline + 100ms); // the resolver keeps to the time, too
  names_->cancel(id);
  if (!in_time) return {};
  std::lock_guard lock(r->mutex);
  return r->result;
}

bool address_finder::wait_for(const descriptor& x, clock::time_point deadline) const {
  pollfd polled[] = {{x.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
  ::poll(polled, 2, static_cast<int>(std::max(left, 0ms).count()));
  return polled[1].revents == 0;
}

// None if it was stopped.
std::optional<std::string> address_finder::objection(const question& q, clock::time_point deadline) {
  struct reply {
    descriptor ready = make_eventfd();
    std::mutex mutex;
    std::optional<std::string> text;
  };
  if (!asker_) asker_ = std::make_shared<worker_thread>();
  const auto r = std::make_shared<reply>();
  asker_->run([r, ask = q.objection] {
    auto text = ask();
    std::lock_guard lock(r->mutex);
    r->text = std::move(text);
    signal(r->ready.get());
  });
  if (!wait_for(r->ready, deadline)) return {};
  std::lock_guard lock(r->mutex);
  return r->text.value_or("the TLS files can't be read: their disk does not answer.");
}

address_finder::answer address_finder::find_now(const question& q) {
  const auto deadline = clock::now() + q.timeout;
  const auto by_proxy = !q.proxy.host.empty();
  if (q.objection) {
    auto x = objection(q, deadline);
    if (!x || !x->empty()) return {{}, 0, {}, x.value_or("")};
  }
  const auto& host = by_proxy ? q.proxy.host : q.host;
  const auto port = by_proxy ? q.proxy.port : q.port;
  if (const auto figures = parse_address(host); figures && !by_proxy) return {figures, 0, {}};
  const auto found = look_up(host, deadline);
  if (!found) return {};
  auto addresses = interleaved(found->addresses);
  if (addresses.empty() && found->status == lookup_status::unknown_name)
    return {{}, 0, fmt::format("the address of {} was not found. Check the host name.", host)};
  if (addresses.empty())
    return {
        {},
        0,
        fmt::format("no name server tells the address of {}. Check the name servers of this machine.", host)};
  const auto old = std::remove_if(addresses.begin(), addresses.end(), [&](const auto& x) {
    return std::find(q.tried.begin(), q.tried.end(), x) != q.tried.end();
  });
  if (old != addresses.begin()) addresses.erase(old, addresses.end()); // else all of them once more
  if (addresses.size() == 1 && !by_proxy) return {addresses.front(), 0, {}};
  auto won = race(addresses, port, deadline, stop_.get());
  if (!won.winner && by_proxy)
    return {{},
            0,
            fmt::format("the proxy {} can't be reached: {}. Check that it is running, and "
                        "mqttConfig.proxy.",
                        q.proxy.name(), described(won.losers))};
  if (!won.winner)
    return {{},
            0,
            fmt::format("none of its addresses takes connections: {}. Check that it is running, and host "
                        "and port.",
                        described(won.losers))};
  if (!by_proxy) return {won.winner, addresses.size() - 1 - won.losers.size(), {}};
  const auto target = mqtt_proxy{q.host, q.port}.name();
  auto problem = open_tunnel(won.connection.get(), q.proxy, target, deadline, stop_.get());
  if (!problem.empty()) return {{}, 0, std::move(problem)};
  return {won.winner, 0, {}, {}, std::make_shared<descriptor>(std::move(won.connection))};
}

} // namespace senseflow::runtime
