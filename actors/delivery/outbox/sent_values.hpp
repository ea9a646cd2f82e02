// What was sent last of polled state, by topic: what says the same again need not be sent.
#pragma once

#include "messages/delivery.hpp"
#include "messages/publication.hpp"
#include "messages/rules/sameness.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace senseflow::actors {

struct on_change_options {
  bool values = false;    ///< single values, and lists as they came
  bool documents = false; ///< JSON objects of our own
  messages::deadbands bands;
  std::chrono::milliseconds refresh_every{600'000}; ///< longer nothing is left out
};

/// Not thread-safe. Knows only what may be relied on: what was given to a publisher and did not come back, over
/// connections that have lasted since. To forget is always safe: then all is sent once more.
class sent_values {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Remembers up to `max_bytes`; what has no room goes out each time.
  explicit sent_values(uint64_t max_bytes = 16u << 20) : max_bytes_(max_bytes) {}

  /// From now on. Forgets: what a former configuration has sent may have been cleared.
  void configured(std::shared_ptr<const on_change_options> x);

  /// The broker may have lost what it got, or somebody asks for all.
  void forget();
  /// Likewise, and before this time subscribers may not be back: what is sent until then goes out once more.
  void forget_until(time_point x);

  /// The publication with only those of its messages that have news, perhaps none; nothing if all of them have.
  std::optional<messages::publication> news_of(const messages::publication& x, time_point now) const;

  void sent(const messages::publication& x, time_point now);
  /// It may not have arrived.
  void lost(const messages::publication& x);
  /// It has, but for what was refused. `each`: what became of its messages; empty: all were delivered.
  void delivered(const messages::publication& x, const std::vector<messages::message_outcome>& each);

  /// So many messages were not sent because they have no news.
  void left_out(size_t messages) { counts_.unchanged += messages; }

  struct counts {
    uint64_t unchanged = 0;    ///< messages that were left out
    uint64_t unremembered = 0; ///< values sent that are not remembered, for want of room
  };
  const counts& counted() const { return counts_; }
  uint64_t bytes() const { return bytes_; }

private:
  struct value {
    messages::mqtt_message message;
    time_point sent{};
  };
  /// Of one server, or one of its virtual proxies.
  struct record {
    messages::provenance from; ///< another owner has sent other values
    std::vector<value> values; ///< in the order of the messages
    time_point sent{};         ///< the last of them
  };
  using records = std::unordered_map<std::string, record>; ///< by `replaces`

  bool compares(const messages::mqtt_message& m) const;
  bool is_news(const record& r, size_t n, const messages::mqtt_message& m, time_point now) const;
  void put(record& r, size_t n, const messages::mqtt_message& m, time_point now);
  void erase(record& r, const std::string& topic);
  void sweep(time_point now);

  uint64_t max_bytes_;
  std::shared_ptr<const on_change_options> options_; ///< null: nothing is left out
  records records_;
  uint64_t bytes_ = 0; ///< of all values, roughly
  counts counts_;
  time_point swept_{};
  time_point forgets_until_{};
};

} // namespace senseflow::actors
