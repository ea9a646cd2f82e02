#include "test/support/conservation.hpp"

#include <charconv>

namespace senseflow::test {

namespace {

/// What follows `key`; empty if it is not there.
std::string_view after(std::string_view payload, std::string_view key) {
  auto at = payload.find(key);
  return at == std::string_view::npos ? std::string_view{} : payload.substr(at + key.size());
}

uint64_t count(const nlohmann::json& line, const char* key) { return line.value(key, uint64_t{0}); }

constexpr std::array places{"inSources", "inMemory", "inFlight", "onDisk"};
constexpr std::array summed{"received", "recovered", "published", "acknowledged", "inSources", "inMemory",
                            "inFlight", "onDisk",    "repeated",  "kernelDrops",  "lostBefore"};

int64_t number(const nlohmann::json& line, const char* key) {
  const auto i = line.find(key);
  return i == line.end() ? 0 : i->get<int64_t>();
}

/// Which of the two is to blame, what is before the outbox or what is behind it, shows in its numbers.
std::string sequence(const received_message& m) {
  auto i = m.user.find("sequence");
  return i == m.user.end() ? std::string{} : " (sequence " + i->second + ")";
}

} // namespace

event_mark mark_of(std::string_view payload) {
  event_mark result;
  auto text = after(payload, R"("message":"event )");
  if (text.empty()) text = after(payload, R"("request_id":)");
  result.known = std::from_chars(text.data(), text.data() + text.size(), result.number).ec == std::errc{};
  auto host = after(payload, R"("host":")");
  result.host = host.substr(0, host.find('"'));
  return result;
}

witness::witness(const subscriber& sub, std::string base) : sub_(sub), base_(std::move(base)) {
  for (auto c : event_classes) by_class_[c];
}

bool witness::wait_for(const std::function<bool(const witness&)>& p, std::chrono::milliseconds within) {
  return sub_.wait_for(
      [&](const auto& messages) {
        for (; read_ < messages.size(); ++read_) read(messages[read_]);
        return p(*this);
      },
      within);
}

size_t witness::distinct() const {
  size_t n = 0;
  for (const auto& [cls, x] : by_class_) n += x.numbers.size();
  return n;
}

size_t witness::duplicates() const {
  size_t n = 0;
  for (const auto& [cls, x] : by_class_) n += x.duplicates;
  return n;
}

void witness::read(const received_message& m) {
  constexpr std::string_view ledger = "/ledger";
  if (m.topic.rfind(base_ + "senseflow/", 0) == 0 && m.topic.size() > ledger.size() &&
      m.topic.compare(m.topic.size() - ledger.size(), ledger.size(), ledger) == 0)
    return ledgers_.read(m.payload);
  for (auto& [cls, x] : by_class_) {
    auto main = base_ + cls;
    if (m.topic.rfind(main, 0) != 0) continue;
    auto mark = mark_of(m.payload);
    if (!mark.known) {
      ++x.strangers;
      return;
    }
    if (m.topic != main) {
      x.detailed.insert(mark.number);
      return;
    }
    if (!x.numbers.insert(mark.number).second) {
      ++x.duplicates;
      return;
    }
    auto [latest, first] =
        x.latest_of_host.try_emplace(std::string{mark.host}, arrivals::arrival{mark.number, sequence(m)});
    if (!first && mark.number < latest->second.number) {
      if (x.disorder++ == 0)
        x.first_disorder = "event " + std::to_string(mark.number) + " of " + latest->first + sequence(m) +
                           " after " + std::to_string(latest->second.number) + latest->second.sequence;
    } else {
      latest->second = {mark.number, sequence(m)};
    }
    return;
  }
}

uint64_t total_of(const nlohmann::json& reasons) {
  uint64_t sum = 0;
  for (const auto& n : reasons) sum += n.get<uint64_t>();
  return sum;
}

std::string unlawful(const std::string& name, const nlohmann::json& line) {
  std::string result;
  int64_t in = 0, out = 0; // a number that has wrapped around is negative here
  for (const auto* x : {"received", "recovered"}) in += number(line, x);
  out += number(line, "published");
  for (const auto* reasons : {"filtered", "dropped"})
    for (const auto& n : line.value(reasons, nlohmann::json::object())) out += n.get<int64_t>();
  for (const auto* place : places) {
    if (number(line, place) < 0)
      result += name + ": " + place + " is " + std::to_string(number(line, place)) + "\n";
    out += number(line, place);
  }
  if (in != out)
    result += name +
              ": received + recovered = published + filtered + dropped + places: " + std::to_string(in) +
              " is not " + std::to_string(out) + "\n";
  return result;
}

std::string unlawful_ledger(const nlohmann::json& ledger) {
  std::string result;
  if (const auto faults = number(ledger, "faults"); faults != 0)
    result += "faults: " + std::to_string(faults) + "\n";
  for (const auto& [cls, line] : ledger.at("classes").items()) {
    result += unlawful(cls, line);
    std::map<std::string, int64_t> sums;
    const auto sources = ledger.at("sources").value(cls, nlohmann::json::object());
    for (const auto& [source, of_source] : sources.items()) {
      result += unlawful(cls + " of '" + source + "'", of_source);
      for (const auto* x : summed) sums[x] += number(of_source, x);
    }
    for (const auto* x : summed)
      if (sums[x] != number(line, x))
        result += cls + ": " + x + " of all sources is " + std::to_string(sums[x]) + " and not " +
                  std::to_string(number(line, x)) + "\n";
  }
  return result;
}

void ledger_account::read(const std::string& payload) {
  ++count;
  if (wrong.size() < 1000) wrong += unlawful_ledger(nlohmann::json::parse(payload));
}

bool witness::ledger_goes_on(std::chrono::milliseconds within) {
  wait_for([](const witness&) { return true; });
  const auto before = ledgers_.count;
  return wait_for([&](const witness& w) { return w.ledgers_.count >= before + 2; }, within);
}

std::string violations(const std::string& cls, const nlohmann::json& ledger, const arrivals& got,
                       uint64_t sent, uint64_t hostile, bool broker_repeats) {
  const auto line = ledger.value(cls, nlohmann::json::object());
  std::string result = unlawful(cls, line);
  auto equal = [&](const std::string& what, uint64_t a, uint64_t b) {
    if (a != b)
      result += cls + ": " + what + ": " + std::to_string(a) + " is not " + std::to_string(b) + "\n";
  };
  equal("sent = received + dropped by the kernel", sent + hostile,
        count(line, "received") + count(line, "kernelDrops"));
  equal("distinct = published", got.numbers.size(), count(line, "published"));
  equal("distinct below the main topic = published", got.detailed.size(), count(line, "published"));
  equal("payloads of unknown origin", got.strangers, 0);
  if (!broker_repeats && got.duplicates > count(line, "repeated"))
    equal("duplicates <= repeated", got.duplicates, count(line, "repeated"));
  if (got.disorder > 0)
    result += cls + ": " + std::to_string(got.disorder) +
              " events overtaken by later ones of their host, first " + got.first_disorder + "\n";
  if (!result.empty()) result += cls + ": " + line.dump() + "\n";
  return result;
}

} // namespace senseflow::test
