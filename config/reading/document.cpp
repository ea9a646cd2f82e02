#include "config/reading/document.hpp"

#include "config/reading/libyaml_words.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <cstddef>
#include <sstream>
#include <string>
#include <unordered_set>
#include <utility>

namespace senseflow::config::reading {

namespace {

constexpr size_t max_depth = 64; // yaml-cpp's own depth is limited by the stack

std::vector<event> checked(std::string_view text) {
  events from{text};
  std::vector<event> result;
  std::unordered_set<std::string> anchors;
  size_t depth = 0, documents = 0;
  for (auto e = from.next(); e.what != event::kind::done; e = from.next()) {
    if (e.what == event::kind::document && ++documents > 1)
      throw refused(e.at, "a second YAML document begins", "Keep one; remove the lines '---' and '...'.");
    if ((e.what == event::kind::list || e.what == event::kind::map) && ++depth > max_depth)
      throw refused(e.at, "more than 64 levels of sections and lists", "No setting needs that.");
    if (e.what == event::kind::end) --depth;
    if (e.what == event::kind::alias && anchors.count(e.text) == 0)
      throw refused(e.at, yaml_alias.problem, yaml_alias.remedy);
    if (!e.anchor.empty()) anchors.insert(e.anchor);
    if (e.what != event::kind::document) result.push_back(std::move(e));
  }
  return result;
}

/// Gives each event the value that yaml-cpp has read.
class reader : public YAML::EventHandler {
public:
  explicit reader(std::vector<event>& all) : all_(all) {}

  bool complete() const { return next_ == all_.size(); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& at, YAML::anchor_t) override { one(at, event::kind::scalar); }
  void OnAlias(const YAML::Mark& at, YAML::anchor_t) override { one(at, event::kind::alias); }
  void OnScalar(const YAML::Mark& at, const std::string&, YAML::anchor_t, const std::string& value) override {
    auto& e = one(at, event::kind::scalar);
    if (e.text != value) differ(at);
    e.text = value;
  }
  void OnSequenceStart(const YAML::Mark& at, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    one(at, event::kind::list);
  }
  void OnSequenceEnd() override { one(last_, event::kind::end); }
  void OnMapStart(const YAML::Mark& at, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    one(at, event::kind::map);
  }
  void OnMapEnd() override { one(last_, event::kind::end); }

private:
  event& one(const YAML::Mark& at, event::kind what) {
    last_ = at;
    if (next_ == all_.size() || all_[next_].what != what) differ(at);
    return all_[next_++];
  }

  [[noreturn]] static void differ(const YAML::Mark& at) {
    throw refused({at.line + 1, at.column + 1}, "this is read in different ways by different YAML parsers",
                  "Put the value in quotes, on one line.");
  }

  std::vector<event>& all_;
  size_t next_ = 0;
  YAML::Mark last_;
};

} // namespace

std::vector<event> read_document(std::string_view text) {
  auto result = checked(text);
  std::istringstream in{std::string{text}};
  try {
    YAML::Parser parser{in};
    reader to{result};
    if (parser.HandleNextDocument(to) && to.complete()) return result;
    if (result.empty()) return result; // nothing but comments
    throw refused(result.front().at, "this is read in different ways by different YAML parsers",
                  "Keep to plain 'name: value' lines.");
  } catch (const YAML::Exception& e) {
    throw refused({e.mark.line + 1, e.mark.column + 1}, "is not YAML: " + e.msg,
                  "Look at indentation, quotes and colons at this place and just before it.");
  }
}

} // namespace senseflow::config::reading
