// What a broker retains where this installation publishes, by whomever: what is ours for certain and in no
// configuration is cleared, and nothing else.
#include "actors/delivery/outbox/retained_state.hpp"
#include "actors/inbound/leftover_search.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/invariants.hpp"

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace senseflow;

namespace {

using topics = std::set<std::string>;

const std::string installation = "0123456789abcdef";
constexpr size_t most_found = 6;

/// Of those that are known by name which may be configured; two of them can be the presence.
std::array<std::string, 8> names_below(const std::string& base) {
  return {base + "health/old",
          base + "health/old/status",
          base + "sessions/old/default",
          base + "senseflow/here/status",
          base + "senseflow/here/other",
          base + "health/\xc3\xa5 b",
          base + "userevent",
          base + "senseflow/there/status"};
}

bool clears(const messages::publication& x) { return x.messages.front().payload.size() == 0; }

/// The program as far as it knows of retained messages, and what has to be true of it.
class program {
public:
  explicit program(fuzz::input& in)
      : base_(std::array{"x/", "", "a/b c/", "$x/"}.at(in.below(4))), names_(names_below(base_)),
        search_(installation + "-00000001",
                {base_ + "health/#", base_ + "sessions/#", base_ + "senseflow/here/+"}, most_found) {
    const auto known = in.byte();
    std::vector<messages::retained_topic> left;
    for (size_t i = 0; i < names_.size(); ++i)
      if ((known >> i & 1) != 0) left.push_back({names_[i], messages::item_class::health, "server1", true});
    state_.recover(left);
    for (const auto& x : left) ours_.try_emplace(x.topic);
  }

  void hear(fuzz::input& in) {
    runtime::mqtt_received m;
    m.topic = topic(in);
    const auto how = in.byte();
    m.retain = how % 8 != 0;
    const auto tells = instance(how / 8 % 8, in);
    if (how / 64 % 4 == 1) m.user["Instance"] = m.user["node"] = installation;
    if (tells) m.user["instance"] = *tells;
    m.payload = std::string{in.text()};
    const auto& where = m.topic.str();
    const bool is_ours = m.retain && m.payload.size() > 0 && tells &&
                         tells->substr(0, installation.size()) == installation && is_place_of_ours(where);
    const bool has_room = proven_.count(where) > 0 || proven_.size() < most_found;
    if (is_ours && has_room)
      proven_.insert(where);
    else
      proven_.erase(where);
    fuzz::require(search_.hear(m) == (!is_ours || has_room), "it is told when there is no room", where);
  }
  void lose_what_was_heard() {
    search_.begin_anew();
    proven_.clear();
  }

  void configure(fuzz::input& in) {
    actors::retained_topics x;
    const auto all = in.byte(), elsewhere = in.byte();
    for (size_t i = 0; i < names_.size(); ++i) {
      if ((all >> i & 1) == 0) continue;
      x.all.insert(names_[i]);
      if ((elsewhere >> i & 1) != 0) x.elsewhere.insert(names_[i]);
    }
    x.node = "here";
    if (const auto presence = in.below(3); presence > 0) {
      x.presence = names_[2 + presence];
      x.all.insert(x.presence);
      x.elsewhere.erase(x.presence);
      ours_.try_emplace(x.presence); // connections publish it
    }
    configured_ = std::make_shared<const actors::retained_topics>(x);
    for (const auto& gone : state_.configured(configured_)) check_may_be_cleared(gone);
  }

  /// What was found at the broker.
  void tell() {
    fuzz::require(search_.found() == proven_, "what is found is ours for certain, and all of that");
    std::vector<messages::retained_topic> found;
    for (const auto& x : search_.found()) found.push_back({x, messages::item_class::node, "here", true});
    topics unknown;
    for (const auto& x : proven_)
      if (configured_ && configured_->all.count(x) == 0 && ours_.count(x) == 0) unknown.insert(x);
    const auto gone = state_.found(found);
    fuzz::require(topics(gone.begin(), gone.end()) == unknown, "what is found and not configured is to go");
    for (const auto& x : unknown) ours_.try_emplace(x);
  }

  /// A value of ours, configured or late.
  void publish(fuzz::input& in) {
    messages::publication x;
    x.origin = "server" + std::to_string(in.below(3));
    x.replaces = "state";
    x.messages.push_back({names_[in.below(names_.size())], "1", 0, true, 0});
    waiting_.push_back({std::move(x), 0});
  }

  void connect(fuzz::input& in) {
    const auto slot = static_cast<uint32_t>(in.below(2));
    state_.connection_began(slot, in.flag());
  }
  void disconnect(fuzz::input& in) { state_.connection_ended(static_cast<uint32_t>(in.below(2))); }
  void ask_for_all() { state_.all_again(); }

  /// All that is due.
  topics take() {
    topics cleared;
    for (uint32_t lane = 0; lane < actors::outbox_lane_count; ++lane)
      while (const auto x = state_.next(lane, 0, [](const auto&) { return false; })) {
        const auto& where = check_item(*x->content);
        if (clears(*x->content)) cleared.insert(where);
        if (waiting_.size() < most_waiting) waiting_.push_back(*x);
      }
    return cleared;
  }

  /// The next one of those goes out, unless it came too late.
  void send(fuzz::input& in) {
    const auto slot = static_cast<uint32_t>(in.below(2));
    if (waiting_.empty()) return;
    const auto x = std::move(waiting_.front());
    waiting_.pop_front();
    if (state_.outdated(*x.content)) return;
    const auto& where = x.content->messages.front().topic.str();
    const bool clearing = clears(*x.content);
    if (clearing) check_not_configured(where);
    if (!clearing || ours_.count(where) > 0) ours_[where] = !clearing;
    state_.sent(slot, *x.content);
    on_the_way_.push_back(x);
  }
  /// With some luck the broker has got it.
  void settle(fuzz::input& in) {
    const auto which = in.byte(), luck = in.byte();
    if (on_the_way_.empty()) return;
    const auto i = on_the_way_.begin() + static_cast<std::ptrdiff_t>(which % on_the_way_.size());
    const auto x = *i;
    on_the_way_.erase(i);
    if (luck % 4 == 0) return; // it is not known what became of it
    if (luck % 4 == 1) return state_.delivered(x, {{messages::outcome::refused, {}}});
    state_.delivered(x, {});
    const auto known = ours_.find(x.content->messages.front().topic.str());
    if (clears(*x.content) && known != ours_.end() && !known->second) ours_.erase(known);
  }

  /// Over a connection that is there alone all goes that is to go.
  void check_end() {
    state_.connections_ended();
    state_.connection_began(0, false);
    topics rest;
    for (const auto& [x, filled] : ours_)
      if (configured_ && configured_->all.count(x) == 0) rest.insert(x);
    fuzz::require(take() == rest, "all that is ours and not configured is cleared in the end");
  }

private:
  static constexpr size_t most_waiting = 100;

  /// Some that are known, and hostile ones.
  std::string topic(fuzz::input& in) const {
    const auto which = in.below(16);
    if (which < names_.size()) return names_[which];
    switch (which) {
    case 8:
      return std::string{in.text()};
    case 9:
      return base_ + std::string{in.text()};
    case 10:
      return base_ + "sessions/" + std::string{in.text()};
    case 11:
      return base_ + "senseflow/here/" + std::string{in.text()};
    case 12:
      return base_ + "health/" + std::string{in.text()} + '\0';
    case 13: { // up to 51,000 levels
      auto x = base_ + "health";
      for (size_t n = in.byte() * size_t{200}; n > 0; --n) x += "/a";
      return x;
    }
    default:
      return base_ + "health/" + std::string{in.text()};
    }
  }

  static std::optional<std::string> instance(int how, fuzz::input& in) {
    switch (how) {
    case 0:
      return std::nullopt;
    case 1:
      return installation.substr(1);
    case 2:
      return std::string{in.text()};
    case 3:
      return "0123456789abcde0-00000001";
    case 4:
      return installation + std::string{in.text()};
    default:
      return installation + (how == 5 ? "-00000001" : "-0000abcd");
    }
  }

  /// Where the program publishes what is retained, and anybody can.
  bool is_place_of_ours(const std::string& where) const {
    constexpr size_t longest = 65'535;
    if (where.size() > longest || where.find_first_of(std::string{"+#\0", 3}) != where.npos ||
        !fuzz::is_utf8(where) || where.compare(0, base_.size(), base_) != 0)
      return false;
    const auto rest = where.substr(base_.size());
    const auto begins = [&](const std::string& x) { return rest.compare(0, x.size(), x) == 0; };
    const std::string own = "senseflow/here/";
    return rest == "health" || rest == "sessions" || begins("health/") || begins("sessions/") ||
           (begins(own) && rest.find('/', own.size()) == rest.npos);
  }

  void check_may_be_cleared(const std::string& where) const {
    fuzz::require(ours_.count(where) > 0, "what is cleared is ours", where);
    check_not_configured(where);
  }
  void check_not_configured(const std::string& where) const {
    fuzz::require(configured_ && configured_->all.count(where) == 0, "what is configured is not cleared",
                  where);
  }

  /// Its topic.
  const std::string& check_item(const messages::publication& x) const {
    fuzz::require(x.messages.size() == 1 && x.messages.front().retain && messages::is_state(x.cls),
                  "it is retained state");
    const auto& where = x.messages.front().topic.str();
    if (clears(x))
      check_may_be_cleared(where);
    else if (configured_)
      fuzz::require(configured_->elsewhere.count(where) == 0, "what others publish is left to them", where);
    return where;
  }

  const std::string base_;
  const std::array<std::string, 8> names_;
  actors::leftover_search search_;
  actors::retained_state state_;
  std::deque<actors::outbox_item> waiting_, on_the_way_;
  topics proven_;                    ///< by what was heard last, over this connection
  std::map<std::string, bool> ours_; ///< published or told, and not cleared; a value went out last
  std::shared_ptr<const actors::retained_topics> configured_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{fuzz::to_text(data, size)};
  program aut{in};
  constexpr int most_steps = 300;
  for (int i = 0; i < most_steps && !in.empty(); ++i) switch (in.step("mlctpbeansd")) {
    case 'm':
      aut.hear(in);
      break;
    case 'l':
      aut.lose_what_was_heard();
      break;
    case 'c':
      aut.configure(in);
      break;
    case 't':
      aut.tell();
      break;
    case 'p':
      aut.publish(in);
      break;
    case 'b':
      aut.connect(in);
      break;
    case 'e':
      aut.disconnect(in);
      break;
    case 'a':
      aut.ask_for_all();
      break;
    case 'n':
      aut.take();
      break;
    case 's':
      aut.send(in);
      break;
    case 'd':
      aut.settle(in);
      break;
    }
  aut.check_end();
  return 0;
}
