#define CAF_SUITE actors.delivery.outbox.spool_dialogue
#include "test/actors/delivery/outbox/item.hpp"

#include "actors/delivery/outbox/spool_dialogue.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;
using messages::spool_status;

namespace {

struct dialogue_and_tasks {
  actors::spool_tasks tasks;
  actors::spool_dialogue aut{5ms, 1000ms, 2000ms};
  actors::spool_dialogue::time_point now{1h};
  size_t payload_size = 1;
  uint64_t at_sources = 0;
  actors::outbox_lanes lanes{};

  std::optional<messages::spool_commit> commit() {
    return aut.next_commit(
        now, tasks,
        [&](uint64_t id, uint32_t lane) -> std::optional<messages::spool_entry> {
          if (id % 10 == 0) return std::nullopt; // not there any more
          return messages::spool_entry{id, lane, 0, event(std::string(payload_size, 'x')).content};
        },
        [&] {
          return actors::spool_tasks::by_class{0, 0, at_sources};
        });
  }
  auto answer(uint64_t number, spool_status status) {
    return aut.committed({number, status, {}, {}}, now, tasks);
  }
  /// Until nothing is due, so that what comes next is news.
  void settle_down() {
    while (auto x = commit()) answer(x->number, spool_status::ok);
    now += 10s;
    while (auto x = commit()) answer(x->number, spool_status::ok);
    now += 2s;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(spool_dialogue_tests, dialogue_and_tasks)

CAF_TEST(one commit is on its way at a time) {
  tasks.write(1, 4);
  auto first = commit();
  CAF_REQUIRE(first);
  CAF_CHECK_EQUAL(first->writes.size(), 1u);
  CAF_CHECK_EQUAL(first->writes.front().lane, 4u);
  tasks.write(2, 0);
  CAF_CHECK(!aut.commit_due(tasks));
  CAF_CHECK(!commit());
  CAF_CHECK(answer(first->number, spool_status::ok));
  CAF_CHECK(commit());
}

CAF_TEST(few commits are done at once and many wait for their interval) {
  uint64_t id = 0;
  const auto write_at_once = [&] {
    tasks.write(++id, 0);
    tasks.write(++id, 0);
    const auto x = commit();
    if (x) answer(x->number, spool_status::ok);
    return x.has_value();
  };
  for (int i = 0; i < 100; ++i, now += 5ms) CAF_CHECK(write_at_once());
  int commits = 0;
  for (int ms = 0; ms < 1000; ++ms, now += 1ms) commits += write_at_once() ? 1 : 0;
  CAF_CHECK(commits >= 200 && commits <= 210);
  write_at_once();
  CAF_CHECK(!write_at_once());
  CAF_CHECK(*aut.commit_due(tasks) > now && *aut.commit_due(tasks) <= now + 5ms);
}

CAF_TEST(a commit has a limit and leaves out what is not there any more) {
  for (uint64_t id = 1; id <= 3000; ++id) tasks.write(id, 0);
  auto x = commit();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->writes.size(), 2000u);
  CAF_CHECK_EQUAL(x->writes[9].id, 11u);
  answer(x->number, spool_status::ok);
  payload_size = 1 << 20;
  CAF_CHECK_EQUAL(commit()->writes.size(), 4u);
}

CAF_TEST(a commit that got no answer is asked for again under its number) {
  tasks.write(1, 0);
  auto first = commit();
  aut.no_answer();
  tasks.write(2, 0);
  auto again = commit();
  CAF_REQUIRE(again);
  CAF_CHECK(*again == *first);
  CAF_CHECK(!answer(first->number + 1, spool_status::ok)); // nobody waits for that
  auto done = answer(first->number, spool_status::ok);
  CAF_REQUIRE(done);
  CAF_CHECK(done->content == *first);
  CAF_CHECK(!answer(first->number, spool_status::ok));
}

CAF_TEST(removing is not urgent and without news there is nothing to say) {
  settle_down();
  CAF_CHECK(!commit());
  now += 100ms;
  tasks.remove(1);
  CAF_CHECK(!aut.commit_due(tasks));
  auto x = commit();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->removes, (std::vector<uint64_t>{1}));
  answer(x->number, spool_status::ok);
  tasks.remove(2);
  now += 99ms;
  CAF_CHECK(!commit());
  now += 1ms;
  CAF_CHECK(commit());
}

CAF_TEST(the numbers of what is at risk are written down when they change) {
  settle_down();
  at_sources = 7;
  auto x = commit();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->at_risk[2], 7u);
  answer(x->number, spool_status::ok);
  now += 1s;
  CAF_CHECK(!commit());
}

CAF_TEST(after a failure the disk is tried again later and meanwhile what has arrived is removed) {
  tasks.remove(1);
  tasks.write(1, 0);
  auto x = commit();
  auto done = answer(x->number, spool_status::failed);
  CAF_REQUIRE(done);
  CAF_CHECK(!aut.works());
  tasks.write(1, 0);
  now += 100ms;
  x = commit();
  CAF_REQUIRE(x);
  CAF_CHECK(x->writes.empty());
  CAF_CHECK_EQUAL(x->removes, (std::vector<uint64_t>{1})); // again
  CAF_CHECK(!answer(x->number, spool_status::ok)->works_again);
  CAF_CHECK(!aut.works()); // that it removes says nothing about writing
  CAF_CHECK(!commit());
  now = *aut.commit_due(tasks);
  x = commit();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->writes.size(), 1u);
  CAF_CHECK(answer(x->number, spool_status::ok)->works_again);
  CAF_CHECK(aut.works());
}

CAF_TEST(a disk that does not even remove is left alone until it is tried again) {
  tasks.write(1, 0);
  answer(commit()->number, spool_status::failed);
  tasks.write(1, 0);
  tasks.remove(2);
  now += 100ms;
  answer(commit()->number, spool_status::failed);
  now += 100ms;
  CAF_CHECK(!commit());
  now = *aut.commit_due(tasks);
  auto x = commit();
  CAF_CHECK_EQUAL(x->writes.size(), 1u);
  CAF_CHECK(x->removes.empty()); // each in turn
}

CAF_TEST(a disk that was set aside has nothing to remove) {
  tasks.remove(1);
  answer(commit()->number, spool_status::damaged);
  CAF_CHECK(!aut.works());
  CAF_CHECK(tasks.nothing_to_remove());
}

CAF_TEST(a spool that says nothing does not work until it does and what was asked stays asked) {
  CAF_CHECK(!aut.falls_silent(now, tasks));
  now += 10s; // nothing was to be done
  tasks.write(1, 0);
  const auto asked = commit();
  CAF_CHECK(!aut.falls_silent(now, tasks));
  now += 1999ms;
  CAF_CHECK(!aut.falls_silent(now, tasks));
  now += 1ms;
  CAF_CHECK(aut.falls_silent(now, tasks));
  CAF_CHECK(!aut.falls_silent(now, tasks)); // it is
  CAF_CHECK(!aut.works());
  CAF_CHECK(!commit());
  CAF_CHECK(aut.heard());
  CAF_CHECK(!aut.heard());
  CAF_CHECK(aut.works());
  CAF_CHECK(answer(asked->number, spool_status::ok));
}

CAF_TEST(a read without an answer and a spool that is not there are silence too) {
  lanes[3].on_disk = 100;
  CAF_REQUIRE(aut.next_read(now, lanes, 1000));
  CAF_CHECK(!aut.falls_silent(now, tasks));
  now += 2s;
  CAF_CHECK(aut.falls_silent(now, tasks));
  CAF_CHECK(aut.heard());
  aut.no_answer();
  CAF_CHECK(!aut.falls_silent(now, tasks));
  tasks.write(1, 0); // and nobody to ask
  CAF_CHECK(!aut.falls_silent(now, tasks));
  now += 2s;
  CAF_CHECK(aut.falls_silent(now, tasks));
}

CAF_TEST(lanes are read in turn and one at a time) {
  lanes[3].on_disk = lanes[7].on_disk = 100;
  lanes[3].read_up_to = 41;
  auto x = aut.next_read(now, lanes, 1000);
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->lane, 3u);
  CAF_CHECK_EQUAL(x->after, 41u);
  CAF_CHECK_EQUAL(x->max_bytes, 1000u);
  CAF_CHECK(!aut.next_read(now, lanes, 1000));
  CAF_CHECK(!aut.loaded({x->number + 1, spool_status::ok, {}, {}, {}}, now));
  CAF_CHECK_EQUAL(aut.loaded({x->number, spool_status::ok, {}, {}, {}}, now)->lane, 3u);
  x = aut.next_read(now, lanes, 1000);
  CAF_CHECK_EQUAL(x->lane, 7u);
  aut.no_answer();
  x = aut.next_read(now, lanes, 1000);
  CAF_CHECK_EQUAL(x->lane, 3u);
  CAF_CHECK(aut.works());
  CAF_CHECK(aut.loaded({x->number, spool_status::damaged, {}, {}, {}}, now));
  CAF_CHECK(!aut.works());
}

CAF_TEST(the last commit removes the rest and says that nothing is at risk) {
  tasks.remove(1);
  at_sources = 5;
  auto x = aut.last_commit(tasks);
  CAF_CHECK_EQUAL(x.removes, (std::vector<uint64_t>{1}));
  CAF_CHECK_EQUAL(x.at_risk, std::vector<uint64_t>(messages::item_class_count, 0));
}

CAF_TEST(the disk is told in time how far ids have got though nothing is to be written) {
  settle_down();
  for (uint64_t i = 0; i < actors::id_reserve::ahead / 2; ++i) tasks.given_ids.next();
  CAF_CHECK(!commit());
  now += 2s;
  tasks.given_ids.next();
  auto x = commit();
  CAF_REQUIRE(x);
  CAF_CHECK_EQUAL(x->ids_below, tasks.given_ids.last() + 1 + actors::id_reserve::ahead);
  answer(x->number, spool_status::failed);
  now += 2s;
  x = commit();
  CAF_REQUIRE(x);
  answer(x->number, spool_status::ok);
  now += 2s;
  CAF_CHECK(!commit());
  now += 2s;
  tasks.write(1, 0);
  x = commit();
  CAF_REQUIRE(x);
  answer(x->number, spool_status::damaged); // the new file knows nothing
  now += 2s;
  x = commit();
  CAF_REQUIRE(x);
  CAF_CHECK_GREATER(x->ids_below, tasks.given_ids.last());
  CAF_CHECK_EQUAL(aut.last_commit(tasks).ids_below, tasks.given_ids.last() + 1);
}

CAF_TEST(a disk that has refused to store is in trouble until it stores again) {
  settle_down();
  CAF_CHECK(!aut.in_trouble());
  tasks.write(1, 0);
  answer(commit()->number, spool_status::failed);
  CAF_CHECK(aut.in_trouble());
  now += 1s;
  answer(commit()->number, spool_status::ok); // with nothing to write: it is tried again with the next event
  CAF_CHECK(aut.works());
  CAF_CHECK(aut.in_trouble());
  tasks.write(2, 0);
  answer(commit()->number, spool_status::ok);
  CAF_CHECK(!aut.in_trouble());
}

CAF_TEST(one that has failed otherwise is in trouble until it does anything) {
  settle_down();
  tasks.remove(1);
  answer(commit()->number, spool_status::failed);
  CAF_CHECK(aut.in_trouble());
  now += 1s;
  answer(commit()->number, spool_status::ok);
  CAF_CHECK(!aut.in_trouble());
}

CAF_TEST_FIXTURE_SCOPE_END()
