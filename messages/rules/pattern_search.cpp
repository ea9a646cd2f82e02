#include "messages/rules/pattern_search.hpp"

#include <map>

namespace senseflow::messages {

pattern_search::pattern_search(const std::vector<std::string>& patterns) : nodes_(1) {
  std::vector<std::map<unsigned char, uint32_t>> tree(1);
  for (uint32_t p = 0; p < patterns.size(); ++p) {
    uint32_t state = root;
    for (const char c : patterns[p]) {
      const auto fresh = static_cast<uint32_t>(tree.size());
      const auto [i, added] = tree[state].emplace(static_cast<unsigned char>(c), fresh);
      state = i->second;
      if (added) tree.emplace_back();
    }
    if (nodes_.size() < tree.size()) nodes_.resize(tree.size());
    nodes_[state].pattern = p;
  }
  for (size_t s = 0; s < tree.size(); ++s) {
    nodes_[s].first_edge = static_cast<uint32_t>(edges_.size());
    nodes_[s].edges = static_cast<uint32_t>(tree[s].size());
    for (const auto& [byte, to] : tree[s]) edges_.push_back({byte, to});
  }
  for (const auto& [byte, to] : tree[root]) from_root_[byte] = to;
  link();
}

// Breadth first, so that what a node falls back to is linked before the node itself.
void pattern_search::link() {
  std::vector<uint32_t> queue{root};
  for (size_t i = 0; i < queue.size(); ++i) {
    const auto state = queue[i];
    const auto& from = nodes_[state];
    for (auto e = from.first_edge; e < from.first_edge + from.edges; ++e) {
      const auto to = edges_[e].to;
      const auto fallback = state == root ? root : step(from.fallback, edges_[e].byte);
      nodes_[to].fallback = fallback;
      nodes_[to].next_output = nodes_[fallback].pattern == none ? nodes_[fallback].next_output : fallback;
      queue.push_back(to);
    }
  }
}

} // namespace senseflow::messages
