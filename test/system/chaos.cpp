#define CAF_SUITE system.chaos
#include "test/system/chaos_fixture.hpp"

// Everything fails at random while events come in: the actors inside the program, what is around it, and its
// machine with the program itself, each in a thread of its own. In the end the books are exact. For that the
// subscriber must have seen whatever the broker has acknowledged, each once, whatever happens to the broker:
// - A broker that is killed takes what it has acknowledged and not yet delivered with it, and one that is
//   stopped in order delivers again what its subscriber had not acknowledged: neither is senseflow's doing.
//   So the connections of senseflow are frozen first (in the proxy), then the subscriber, connected to the
//   broker itself, takes what there is, then the broker goes. What is on its way from senseflow is lost
//   as ever.
// - After a kill nobody gets in before the subscriber has subscribed again.
// - A rude broker in its place takes nothing, or what it had acknowledged would be missing.
// Freezing the broker and everything done to the network and to senseflow comes without such care.
//
// By hand, for ten minutes: SENSEFLOW_LONG=1. Random choices repeat with SENSEFLOW_SEED; SENSEFLOW_KEEP_LOG
// names a file for what the program said, and what was done to it when.

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST_FIXTURE_SCOPE(chaos_tests, chaos_fixture)

CAF_TEST(whatever fails while events come in each of them arrives and the books are exact) {
  CAF_MESSAGE("SENSEFLOW_SEED=" << seed);
  if (!disk.mounted()) CAF_MESSAGE("the disk is not filled: nothing can be mounted here");
  if (!names.dns) CAF_MESSAGE("no name server falls silent: " << names.problem);
  until = clock_type::now() + (long_run() ? 600s : 24s);
  runs->start();
  CAF_REQUIRE(runs->current().ready());

  const std::vector<deed> inside{{"crash", 3, &chaos_fixture::crash},
                                 {"kill", 2, &chaos_fixture::kill},
                                 {"crash inside", 3, &chaos_fixture::crash_inside},
                                 {"hang inside", 3, &chaos_fixture::hang_inside},
                                 {"want of memory", 5, &chaos_fixture::starve}};
  const std::vector<deed> around{{"broker stopped", 2, &chaos_fixture::stop_broker},
                                 {"broker killed", 2, &chaos_fixture::kill_broker},
                                 {"broker frozen", 3, &chaos_fixture::freeze_broker},
                                 {"network frozen", 4, &chaos_fixture::freeze_network},
                                 {"connections refused", 2, &chaos_fixture::refuse},
                                 {"connections cut", 4, &chaos_fixture::cut},
                                 {"rude broker", 4, &chaos_fixture::be_rude},
                                 {"name server silent", 2, &chaos_fixture::silence_names},
                                 {"left alone", 7, &chaos_fixture::leave_alone}};
  const std::vector<deed> machine{{"disk full", 6, &chaos_fixture::fill_disk},
                                  {"disk silent", 6, &chaos_fixture::silence_disk},
                                  {"hostile datagrams", 6, &chaos_fixture::send_hostile},
                                  {"flood", 4, &chaos_fixture::flood},
                                  {"reload", 6, &chaos_fixture::reload},
                                  {"signal", 6, &chaos_fixture::signal},
                                  {"program frozen", 5, &chaos_fixture::freeze_program},
                                  {"program stopped", 2, &chaos_fixture::stop_program},
                                  {"program given up", 2, &chaos_fixture::let_it_give_up},
                                  {"program killed", 2, &chaos_fixture::kill_program}};
  const auto pauses = long_run() ? 800ms : 400ms;
  std::vector<std::thread> threads;
  size_t n = 0;
  for (const auto* deeds : {&inside, &around, &machine})
    threads.emplace_back([&, deeds, own = seed + n++] { do_at_random(*deeds, pauses, dice{own}); });
  const auto memory = watch();
  for (auto& t : threads) t.join();
  std::string deeds, megabytes;
  for (const auto& [what, times] : done) deeds += what + " " + std::to_string(times) + ", ";
  for (auto x : memory) megabytes += " " + std::to_string(x);
  CAF_MESSAGE(deeds << "most memory in each minute, in MiB:" << megabytes);
  if (const auto* to = std::getenv("SENSEFLOW_KEEP_LOG"))
    std::ofstream{to} << runs->logs() << runs->current().output() << history;
  CAF_REQUIRE_EQUAL(trouble, "");

  CAF_CHECK_EQUAL(runs->end_at_rest(), 0);
  CAF_CHECK(sub.settle());
  seen.wait_for([](const witness&) { return true; });
  for (const auto& [cls, x] : runs->accounts()) check(cls, x, seen.of(cls));
  CAF_CHECK_EQUAL(seen.ledgers().wrong, "");
  size_t logged = 0;
  const auto& log = runs->logs();
  CAF_CHECK_EQUAL(unlawful_in(log, logged), "");
  CAF_CHECK_GREATER(logged, 10u);
  CAF_MESSAGE("ends of components in the log " << occurrences(log, "; restarting in ")
                                               << ", ledgers in the log " << logged << ", published "
                                               << seen.ledgers().count);
  CAF_CHECK_EQUAL(occurrences(log, "does not balance"), 0u);
  CAF_CHECK_EQUAL(occurrences(log, "accounting fault"), 0u);
  if (done["want of memory"] >= 100) // not each of them meets an allocation
    CAF_CHECK_GREATER(occurrences(log, "memory ran out; what was under way was finished"), 0u);
  CAF_CHECK_GREATER(occurrences(log, "; restarting in "), (done["crash"] + done["kill"]) / 2);
  for (auto x : memory) CAF_CHECK_LESS(x, 300u * memory_factor); // 64 MiB of events at most, and the program
  if (memory.size() < 6) return;
  const auto most = [&](size_t from, size_t to) {
    return *std::max_element(memory.begin() + static_cast<std::ptrdiff_t>(from),
                             memory.begin() + static_cast<std::ptrdiff_t>(to));
  };
  const auto half = memory.size() / 2;
  CAF_CHECK_LESS_OR_EQUAL(most(half, memory.size()), most(0, half) + 40 * memory_factor);
}

CAF_TEST_FIXTURE_SCOPE_END()
