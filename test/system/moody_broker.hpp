// A broker that does every rude thing at random while it counts what it has taken of bench's events.
#pragma once

#include "test/support/conservation.hpp"
#include "test/support/dice.hpp"
#include "test/support/rude_broker.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

/// What brokers have taken, all together. Thread-safe.
class taken_messages {
public:
  struct of_class {
    std::set<uint64_t> acknowledged; ///< at any of its topics, as far as a broker has said so
    std::set<uint64_t> seen;         ///< besides, with QoS 0
  };

  void take(const mqtt_publish& m, bool answered) {
    std::lock_guard lock(mutex_);
    for (const std::string cls : event_classes)
      if (m.topic.rfind("butler-sos/" + cls, 0) == 0)
        if (const auto mark = mark_of(m.payload); mark.known) {
          auto& c = by_class_[cls];
          (answered ? c.acknowledged : c.seen).insert(mark.number);
        }
    if (m.topic.find("/ledger") != std::string::npos) ledgers_.push_back(m.payload);
    ++by_topic_[m.topic];
  }

  of_class of(const std::string& cls) const {
    std::lock_guard lock(mutex_);
    const auto i = by_class_.find(cls);
    return i == by_class_.end() ? of_class{} : i->second;
  }
  std::vector<std::string> ledgers() const {
    std::lock_guard lock(mutex_);
    return ledgers_;
  }
  std::map<std::string, size_t> by_topic() const {
    std::lock_guard lock(mutex_);
    return by_topic_;
  }

private:
  mutable std::mutex mutex_; // guards all below
  std::map<std::string, of_class> by_class_;
  std::map<std::string, size_t> by_topic_;
  std::vector<std::string> ledgers_;
};

class moody_broker {
public:
  using ending = rude_broker::ending;
  using reaction = rude_broker::reaction;

  enum class mood : uint8_t {
    calm,
    random,
    // The same for ever:
    slams,         ///< accepts and closes at once
    dismisses,     ///< with a DISCONNECT
    refuses,       ///< CONNECT
    takes_one,     ///< message, then closes
    takes_nothing, ///< closes over each message
    remembers      ///< a session that was never there
  };

  moody_broker(uint64_t seed, taken_messages& taken, const std::string& address)
      : random_(seed), taken_(taken), aut_(address, 0, 100) {
    aut_.on_connect([this](const auto& x) { return connect(x.packet.level); });
    aut_.on_publish([this](const auto& x) {
      auto r = publish(x);
      const auto success = x.packet.qos == 0 || (r.answer && (r.code < 0x80 || x.level < 5));
      if (success) taken_.take(x.packet, x.packet.qos > 0);
      return r;
    });
  }

  void be(mood m) {
    mood_ = m;
    if (m == mood::calm) aut_.silence(false);
    if (m == mood::calm) aut_.listen();
    if (m != mood::random) aut_.end(ending::fin);
  }

  rude_broker& operator*() { return aut_; }
  rude_broker* operator->() { return &aut_; }

  /// Something a broker says to end a connection, or that looks so.
  static std::string dismissal(dice& r) {
    const auto code = static_cast<uint8_t>(r.one_in(2) ? r.below(256) : 0x80 + r.below(0x23));
    switch (r.below(6)) {
    case 0:
      return std::string("\xe0\x00", 2);
    case 1:
      return std::string("\xe0\x01") + static_cast<char>(code);
    case 2:
      return std::string("\xe0\x05\x8b"); // cut off
    case 3:
      return disconnect(code, {{}, {{mqtt_properties::reason_string, words(r)}}, {}});
    case 4:
      return disconnect(code, {{}, {{mqtt_properties::server_reference, words(r)}}, {}});
    default:
      return disconnect(code);
    }
  }

  /// Something that a publisher has not asked for, or nobody understands.
  static std::string nonsense(dice& r, uint8_t level) {
    using type = mqtt_packet_type;
    const auto id = static_cast<uint16_t>(60'000 + r.below(5'000)); // none that is on its way
    switch (r.below(14)) {
    case 0:
      return r.bytes(1 + r.below(200));
    case 1:
      return std::string("\x30\xff\xff\xff\x7f"); // 256 MB to come
    case 2:
      return std::string("\x30\xff\xff\xff\xff\xff");
    case 3:
      return connack(level, 0, false, {});
    case 4:
      return acknowledgement(type::puback, level, id, 0);
    case 5:
      return acknowledgement(type::pubrec, level, id, 0);
    case 6:
      return acknowledgement(type::pubrel, level, id, 0);
    case 7:
      return acknowledgement(type::pubcomp, level, id, 0);
    case 8:
      return acknowledgement(type::suback, level, id, 0);
    case 9:
      return acknowledgement(type::unsuback, level, id, 0);
    case 10:
      return pingresp();
    case 11:
      return std::string("\x40\x01\x00", 3); // a PUBACK that ends too early
    case 12:
      return std::string("\xf0\x00", 2); // AUTH
    default:
      return std::string(level < 5 ? "\x30\x04\x00\x01t!" : "\x30\x05\x00\x01t\x00!", level < 5 ? 6 : 7);
    }
  }

  static std::string words(dice& r) {
    std::string result;
    for (auto n = 1 + r.below(40); n > 0; --n) result += static_cast<char>(32 + r.below(95));
    return result;
  }

  /// For a while: what it closes over.
  void bear_a_grudge(dice& r) {
    static const std::vector<std::string> topics{
        "userevent/session", "logevent", "health", "/mem/", "status", "ledger", "sense1"};
    std::lock_guard lock(mutex_);
    grudge_ = {};
    switch (r.below(6)) {
    case 0:
      grudge_.topic = r.of(topics);
      break;
    case 1:
      grudge_.retained = true;
      break;
    case 2:
      grudge_.bytes = 400 + r.below(2000);
      break;
    default:
      break;
    }
    grudge_.acknowledges = r.one_in(2);
    grudge_.code = r.one_in(3) ? 0x87 : 0;
  }

private:
  struct grudge {
    std::string topic = {};
    bool retained = false;
    size_t bytes = 0;
    bool acknowledges = false; ///< before it closes, as mosquitto does
    uint8_t code = 0;
    bool about(const mqtt_publish& m) const {
      return (!topic.empty() && m.topic.find(topic) != std::string::npos) || (retained && m.retain) ||
             (bytes > 0 && m.payload.size() > bytes);
    }
  };

  ending any_ending() { return random_.one_in(2) ? ending::fin : ending::rst; }
  std::chrono::milliseconds sooner_or_later() {
    return random_.one_in(2) ? std::chrono::milliseconds(0) : random_.ms(1, 700);
  }

  reaction connect(uint8_t level) {
    aut_.set_connack({}, false);
    reaction r;
    switch (mood_) {
    case mood::calm:
    case mood::takes_one:
    case mood::takes_nothing:
      break;
    case mood::slams:
      r.end = ending::fin;
      break;
    case mood::dismisses:
      r.bytes = disconnect(0x97);
      r.end = ending::fin;
      break;
    case mood::refuses:
      r.code = level < 5 ? 3 : 0x88;
      break;
    case mood::remembers:
      aut_.set_connack({}, true);
      r.end = ending::fin;
      break;
    case mood::random:
      rudely_connect(r, level);
    }
    return r;
  }

  void rudely_connect(reaction& r, uint8_t level) {
    if (random_.one_in(2)) lie();
    switch (random_.below(16)) {
    case 0:
      r.code = static_cast<uint8_t>(level < 5 ? 1 + random_.below(6) : 0x80 + random_.below(0x23));
      if (random_.one_in(2)) r.end = any_ending();
      break;
    case 1: // says nothing
      r.answer = false;
      if (random_.one_in(2)) r.end = any_ending();
      break;
    case 2:
      r.answer = random_.one_in(2);
      r.bytes = dismissal(random_);
      if (random_.one_in(2)) r.end = any_ending();
      break;
    case 3:
      r.answer = random_.one_in(2);
      r.bytes = nonsense(random_, level);
      break;
    case 4:
      r.end = any_ending();
      break;
    case 5:
      r.delay = random_.ms(100, 7000); // the client waits for 5 s
      break;
    default:
      break;
    }
    r.end_delay = sooner_or_later();
  }

  void lie() {
    using id = mqtt_properties::id;
    mqtt_properties p;
    const auto maybe = [&](id which, uint32_t value) {
      if (random_.one_in(4)) p.numbers[which] = value;
    };
    maybe(id::receive_maximum, static_cast<uint32_t>(random_.from_to(1, 30)));
    maybe(id::maximum_packet_size, static_cast<uint32_t>(random_.from_to(100, 3000)));
    maybe(id::maximum_qos, static_cast<uint32_t>(random_.below(2)));
    maybe(id::retain_available, 0);
    maybe(id::server_keep_alive, static_cast<uint32_t>(random_.below(40)));
    maybe(id::session_expiry, static_cast<uint32_t>(random_.below(100)));
    if (random_.one_in(8)) p.texts[id::reason_string] = words(random_);
    if (random_.one_in(8)) p.texts[id::assigned_client_id] = words(random_);
    aut_.set_connack(p, random_.one_in(4));
  }

  reaction publish(const rude_broker::seen_message& x) {
    switch (mood_) {
    case mood::takes_one: {
      reaction r;
      r.end = ending::fin;
      return r;
    }
    case mood::takes_nothing: {
      reaction r;
      r.answer = false;
      r.end = ending::fin;
      return r;
    }
    case mood::random:
      return rudely_publish(x);
    default:
      return {};
    }
  }

  reaction rudely_publish(const rude_broker::seen_message& x) {
    reaction r;
    {
      std::lock_guard lock(mutex_);
      if (grudge_.about(x.packet)) {
        r.answer = grudge_.acknowledges;
        r.code = x.packet.dup ? 0 : grudge_.code;
        r.end = any_ending();
        return r;
      }
    }
    switch (random_.below(600)) {
    case 0:
    case 1: // what a resumed session repeats is reported as delivered, whatever the broker says
      r.code = x.packet.dup ? 0 : static_cast<uint8_t>(random_.one_in(3) ? 0x10 : 0x80 + random_.below(0x23));
      break;
    case 2:
      r.answer = false;
      break;
    case 3:
      r.delay = random_.ms(1, 3000);
      break;
    case 4:
    case 5:
      r.answer = random_.one_in(2);
      r.bytes = dismissal(random_);
      if (!random_.one_in(3)) r.end = any_ending();
      break;
    case 6:
      r.bytes = nonsense(random_, x.level);
      break;
    case 7:
      r.answer = random_.one_in(2);
      r.end = any_ending();
      break;
    case 8: // twice
      r.bytes = acknowledgement(x.packet.qos == 2 ? mqtt_packet_type::pubrec : mqtt_packet_type::puback,
                                x.level, x.packet.id, 0);
      break;
    default:
      break;
    }
    r.end_delay = sooner_or_later();
    return r;
  }

  dice random_; // of the broker's thread
  std::atomic<mood> mood_{mood::calm};
  std::mutex mutex_; // guards the next
  grudge grudge_;
  taken_messages& taken_;
  rude_broker aut_;
};

} // namespace senseflow::test
