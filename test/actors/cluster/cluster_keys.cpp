#define CAF_SUITE actors.cluster.cluster_keys
#include "actors/cluster/cluster_keys.hpp"

#include "test/support/dice.hpp"
#include "test/support/unit_test.hpp"

#include <string>
#include <vector>

using namespace senseflow;
using namespace actors;

namespace {

const cluster_keys aut{"prod"};

node_entry entry() {
  node_entry x;
  x.node = {"n1", "n1", "0.1.0", cluster_protocol, digest_format, 3, 17, true};
  x.servers = "0123456789abcdef";
  x.host = "host-1";
  x.pid = 4711;
  x.started = "2026-11-26T10:00:00.000Z";
  x.instance = "abc";
  x.mod_revision = 42;
  return x;
}

runtime::etcd_key key(std::string value, int64_t lease = 17) { return {"k", std::move(value), 5, 42, lease}; }

} // namespace

CAF_TEST(names are one level each whatever they hold) {
  CAF_CHECK_EQUAL(aut.prefix(), "/senseflow/prod/");
  CAF_CHECK_EQUAL(aut.node("n1"), "/senseflow/prod/nodes/n1");
  CAF_CHECK_EQUAL(aut.server("Sense 1/../../x"), "/senseflow/prod/servers/Sense%201%2F..%2F..%2Fx");
  CAF_CHECK_EQUAL(aut.drain("a%b"), "/senseflow/prod/drain/a%25b");
  CAF_CHECK_EQUAL(cluster_keys{"a/b"}.reporter(), "/senseflow/a%2Fb/reporter");
}

CAF_TEST(every name is read back from its key) {
  for (const std::string name : {"n1", "a/b", "%", "%41", "ä ö", "..", "\x01\n", "nodes/x"}) {
    for (const auto& [k, kind] : {std::pair{aut.node(name), cluster_keys::kind::node},
                                  {aut.server(name), cluster_keys::kind::server},
                                  {aut.drain(name), cluster_keys::kind::drain}}) {
      const auto place = aut.read(k);
      CAF_REQUIRE(place);
      CAF_CHECK(place->what == kind);
      CAF_CHECK_EQUAL(place->name, name);
    }
  }
  CAF_CHECK(aut.read(aut.reporter())->what == cluster_keys::kind::reporter);
}

CAF_TEST(a key that this program does not write is none of ours) {
  const std::string p = aut.prefix();
  for (const std::string& x :
       {std::string{}, p, p + "nodes", p + "nodes/", p + "nodes/a/b", p + "nodes/a b", p + "nodes/%2f",
        p + "nodes/%41", p + "nodes/%4", p + "nodes/%", p + "nodes/%FF", p + "other/a", p + "reporter/x",
        std::string{"/senseflow/prod2/nodes/a"}, std::string{"/senseflow/prod"},
        p + "nodes/" + std::string(501, 'a')})
    CAF_CHECK(!aut.read(x));
}

CAF_TEST(an entry is read back as it was written) {
  const auto x = entry();
  const auto back = read_node_entry("n1", key(to_json(x)));
  CAF_REQUIRE(back);
  CAF_CHECK_EQUAL(to_json(*back), to_json(x));
  CAF_CHECK_EQUAL(back->node.id, "n1");
  CAF_CHECK_EQUAL(back->node.lease, 17);
  CAF_CHECK_EQUAL(back->mod_revision, 42);
  CAF_CHECK(back->node.draining);
  CAF_CHECK(same_content(*back, x));
  auto other = x;
  other.node.weight = 4;
  CAF_CHECK(!same_content(other, x));
}

CAF_TEST(an entry without a lease or without what it needs is no living node) {
  CAF_CHECK(!read_node_entry("n1", key(to_json(entry()), 0)));
  for (const auto* x : {"", "{", "[]", "1", "null", "{}", R"({"protocol":1})", R"({"instance":"a"})",
                        R"({"protocol":-1,"instance":"a"})", R"({"protocol":"1","instance":"a"})",
                        R"({"protocol":1e3,"instance":"a"})", R"({"protocol":1,"instance":7})"})
    CAF_CHECK(!read_node_entry("n1", key(x)));
  CAF_CHECK(read_node_entry("n1", key(R"({"protocol":1,"instance":"a"})")));
  CAF_CHECK(
      !read_node_entry("n1", key(R"({"protocol":1,"instance":"a","x":")" + std::string(20000, 'x') + "\"}")));
}

CAF_TEST(hostile values come out harmless) {
  const auto x = read_node_entry(
      "n1",
      key(R"({"protocol":99999999999,"instance":"a","weight":18446744073709551615,"digests":-3,"host":")" +
          std::string(5000, 'h') +
          R"(","topicName":"a/+/#\n","version":["x"],"draining":"yes","later":{}})"));
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->node.weight, 1000000u);
  CAF_CHECK_EQUAL(x->node.protocol, 0xffffffffu);
  CAF_CHECK_EQUAL(x->node.digests, 0u);
  CAF_CHECK_EQUAL(x->host.size(), 100u);
  CAF_CHECK_EQUAL(x->node.topic_name, "a____");
  CAF_CHECK(!x->node.draining);
  test::dice dice{7};
  for (int i = 0; i < 10000; ++i) { // none of it may throw
    auto text = to_json(entry());
    for (int n = 0; n < 3; ++n) text[dice.below(text.size())] = static_cast<char>(dice.below(256));
    read_node_entry("n1", key(text));
    aut.read(aut.prefix() + "nodes/" + dice.bytes(5));
  }
}

CAF_TEST(the mark of a list tells lists apart and nothing else) {
  CAF_CHECK_EQUAL(server_list_mark({"a", "b"}), server_list_mark({"b", "a"}));
  CAF_CHECK(server_list_mark({"a", "b"}) != server_list_mark({"ab"}));
  CAF_CHECK(server_list_mark({"a"}) != server_list_mark({}));
  CAF_CHECK_EQUAL(server_list_mark({"a"}).size(), 16u);
}
