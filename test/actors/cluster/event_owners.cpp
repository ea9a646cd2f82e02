#define CAF_SUITE actors.cluster.event_owners
#include "test/support/unit_test.hpp"

#include "actors/cluster/event_owners.hpp"

#include <map>

using namespace senseflow::actors;
using namespace std::chrono_literals;

namespace {

cluster_view view(const std::vector<std::string>& names) {
  cluster_view x;
  x.certain = true;
  for (const auto& n : names) {
    cluster_node c;
    c.id = "id-" + n;
    c.topic_name = n;
    c.digests = digest_format;
    x.nodes.push_back(c);
  }
  return x;
}

std::map<std::string, std::string> owners(const event_owners& x) {
  std::map<std::string, std::string> result;
  for (int i = 0; i < 3000; ++i) {
    const auto origin = "sense" + std::to_string(i);
    result[origin] = x.of(origin);
  }
  return result;
}

} // namespace

CAF_TEST(shares are about equal and nobody else is concerned when a node goes) {
  event_owners aut{{}};
  CAF_CHECK_EQUAL(aut.of("x"), "");
  aut.see(view({"a", "b", "c"}), {});
  CAF_CHECK(aut.certain() && aut.lives("a"));
  const auto before = owners(aut);
  std::map<std::string, int> shares;
  for (const auto& [origin, owner] : before) ++shares[owner];
  for (const auto& [owner, n] : shares) CAF_CHECK(n > 850 && n < 1150);
  aut.see(view({"a", "c"}), {});
  CAF_CHECK(!aut.lives("b"));
  for (const auto& [origin, owner] : owners(aut))
    if (before.at(origin) != "b") CAF_CHECK_EQUAL(owner, before.at(origin));
}

CAF_TEST(owners are the same in every build) {
  event_owners aut{{}};
  aut.see(view({"a", "b", "c"}), {});
  std::string all;
  for (int i = 0; i < 20; ++i) all += aut.of("sense" + std::to_string(i));
  CAF_CHECK_EQUAL(all, "cacabcaaaacacacabccb");
}

CAF_TEST(all nodes but the owner have a place of their own in the row of those who publish in its stead) {
  std::map<unsigned, int> at;
  for (const auto* self : {"a", "b", "c", "d"}) {
    event_owners aut{{}, self};
    CAF_CHECK_EQUAL(aut.others_first("x"), 2u); // nobody knows
    aut.see(view({"a", "b", "c"}), {});
    ++at[aut.others_first("x")];
  }
  CAF_CHECK_EQUAL(at, (std::map<unsigned, int>{{0, 2}, {1, 1}, {3, 1}})); // the owner's does not matter
}

CAF_TEST(only nodes of the group that speak our format and stay own anything) {
  event_owners aut{{"id-a", "id-b", "id-c"}};
  auto x = view({"a", "b", "c", "d"});
  x.nodes[1].digests = 0;
  x.nodes[2].draining = true;
  aut.see(x, {});
  for (const auto& [origin, owner] : owners(aut)) CAF_CHECK_EQUAL(owner, "a");
  CAF_CHECK_EQUAL(aut.foreign(), 1u);
  CAF_CHECK(aut.lives("c"));
  x.nodes[0].draining = true;
  aut.see(x, {});
  CAF_CHECK(aut.of("y") == "a" || aut.of("y") == "c");
}

CAF_TEST(what becomes ours because somebody has joined is ours a moment later) {
  event_owners::time_point now{1h};
  event_owners aut{{}, "b", 500ms};
  CAF_CHECK(!aut.ours("x", now)); // nobody knows
  aut.see(view({"a"}), now);
  CAF_CHECK(!aut.ours("x", now + 1h));
  aut.see(view({}), now);
  CAF_CHECK(!aut.ours("x", now + 1h)); // we are not there ourselves
  CAF_CHECK(!aut.joined() && !aut.alone());
  aut.see(view({"a"}), now);
  std::string gained, foreign;
  aut.see(view({"a", "b"}), now);
  for (int i = 0; gained.empty() || foreign.empty(); ++i) {
    const auto origin = "h" + std::to_string(i);
    (aut.of(origin) == "b" ? gained : foreign) = origin;
  }
  CAF_CHECK(aut.joined() && !aut.alone());
  CAF_CHECK(!aut.ours(gained, now + 499ms));
  CAF_CHECK(aut.ours(gained, now + 500ms));
  now += 1h;
  aut.see(view({"a", "b", "c"}), now);
  if (aut.of(gained) == "b") CAF_CHECK(aut.ours(gained, now)); // as before
  aut.see(view({"b"}), now);
  CAF_CHECK(!aut.lives("a"));
  CAF_CHECK(aut.alone());
  CAF_CHECK(aut.ours(foreign, now + 500ms));
}

CAF_TEST(what becomes ours because somebody leaves is ours a moment later) {
  const event_owners::time_point now{1h};
  event_owners aut{{}, "b", 500ms};
  auto x = view({"a", "b"});
  aut.see(x, now - 1h);
  std::string origin = "h";
  while (aut.of(origin) != "a") origin += 'h';
  x.nodes[0].draining = true;
  aut.see(x, now);
  CAF_CHECK_EQUAL(aut.of(origin), "b");
  CAF_CHECK(!aut.ours(origin, now + 499ms));
  aut.see(view({"b"}), now + 100ms);
  CAF_CHECK(!aut.ours(origin, now + 499ms));
  CAF_CHECK(aut.ours(origin, now + 500ms));
}

CAF_TEST(a view that is not certain changes nothing else) {
  event_owners aut{{}};
  aut.see(view({"a"}), {});
  auto x = view({"b"});
  x.certain = false;
  aut.see(x, {});
  CAF_CHECK(!aut.certain());
  CAF_CHECK_EQUAL(aut.of("x"), "a");
  CAF_CHECK(aut.lives("a") && !aut.lives("b"));
}
