// What others publish where this node listens: what a subscription covers, who else uses the node's name, and
// what becomes of the documents by which Home Assistant discovers devices when anybody may write there.
#include "actors/inbound/namesake_watch.hpp"
#include "messages/home_assistant/ids.hpp"
#include "messages/text/topic_filter.hpp"
#include "test/fuzz/discovery_model.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/invariants.hpp"

#include <mosquitto.h>

#include <string>

using namespace senseflow;

namespace {

/// libmosquitto has to agree, where it takes both.
void check_filter(const std::string& filter, const std::string& topic) {
  if (filter.empty() || topic.empty()) return;
  if (mosquitto_sub_topic_check2(filter.data(), filter.size()) != MOSQ_ERR_SUCCESS ||
      mosquitto_pub_topic_check2(topic.data(), topic.size()) != MOSQ_ERR_SUCCESS)
    return;
  bool covered = false;
  if (mosquitto_topic_matches_sub2(filter.data(), filter.size(), topic.data(), topic.size(), &covered) !=
      MOSQ_ERR_SUCCESS)
    return;
  fuzz::require(messages::covers(filter, topic) == covered, "a filter covers what it covers for brokers",
                filter + " " + topic);
}

/// The text that was escaped, read back by the rule of ids.hpp.
std::string unescaped(std::string_view id) {
  std::string out;
  for (size_t i = 0; i < id.size(); ++i)
    if (id[i] != '-')
      out += id[i];
    else if (id.substr(i + 1, 1) == "-")
      out += id[++i];
    else {
      out += static_cast<char>(std::stoi(std::string{id.substr(i + 1, 2)}, nullptr, 16));
      i += 2;
    }
  return out;
}

void check_ids(std::string_view text) {
  constexpr auto letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
  const auto id = messages::home_assistant::escaped_id(text);
  fuzz::require(id.find_first_not_of(letters) == id.npos, "an id has letters that are allowed", id);
  fuzz::require(unescaped(id) == text, "different texts have different ids", id);
  const auto slug = messages::home_assistant::slug(text);
  fuzz::require(slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == slug.npos &&
                    slug.find("__") == slug.npos,
                "a slug is a part of entity ids", slug);
  fuzz::require(slug.empty() || (slug.front() != '_' && slug.back() != '_'), "a slug has no gaps at its ends",
                slug);
  fuzz::require(messages::home_assistant::slug(slug) == slug, "a slug of a slug is the same", slug);
}

/// Under its own name nothing is foreign, nor what the broker has kept.
class names {
public:
  void hear(fuzz::input& in) {
    messages::heard_message x;
    const auto what = in.byte();
    x.retained = (what & 1) != 0;
    if ((what & 2) != 0) x.user["instance"] = (what & 4) != 0 ? "me" : std::string{in.text()};
    x.payload = (what & 8) != 0 ? "offline" : std::string{in.text()};
    x.topic = "n1/" + ((what & 16) != 0 ? std::string{in.text()} : "status");
    const auto who = watch_.foreign(x);
    const auto i = x.user.find("instance");
    const bool ours = i != x.user.end() && i->second == "me";
    if (ours) heard_ours_ = true;
    if (!who) return;
    fuzz::require(!x.retained && !ours, "what may be ours is not foreign", *who);
    fuzz::require(i == x.user.end() ? who->empty() : *who == i->second, "it is told who it is", *who);
    const bool says_something = x.payload.size() > 0 && x.payload.view() != "offline";
    fuzz::require(i != x.user.end() || (heard_ours_ && says_something),
                  "who does not tell is foreign only where ours do", x.payload.view());
  }

private:
  actors::namesake_watch watch_{"me"};
  bool heard_ours_ = false;
};

void check_texts(fuzz::input& in) {
  names known;
  while (!in.empty()) switch (in.step("fin")) {
    case 'f': {
      const std::string filter{in.text()}, topic{in.text()};
      check_filter(filter, topic);
      break;
    }
    case 'i':
      check_ids(in.text());
      break;
    case 'n':
      known.hear(in);
      break;
    }
}

void check_devices(fuzz::input& in) {
  fuzz::discovery_model devices{in};
  constexpr int most_steps = 100; // documents take their time to be made
  for (int i = 0; i < most_steps && !in.empty(); ++i) switch (in.step("hrovacp+")) {
    case 'h': // somebody else
      devices.hear(in, std::string{in.text()});
      break;
    case 'r': // somebody removes it
      devices.hear(in, "");
      break;
    case 'o': // what was published last comes back
      devices.hear_own(in);
      break;
    case 'v':
      devices.see_version(in);
      break;
    case 'a':
      devices.ask_again();
      break;
    case 'c':
      devices.configure(in);
      break;
    case 'p':
      devices.publish();
      break;
    case '+':
      devices.pass(in.span());
      break;
    }
  devices.publish();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{fuzz::to_text(data, size)};
  if (in.step("td") == 'd')
    check_devices(in);
  else
    check_texts(in);
  return 0;
}
