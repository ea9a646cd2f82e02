#define CAF_SUITE runtime.service.scheduler
#include "test/support/unit_test.hpp"

#include "runtime/service/scheduler.hpp"

#include "test/support/eventually.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <sys/resource.h>

#include <atomic>
#include <future>

using namespace senseflow;
using namespace senseflow::test;

namespace {

struct fixture {
  struct configuration : caf::actor_system_config {
    configuration() {
      load<runtime::scheduler>();
      set("scheduler.max-threads", size_t{2});
    }
  };

  configuration with;
  caf::actor_system sys{with};
  std::atomic<int> heard{0};
  caf::actor counter =
      sys.spawn([this](caf::event_based_actor*) -> caf::behavior { return {[this](int n) { heard += n; }}; });
};

long waits() {
  rusage all{};
  ::getrusage(RUSAGE_SELF, &all);
  return all.ru_nvcsw;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(scheduler_tests, fixture)

CAF_TEST(what an actor sent before it hangs waits for nothing but the next wake up) {
  std::promise<void> end;
  auto ended = end.get_future().share();
  std::atomic<bool> hangs{false};
  auto hanging = sys.spawn([&, ended](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self, ended](int n) {
      self->send(counter, n);
      hangs = true;
      ended.wait();
    }};
  });
  // The counter is in the queue already, so that more for it wakes nobody; somebody else's turn does.
  auto other = sys.spawn([](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  caf::anon_send(hanging, 1000);
  CAF_REQUIRE(eventually([&] { return hangs.load(); }));
  caf::anon_send(other, 1);
  CAF_CHECK(eventually([&] { return heard >= 1000; }));
  for (int i = 0; i < 1000; ++i) caf::anon_send(counter, 1);
  CAF_CHECK(eventually([&] { return heard >= 2000; }));
  end.set_value();
}

CAF_TEST(actors that hand over to each other wake no second thread) {
  constexpr int hand_overs = 20'000;
  std::atomic<bool> over{false};
  const auto player = [&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](int n, const caf::actor& other) {
      if (n == 0)
        over = true;
      else
        self->send(other, n - 1, caf::actor_cast<caf::actor>(self));
    }};
  };
  auto one = sys.spawn(player), other = sys.spawn(player);
  const auto before = waits();
  caf::anon_send(one, hand_overs, other);
  CAF_REQUIRE(
      eventually([&] { return over.load(); }, std::chrono::seconds(10), std::chrono::milliseconds(50)));
  CAF_CHECK_LESS(waits() - before, hand_overs / 4);
}

CAF_TEST_FIXTURE_SCOPE_END()
