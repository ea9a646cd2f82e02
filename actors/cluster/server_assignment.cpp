#include "actors/cluster/server_assignment.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace senseflow::actors {

namespace {

/// The finalizer of splitmix64.
uint64_t mixed(uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

uint64_t hash_of(std::string_view name) {
  uint64_t result = 0xcbf29ce484222325; // FNV-1a; its upper bits hardly differ for short names
  for (char c : name) result = (result ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return mixed(result);
}

constexpr size_t steps = 256;

/// log2(1 + i / steps) with 32 binary places, one by one: square, and see whether it has passed 2.
constexpr std::array<uint64_t, steps + 1> make_logarithms() {
  std::array<uint64_t, steps + 1> result{};
  for (size_t i = 0; i < steps; ++i) {
    uint64_t x = (steps + i) << 23; // 31 binary places
    for (int bit = 31; bit >= 0; --bit) {
      x = x * x >> 31;
      if (x >> 32 == 0) continue;
      x >>= 1;
      result[i] |= uint64_t{1} << bit;
    }
  }
  result[steps] = uint64_t{1} << 32;
  return result;
}

/// -log2 of x / 2^64 with 32 binary places: between two entries of the table a straight line will do.
uint64_t negative_logarithm(uint64_t x) {
  static constexpr auto table = make_logarithms();
  x |= 1;
  const auto zeros = static_cast<uint64_t>(__builtin_clzll(x));
  x <<= zeros;
  const auto i = static_cast<size_t>(x >> 55 & 0xff);
  const auto rest = x >> 23 & 0xffffffff;
  return ((zeros + 1) << 32) - table[i] - ((table[i + 1] - table[i]) * rest >> 32);
}

struct owner {
  uint64_t hash = 0;
  uint32_t weight = 1;
  uint64_t quota = 0;
  uint64_t count = 0;

  bool off() const { return 20 * (count > quota ? count - quota : quota - count) > quota; }
};

struct owned {
  uint64_t hash = 0;
  size_t by = SIZE_MAX; ///< its owner's place; SIZE_MAX = nobody
};

/// The smaller, the nearer. Of two nodes the one is nearer with a probability in the ratio of the weights.
uint64_t distance(const owner& o, const owned& s) {
  return (negative_logarithm(mixed(o.hash ^ s.hash)) << 24) / o.weight;
}

void set_quotas(std::vector<owner>& owners, uint64_t servers) {
  uint64_t weights = 0;
  for (const auto& x : owners) weights += x.weight;
  std::vector<std::pair<uint64_t, size_t>> remainders;
  auto left = servers;
  for (size_t i = 0; i < owners.size(); ++i) {
    owners[i].quota = servers * owners[i].weight / weights;
    left -= owners[i].quota;
    remainders.emplace_back(servers * owners[i].weight % weights, i);
  }
  std::stable_sort(remainders.begin(), remainders.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : owners[a.second].count > owners[b.second].count;
  });
  for (size_t i = 0; i < left; ++i) ++owners[remainders[i].second].quota;
}

void move_to_nearest(std::vector<owner>& owners, owned& s) {
  auto best = SIZE_MAX;
  auto least = UINT64_MAX;
  for (size_t i = 0; i < owners.size(); ++i) {
    if (owners[i].count >= owners[i].quota) continue;
    const auto d = distance(owners[i], s);
    if (best == SIZE_MAX || d < least) {
      best = i;
      least = d;
    }
  }
  s.by = best; // there is always one: the quotas add up to the number of servers
  ++owners[best].count;
}

void move_surplus(std::vector<owner>& owners, std::vector<owned>& servers) {
  std::vector<std::pair<uint64_t, size_t>> farthest; // distance, server
  for (size_t i = 0; i < servers.size(); ++i)
    if (const auto& o = owners[servers[i].by]; o.count > o.quota)
      farthest.emplace_back(distance(o, servers[i]), i);
  std::sort(farthest.begin(), farthest.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a < b; });
  for (const auto& x : farthest) {
    auto& s = servers[x.second];
    if (owners[s.by].count <= owners[s.by].quota) continue;
    --owners[s.by].count;
    move_to_nearest(owners, s);
  }
}

} // namespace

server_owners assign_servers(const node_weights& nodes, const server_owners& present) {
  std::vector<owner> owners;
  std::map<std::string_view, size_t> places;
  std::vector<const std::string*> ids;
  for (const auto& [id, weight] : nodes) {
    places.emplace(id, owners.size());
    ids.push_back(&id);
    owners.push_back({hash_of(id), std::max(weight, 1u), 0, 0});
  }
  auto result = present;
  if (owners.empty()) {
    for (auto& x : result) x.second.clear();
    return result;
  }

  std::vector<owned> servers;
  servers.reserve(present.size());
  for (const auto& [name, by] : present) {
    const auto place = places.find(by);
    servers.push_back({hash_of(name), place == places.end() ? SIZE_MAX : place->second});
    if (servers.back().by != SIZE_MAX) ++owners[servers.back().by].count;
  }
  set_quotas(owners, servers.size());
  for (auto& s : servers)
    if (s.by == SIZE_MAX) move_to_nearest(owners, s);
  if (std::any_of(owners.begin(), owners.end(), [](const owner& x) { return x.off(); }))
    move_surplus(owners, servers);

  auto s = servers.begin();
  for (auto& x : result) x.second = *ids[s++->by];
  return result;
}

} // namespace senseflow::actors
