#include "config/reading/tree.hpp"

#include "config/reading/bytes.hpp"
#include "config/reading/document.hpp"
#include "config/reading/libyaml_words.hpp"

#include <algorithm>
#include <unordered_map>

namespace senseflow::config::reading {

namespace {

constexpr size_t max_nodes = 1000000; // more than 4 MiB hold, if it is not aliases

class builder {
public:
  node_ptr document(std::vector<event> events) {
    for (auto& e : events) switch (e.what) {
      case event::kind::scalar:
        add(scalar(e), e.anchor);
        break;
      case event::kind::alias:
        place(find(e), e.at, false);
        break;
      case event::kind::list:
        open(e, node::kind::list);
        break;
      case event::kind::map:
        open(e, node::kind::map);
        break;
      case event::kind::end:
        close();
        break;
      case event::kind::document:
      case event::kind::done:
        break;
      }
    check_anchors();
    return root_ ? root_ : std::make_shared<node>();
  }

private:
  struct level {
    std::shared_ptr<node> container;
    std::string anchor;
    bool has_key = false;
    std::string key;
    bool merge = false; ///< the key is <<
    mark key_at;
    std::unordered_map<std::string, int> lines; ///< of the keys so far
    std::vector<node_ptr> merged;
  };

  struct anchored {
    node_ptr value;
    bool used = false;
  };

  static std::shared_ptr<node> scalar(event& e) {
    auto x = std::make_shared<node>();
    const auto& t = e.text;
    auto is_null = t.empty() || t == "~" || t == "null" || t == "Null" || t == "NULL";
    x->what = !e.quoted && is_null ? node::kind::null : node::kind::scalar;
    x->at = e.at;
    x->text = std::move(e.text);
    x->bare = !e.quoted;
    x->joined = e.joined;
    x->hash_follows = e.hash_follows;
    return x;
  }

  void open(const event& e, node::kind what) {
    level l;
    l.container = std::make_shared<node>();
    l.container->what = what;
    l.container->at = e.at;
    l.anchor = e.anchor;
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

  void add(std::shared_ptr<node> x, const std::string& anchor) {
    node_ptr done = std::move(x);
    if (!anchor.empty()) {
      anchors_.push_back({done});
      newest_[anchor] = anchors_.size() - 1;
    }
    place(done, done->at, done->bare);
  }

  node_ptr find(const event& e) {
    for (auto& l : levels_)
      if (l.anchor == e.text)
        throw refused(e.at, "an alias refers to a value that holds it", "Write the value out.");
    auto& anchor = anchors_[newest_.at(e.text)]; // who names none was refused before
    anchor.used = true;
    return anchor.value;
  }

  /// Nobody names a single value that is not used again: it is a text that begins with '&'.
  void check_anchors() const {
    for (auto& x : anchors_)
      if (!x.used && (x.value->what == node::kind::scalar || x.value->what == node::kind::null))
        throw refused(x.value->at, yaml_anchor.problem, yaml_anchor.remedy);
  }

  void place(const node_ptr& x, mark at, bool bare) {
    if (levels_.empty()) {
      root_ = x;
      return;
    }
    auto& l = levels_.back();
    auto& container = *l.container;
    container.size += x->size;
    if (container.size > max_nodes)
      throw refused(at, "more than " + std::to_string(max_nodes) + " values",
                    "No configuration needs that; look at its aliases.");
    if (container.what == node::kind::list) {
      container.items.push_back(x);
    } else if (!l.has_key) {
      if (x->what != node::kind::scalar && x->what != node::kind::null)
        throw refused(at, "a list or section where a name belongs", "Write 'name: value'.");
      l.has_key = true;
      l.key = x->text;
      l.merge = bare && x->text == "<<";
      l.key_at = at;
    } else {
      l.has_key = false;
      place_member(l, x);
    }
  }

  static void place_member(level& l, const node_ptr& x) {
    auto is_map = [](const node_ptr& n) { return n->what == node::kind::map; };
    if (l.merge && is_map(x)) {
      l.merged.push_back(x);
    } else if (l.merge && x->what == node::kind::list &&
               std::all_of(x->items.begin(), x->items.end(), is_map)) {
      l.merged.insert(l.merged.end(), x->items.begin(), x->items.end());
    } else if (l.merge) {
      throw refused(l.key_at, "'<<' has no section to merge", "Name a section, or a list of sections.");
    } else {
      auto [first, is_new] = l.lines.emplace(l.key, l.key_at.line);
      l.container->members.push_back({std::move(l.key), l.key_at, x, is_new ? 0 : first->second});
    }
  }

  node_ptr root_;
  std::vector<level> levels_;
  std::vector<anchored> anchors_;
  std::unordered_map<std::string, size_t> newest_; ///< index in `anchors_`
};

} // namespace

const node::member* node::find(std::string_view key) const {
  auto it = std::find_if(members.begin(), members.end(), [&](const member& m) { return m.key == key; });
  return it == members.end() ? nullptr : &*it;
}

parse_result parse(const std::string& text) {
  if (auto bad = first_bad_byte(text)) return {nullptr, bad->at, bad->problem, bad->remedy};
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  std::string_view rest = text;
  if (rest.substr(0, byte_order_mark.size()) == byte_order_mark) rest.remove_prefix(byte_order_mark.size());
  try {
    return {builder{}.document(read_document(rest)), {}, {}, {}};
  } catch (const refused& e) {
    return {nullptr, e.at, e.what(), e.remedy};
  }
}

} // namespace senseflow::config::reading
