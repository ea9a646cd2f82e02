#define CAF_SUITE runtime.net.resolver
#include "test/support/unit_test.hpp"

#include "runtime/net/resolver.hpp"

#include "test/support/eventually.hpp"
#include "test/support/name_server.hpp"
#include "test/support/temp_dir.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;
using runtime::lookup_result;
using runtime::lookup_status;
using strings = std::vector<std::string>;

namespace {

strings texts(const lookup_result& x) {
  strings result;
  for (const auto& a : x.addresses) result.push_back(to_string(a));
  std::sort(result.begin(), result.end());
  return result;
}

/// What comes, in the order in which it comes.
struct answers {
  runtime::resolver::completion take() {
    return [this](const lookup_result& x) {
      std::lock_guard lock{mutex};
      all.push_back(x);
    };
  }
  size_t count() const {
    std::lock_guard lock{mutex};
    return all.size();
  }
  mutable std::mutex mutex;
  std::vector<lookup_result> all;
};

struct fixture {
  name_server server;
  std::shared_ptr<runtime::resolver> aut;

  explicit fixture() { start({}); }

  void start(runtime::resolver_options o) {
    o.name_servers = server.place();
    aut = runtime::make_resolver(o);
  }

  lookup_result ask(const std::string& name, std::chrono::milliseconds timeout = 10s) {
    std::promise<lookup_result> answer;
    aut->resolve(name, timeout, [&](const lookup_result& x) { answer.set_value(x); });
    return answer.get_future().get();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(resolver_tests, fixture)

CAF_TEST(a name gives all addresses of both families) {
  server.tell("sense1.example.com", {"192.0.2.1", "192.0.2.2", "2001:db8::1"});
  const auto x = ask("sense1.example.com");
  CAF_CHECK(x.status == lookup_status::found);
  CAF_CHECK_EQUAL(texts(x), (strings{"192.0.2.1", "192.0.2.2", "2001:db8::1"}));
  CAF_CHECK(x.answered != std::chrono::steady_clock::time_point{});
}

CAF_TEST(figures and the hosts file need no name server) {
  server.silent("");
  CAF_CHECK_EQUAL(texts(ask("192.0.2.7")), (strings{"192.0.2.7"}));
  CAF_CHECK_EQUAL(texts(ask("::1")), (strings{"::1"}));
  const auto local = texts(ask("localhost"));
  CAF_CHECK(std::count(local.begin(), local.end(), "127.0.0.1") == 1);
  CAF_CHECK_EQUAL(server.questions("localhost"), 0u);
}

CAF_TEST(a name that is not there and one without an address are told apart from silence) {
  server.tell("empty.example.com", {});
  CAF_CHECK(ask("empty.example.com").status == lookup_status::unknown_name);
  CAF_CHECK(ask("missing.example.com").status == lookup_status::unknown_name);
  CAF_CHECK(ask("not a name").status == lookup_status::unknown_name);
  server.silent("");
  CAF_CHECK(ask("silent.example.com", 100ms).status == lookup_status::no_answer);
}

CAF_TEST(silence about one name holds up no other) {
  server.tell("good.example.com", {"192.0.2.1"});
  server.silent("silent.example.com");
  answers silent;
  const auto began = std::chrono::steady_clock::now();
  aut->resolve("silent.example.com", 20s, silent.take());
  CAF_CHECK(ask("good.example.com").status == lookup_status::found);
  CAF_CHECK(std::chrono::steady_clock::now() - began < 1s);
  CAF_CHECK_EQUAL(silent.count(), 0u);
}

CAF_TEST(the time limit is kept and a late answer is known for the next one) {
  server.tell("late.example.com", {"192.0.2.1"});
  server.silent("");
  const auto began = std::chrono::steady_clock::now();
  const auto x = ask("late.example.com", 200ms);
  const auto took = std::chrono::steady_clock::now() - began;
  CAF_CHECK(x.status == lookup_status::no_answer && x.addresses.empty());
  CAF_CHECK(took >= 200ms && took < 1s);
  server.silent("", false);
  CAF_CHECK(eventually([&] { return !aut->known("late.example.com").addresses.empty(); }));
}

CAF_TEST(the last good answer stays in use while nobody answers and goes when the name goes) {
  server.tell("sense1.example.com", {"192.0.2.1"});
  const auto first = ask("sense1.example.com");
  server.silent("");
  const auto x = ask("sense1.example.com", 100ms);
  CAF_CHECK(x.status == lookup_status::no_answer);
  CAF_CHECK_EQUAL(texts(x), (strings{"192.0.2.1"}));
  CAF_CHECK(x.answered == first.answered);
  CAF_CHECK_EQUAL(texts(aut->known("sense1.example.com")), (strings{"192.0.2.1"}));
  server.silent("", false);
  server.forget("sense1.example.com");
  CAF_CHECK(ask("sense1.example.com").status == lookup_status::unknown_name);
  CAF_CHECK(aut->known("sense1.example.com").addresses.empty());
}

CAF_TEST(a new address replaces the old one) {
  server.tell("moved.example.com", {"192.0.2.1"});
  ask("moved.example.com");
  server.tell("moved.example.com", {"192.0.2.2"});
  CAF_CHECK_EQUAL(texts(ask("moved.example.com")), (strings{"192.0.2.2"}));
  CAF_CHECK_EQUAL(texts(aut->known("moved.example.com")), (strings{"192.0.2.2"}));
}

CAF_TEST(those who ask for one name share a question) {
  server.silent("");
  answers all;
  for (int i = 0; i < 100; ++i) aut->resolve("shared.example.com", 200ms, all.take());
  CAF_CHECK(eventually([&] { return all.count() == 100; }));
  CAF_CHECK_LESS_OR_EQUAL(server.questions("shared.example.com"), 2u); // A and AAAA
}

CAF_TEST(who has cancelled is not told) {
  server.silent("");
  answers all;
  const auto id = aut->resolve("silent.example.com", 100ms, all.take());
  aut->resolve("silent.example.com", 200ms, all.take());
  aut->cancel(id);
  aut->cancel(id);
  CAF_CHECK(eventually([&] { return all.count() == 1; }));
}

CAF_TEST(more askers and names than allowed are told at once and the oldest name is forgotten) {
  runtime::resolver_options o;
  o.max_askers = 2;
  o.max_known = 2;
  start(o);
  for (const auto* name : {"a.example.com", "b.example.com", "c.example.com"}) {
    server.tell(name, {"192.0.2.1"});
    ask(name);
  }
  CAF_CHECK(aut->known("a.example.com").addresses.empty());
  CAF_CHECK(!aut->known("b.example.com").addresses.empty());
  CAF_CHECK(!aut->known("c.example.com").addresses.empty());
  server.silent("");
  answers waiting;
  aut->resolve("x.example.com", 20s, waiting.take());
  aut->resolve("y.example.com", 20s, waiting.take());
  CAF_CHECK(ask("z.example.com", 20s).status == lookup_status::no_answer);
  CAF_CHECK_EQUAL(texts(ask("c.example.com", 20s)), (strings{"192.0.2.1"}));
  CAF_CHECK_EQUAL(waiting.count(), 0u);
}

CAF_TEST(thousands of names get their answers) {
  constexpr size_t n = 3000;
  for (size_t i = 0; i < n; ++i) server.tell("s" + std::to_string(i) + ".example.com", {"192.0.2.1"});
  answers all;
  for (size_t i = 0; i < n; ++i) aut->resolve("s" + std::to_string(i) + ".example.com", 30s, all.take());
  CAF_REQUIRE(eventually([&] { return all.count() == n; }, 40s));
  const auto found = std::count_if(all.all.begin(), all.all.end(),
                                   [](const auto& x) { return x.status == lookup_status::found; });
  CAF_CHECK_EQUAL(found, static_cast<std::ptrdiff_t>(n));
}

CAF_TEST(a changed resolv.conf is followed and a question that its old servers left open is asked again) {
  std::unique_ptr<name_server> here;
  try {
    here = std::make_unique<name_server>("127.77.0." + std::to_string(::getpid() % 250 + 1), 53);
  } catch (const std::exception& e) {
    CAF_MESSAGE("skipped, port 53 is not for this user: " << e.what());
    return;
  }
  here->tell("sense1.example.com", {"192.0.2.1"});
  const temp_dir directory;
  const auto write = [&](const std::string& address) {
    std::ofstream{directory / "new"} << "nameserver " << address << '\n';
    std::filesystem::rename(directory / "new", directory / "resolv.conf");
  };
  write("192.0.2.53"); // for documentation: nobody answers there
  runtime::resolver_options o;
  o.resolv_conf = directory / "resolv.conf";
  o.patience = 20s;
  aut = runtime::make_resolver(o);
  answers all;
  aut->resolve("sense1.example.com", 30s, all.take());
  CAF_CHECK(ask("sense1.example.com", 200ms).status == lookup_status::no_answer);
  write(here->place().substr(0, here->place().find(':')));
  CAF_CHECK(eventually([&] { return ask("sense1.example.com", 200ms).status == lookup_status::found; }));
  CAF_CHECK(eventually([&] { return all.count() == 1; }));
}

CAF_TEST(the end waits for no name server) {
  server.silent("");
  answers all;
  for (int i = 0; i < 10; ++i) aut->resolve("s" + std::to_string(i) + ".example.com", 60s, all.take());
  CAF_REQUIRE(eventually([&] { return server.questions("s9.example.com") > 0; }));
  const auto began = std::chrono::steady_clock::now();
  aut = nullptr;
  CAF_CHECK(std::chrono::steady_clock::now() - began < 1s);
  CAF_CHECK_EQUAL(all.count(), 0u);
}

CAF_TEST(a completion may release the resolver) {
  server.tell("sense1.example.com", {"192.0.2.1"});
  std::promise<void> done;
  auto own = std::make_shared<std::shared_ptr<runtime::resolver>>(std::move(aut));
  (*own)->resolve("sense1.example.com", 10s, [own, &done](const lookup_result&) {
    own->reset();
    done.set_value();
  });
  CAF_CHECK(done.get_future().wait_for(10s) == std::future_status::ready);
}

CAF_TEST_FIXTURE_SCOPE_END()
