// What actors say of themselves for whoever looks on: the newest of each, no history. Nobody is asked, so an
// actor that is busy or stuck keeps nobody waiting.
#pragma once

#include "messages/insights/alarm.hpp"
#include "messages/insights/arrivals.hpp"
#include "messages/insights/noted.hpp"
#include "messages/items/availability_sample.hpp"
#include "messages/publication.hpp"
#include "runtime/snapshot.hpp"

#include <caf/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Thread-safe. Bounded by the keys: names of the configuration.
template <class Key, class Notice>
class notice_board {
public:
  using map = std::map<Key, Notice>;

  /// `f(Notice&)`; a new one is as its type makes it.
  template <class F>
  void update(const Key& key, F f) {
    std::lock_guard lock{mutex_};
    f(notices_[key]);
  }
  void forget(const Key& key) {
    std::lock_guard lock{mutex_};
    notices_.erase(key);
  }
  map all() const {
    std::lock_guard lock{mutex_};
    return notices_;
  }

private:
  mutable std::mutex mutex_;
  map notices_;
};

struct component_notice {
  enum class phase : uint8_t { running, restarting, stopped };
  phase now = phase::running;
  uint64_t restarts = 0, hangs = 0;
  std::string cause; ///< of the last failure
  caf::timestamp failed_at{};
};

/// Of a publisher.
struct broker_notice {
  bool connected = false;
  std::string address;    ///< host:port, as last connected
  caf::timestamp since{}; ///< of being connected or not
  std::string trouble;    ///< the last one, in words
  caf::timestamp trouble_at{};
  uint32_t window = 0; ///< messages, as the broker allows
  size_t in_flight = 0;
};

struct server_notice {
  std::string host;
  std::optional<messages::availability_sample> state; ///< as of the last poll
  std::string detail;                                 ///< of its trouble, in words
  std::string version;                                ///< of its engine, as it told last; "" = not known
  std::chrono::microseconds poll{0};                  ///< the last good one took so long
  std::optional<uint64_t> users, sessions;
  std::optional<messages::insights::dated_answer> clock;
  /// That it has shown, by API: `health`, `sessions/…`.
  std::map<std::string, messages::insights::seen_certificate> certificates;
};

struct port_notice {
  uint16_t port = 0;
  bool open = false;
  uint64_t receive_buffer = 0; ///< bytes, as granted
  // While arrivals are followed:
  std::chrono::steady_clock::time_point full{}; ///< when it last could not take note of all servers
  std::chrono::steady_clock::time_point
      not_followed{}; ///< when something last came from others than those noted
};

/// What waits in the outbox's memory.
struct backlog_notice {
  uint64_t bytes = 0;
  std::optional<std::chrono::steady_clock::time_point> oldest; ///< event
};

/// A spool that takes nothing.
struct spool_notice {
  caf::timestamp since{}; ///< 0: it takes what comes
  std::string problem;    ///< in words; "" = it does not answer
};

/// Another program that uses the node's name.
struct namesake_notice {
  std::string instance;
  caf::timestamp at{}; ///< when it was heard last; 0: never
};

/// Of the listener.
struct listener_notice {
  std::vector<std::string> unheard; ///< what the broker does not pass on to it, in words
  std::string trouble;              ///< why, in words, as far as it is known
  caf::timestamp since{};
};

/// Thread-safe.
struct notices {
  notice_board<std::string, component_notice> components;                   ///< by path
  notice_board<uint32_t, broker_notice> brokers;                            ///< by the publisher's slot
  notice_board<std::string, server_notice> servers;                         ///< by name
  notice_board<messages::item_class, port_notice> ports;                    ///< by what comes there
  notice_board<std::string, std::vector<messages::insights::alarm>> alarms; ///< by who says so
  snapshot<backlog_notice> backlog;
  snapshot<spool_notice> spool;
  snapshot<namesake_notice> namesake;
  snapshot<listener_notice> listener;
  /// What came by UDP, by the port's class; while somebody wants to know.
  notice_board<messages::item_class, std::shared_ptr<const messages::insights::arrival_list>> arrivals;
  /// Of those that are no Sense servers, by whose it is.
  notice_board<std::string, messages::insights::seen_certificate> certificates;
  snapshot<std::map<std::string, double>> clocks; ///< how many seconds each server's is ahead of ours
};

} // namespace senseflow::runtime
