#include "config/reading/tree.hpp"

#include "config/reading/bytes.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

namespace senseflow::config::reading {

namespace {

constexpr size_t max_depth = 64;
constexpr size_t max_nodes = 200000;

struct refused : std::runtime_error {
  refused(mark where, const char* what, const char* what_to_do)
      : std::runtime_error(what), at(where), remedy(what_to_do) {}
  mark at;
  std::string remedy;
};

mark to_mark(const YAML::Mark& x) { return {x.line + 1, x.column + 1}; }

class builder : public YAML::EventHandler {
public:
  node_ptr root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override {
    add(start(at, node::kind::null), anchor);
  }

  void OnAlias(const YAML::Mark& at, YAML::anchor_t anchor) override {
    auto it = anchors_.find(anchor);
    if (it == anchors_.end())
      throw refused(to_mark(at), "an alias refers to a value that holds it", "Write the value out.");
    place(it->second, to_mark(at));
  }

  void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto x = start(at, node::kind::scalar);
    x->text = value;
    x->bare = tag == "?" || tag.empty();
    add(std::move(x), anchor);
  }

  void OnSequenceStart(const YAML::Mark& at, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(at, node::kind::list, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& at, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(at, node::kind::map, anchor);
  }
  void OnMapEnd() override { close(); }

private:
  struct level {
    std::shared_ptr<node> container;
    YAML::anchor_t anchor;
    bool has_key = false;
    std::string key;
    mark key_at;
    std::unordered_map<std::string, int> lines; ///< of the keys so far
    std::vector<node_ptr> merged;
  };

  static std::shared_ptr<node> start(const YAML::Mark& at, node::kind what) {
    auto x = std::make_shared<node>();
    x->what = what;
    x->at = to_mark(at);
    return x;
  }

  void open(const YAML::Mark& at, node::kind what, YAML::anchor_t anchor) {
    if (levels_.size() >= max_depth)
      throw refused(to_mark(at), "is nested more than 64 levels deep", "No setting needs that.");
    level l;
    l.container = start(at, what);
    l.anchor = anchor;
    levels_.push_back(std::move(l));
  }

  void close() {
    auto l = std::move(levels_.back());
    levels_.pop_back();
    for (auto& from : l.merged)
      for (auto& m : from->members)
        if (l.lines.emplace(m.key, m.at.line).second) {
          l.container->members.push_back({m.key, m.at, m.value, 0});
          l.container->size += m.value->size;
        }
    add(std::move(l.container), l.anchor);
  }

  void add(std::shared_ptr<node> x, YAML::anchor_t anchor) {
    node_ptr done = std::move(x);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = done;
    place(done, done->at);
  }

  void place(const node_ptr& x, mark at) {
    if (levels_.empty()) {
      root = x;
      return;
    }
    auto& l = levels_.back();
    auto& container = *l.container;
    container.size += x->size;
    if (container.size > max_nodes)
      throw refused(at, "holds more than 200000 values", "No configuration needs that; look at its aliases.");
    if (container.what == node::kind::list) {
      container.items.push_back(x);
    } else if (!l.has_key) {
      if (x->what != node::kind::scalar)
        throw refused(at, "has a key that is no text", "Write a name as key.");
      l.has_key = true;
      l.key = x->text;
      l.key_at = at;
    } else {
      l.has_key = false;
      place_member(l, x);
    }
  }

  static void place_member(level& l, const node_ptr& x) {
    auto is_map = [](const node_ptr& n) { return n->what == node::kind::map; };
    if (l.key == "<<" && is_map(x)) {
      l.merged.push_back(x);
    } else if (l.key == "<<" && x->what == node::kind::list &&
               std::all_of(x->items.begin(), x->items.end(), is_map)) {
      l.merged.insert(l.merged.end(), x->items.begin(), x->items.end());
    } else {
      auto [first, is_new] = l.lines.emplace(l.key, l.key_at.line);
      l.container->members.push_back({std::move(l.key), l.key_at, x, is_new ? 0 : first->second});
    }
  }

  std::vector<level> levels_;
  std::map<YAML::anchor_t, node_ptr> anchors_;
};

} // namespace

const node::member* node::find(std::string_view key) const {
  auto it = std::find_if(members.begin(), members.end(), [&](const member& m) { return m.key == key; });
  return it == members.end() ? nullptr : &*it;
}

parse_result parse(const std::string& text) {
  if (auto bad = first_bad_byte(text)) return {nullptr, bad->at, bad->problem, bad->remedy};
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    builder first;
    parser.HandleNextDocument(first);
    builder second;
    if (parser.HandleNextDocument(second))
      return {nullptr, {}, "holds more than one YAML document", "Keep one; remove the lines '---'."};
    if (!first.root) first.root = std::make_shared<node>();
    return {first.root, {}, {}, {}};
  } catch (const refused& e) {
    return {nullptr, e.at, e.what(), e.remedy};
  } catch (const YAML::Exception& e) {
    return {nullptr, to_mark(e.mark), "is not YAML: " + e.msg,
            "Look at indentation, quotes and colons at this place and just before it."};
  }
}

} // namespace senseflow::config::reading
