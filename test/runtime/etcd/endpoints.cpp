#define CAF_SUITE runtime.etcd.endpoints
#include "test/support/unit_test.hpp"

#include "runtime/etcd/endpoints.hpp"

using namespace senseflow;

CAF_TEST(the one that answered last is asked first and the others after it) {
  runtime::etcd_endpoints x({"http://a:1", "http://b:2", "http://c:3"});
  std::vector<bool> tried(3);
  std::vector<size_t> order;
  x.answered(1);
  while (const auto i = x.next(tried)) {
    order.push_back(*i);
    tried[*i] = true;
  }
  CAF_CHECK(order == (std::vector<size_t>{1, 2, 0}));
}

CAF_TEST(one that has failed gives its place to the next only if it had the first) {
  runtime::etcd_endpoints x({"http://a:1", "http://b:2", "http://c:3"});
  x.failed(2);
  CAF_CHECK_EQUAL(x.first(), 0u);
  x.failed(0);
  CAF_CHECK_EQUAL(x.first(), 1u);
  x.failed(1);
  x.failed(2);
  CAF_CHECK_EQUAL(x.first(), 0u);
}

CAF_TEST(of a URL only scheme host and port are used) {
  runtime::etcd_endpoints x(
      {"https://user:secret@host.example.com:2379/path?x", "http://[::1]:1", "ftp://a:1", "no url at all"});
  CAF_CHECK_EQUAL(x.at(0).url, "https://host.example.com:2379");
  CAF_CHECK(x.at(0).names.names() == std::vector<std::string>{"host.example.com"});
  CAF_CHECK_EQUAL(x.at(1).url, "http://[::1]:1");
  CAF_CHECK(x.at(1).names.names().empty());
  CAF_CHECK_EQUAL(x.at(2).url, "");
  CAF_CHECK_EQUAL(x.at(3).url, "");
}
