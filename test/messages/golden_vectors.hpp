// Recorded vectors of the reference program (test/golden/README.md) at the level of pure functions: loading,
// comparing, counting. YAML settings of a vector's variant come from test/golden/configs/.
#pragma once

#include "messages/encode/encoding.hpp"
#include "test/support/base64.hpp"
#include "test/support/paths.hpp"
#include "test/support/unit_test.hpp"

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace golden {

using nlohmann::json;

inline std::string path_of(const std::string& file) {
  return senseflow::test::source_path("test/golden/" + file);
}

inline std::string read_file(const std::string& file) {
  std::ifstream in{path_of(file), std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  if (!in) CAF_FAIL("cannot read " << path_of(file));
  return out.str();
}

inline std::vector<json> read_vectors(const std::string& file) {
  std::vector<json> out;
  std::istringstream lines{read_file(file)};
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) out.push_back(json::parse(line));
  return out;
}

/// The `Butler-SOS` node of a variant; ports and the like are filled in with something harmless.
inline YAML::Node read_settings(const std::string& variant) {
  auto text = read_file("configs/" + variant + ".yaml");
  for (size_t at = 0; (at = text.find("{{", at)) != std::string::npos;)
    text.replace(at, text.find("}}", at) + 2 - at, "1234");
  return YAML::Load(text)["Butler-SOS"];
}

/// The text under `name`, or, if it was recorded as bytes, under `name`_b64.
inline std::string bytes_of(const json& x, const std::string& name) {
  if (x.contains(name)) return x[name].get<std::string>();
  return x.contains(name + "_b64") ? senseflow::test::from_base64(x[name + "_b64"].get<std::string>())
                                   : std::string{};
}

/// Payloads by topic, those of one topic in their order.
using publications = std::map<std::string, std::vector<std::string>>;

inline publications expected_of(const json& vector) {
  publications out;
  for (const auto& x : vector.contains("expected") ? vector["expected"] : vector["published"])
    out[x["topic"].get<std::string>()].push_back(bytes_of(x, "payload"));
  return out;
}

inline publications actual_of(const senseflow::messages::encoded& x) {
  publications out;
  if (const auto* sent = std::get_if<senseflow::messages::publication>(&x))
    for (const auto& m : sent->messages) out[m.topic.str()].push_back(m.payload.str());
  return out;
}

/// The tag `__proto__` is left out on both sides: the reference loses it and we keep it (departure
/// tag-names).
inline json comparable(json x) {
  if (x.is_object() && x.contains("tags") && x["tags"].is_object()) x["tags"].erase("__proto__");
  return x;
}

inline bool same_payload(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto x = json::parse(a, nullptr, false);
  const auto y = json::parse(b, nullptr, false);
  return x.is_structured() && y.is_structured() && comparable(x) == comparable(y);
}

inline bool same_payloads(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_payload);
}

inline bool same_publications(const publications& a, const publications& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && same_payloads(x.second, y.second);
  });
}

inline bool contains_publications(const publications& all, const publications& some) {
  return std::all_of(some.begin(), some.end(), [&all](const auto& x) {
    const auto i = all.find(x.first);
    return i != all.end() && same_payloads(i->second, x.second);
  });
}

/// What any publication must be, whatever came in.
inline bool is_sound(const publications& all) {
  return std::all_of(all.begin(), all.end(), [](const auto& x) {
    return !x.first.empty() && x.first.find_first_of("+#") == std::string::npos &&
           x.first.find('\0') == std::string::npos;
  });
}

/// A departure for which the recording has no expectation, or one that was made before the departure "end of
/// the datagram" (messages/README.md): a line end or a blank behind the last id no longer costs the id.
inline bool is_free_departure(const json& vector) {
  static const std::set<std::string> end_of_datagram{"le-base-0094", "le-base-0095", "le-base-0399",
                                                     "le-base-0611", "le-base-0616"};
  return vector["policy"] == "depart" &&
         (!vector.contains("expected") || end_of_datagram.count(vector["id"].get<std::string>()) > 0);
}

/// Agreement of one file.
class tally {
public:
  void add(const json& vector, const publications& actual) {
    CAF_CHECK(is_sound(actual));
    const auto policy = vector["policy"].get<std::string>();
    if (is_free_departure(vector)) {
      ++departures_;
      return;
    }
    ++compared_;
    auto& share = by_policy_[policy];
    ++share.compared;
    const auto expected = expected_of(vector);
    const bool agrees =
        policy == "superset" ? contains_publications(actual, expected) : same_publications(actual, expected);
    if (agrees) {
      ++agreed_;
      ++share.agreed;
    } else {
      report(vector, expected, actual);
    }
  }

  /// What happens outside of pure functions: rate limits, HTTP errors and the like.
  void skip() { ++skipped_; }

  void print(const std::string& file, const std::string& remark) const {
    std::cout << file << ": " << agreed_ << " of " << compared_ << " agree, " << departures_
              << " departures without an expectation, " << skipped_ << " beyond pure functions" << remark
              << "\n";
  }

  struct share {
    size_t agreed = 0;
    size_t compared = 0;
  };

  /// Of `exact`, `superset` or `depart`.
  share of(const std::string& policy) const {
    const auto i = by_policy_.find(policy);
    return i == by_policy_.end() ? share{} : i->second;
  }

  size_t agreed() const { return agreed_; }
  size_t compared() const { return compared_; }

private:
  static void report(const json& vector, const publications& expected, const publications& actual) {
    std::cout << "  differs: " << vector["id"] << " " << vector["policy"] << "\n";
    for (const auto& [side, all] : {std::make_pair("expected", expected), std::make_pair("actual", actual)})
      for (const auto& [topic, payloads] : all)
        for (const auto& payload : payloads)
          std::cout << "    " << side << " " << topic << " " << payload.substr(0, 800) << "\n";
  }

  size_t agreed_ = 0;
  size_t compared_ = 0;
  size_t departures_ = 0;
  size_t skipped_ = 0;
  std::map<std::string, share> by_policy_;
};

} // namespace golden
